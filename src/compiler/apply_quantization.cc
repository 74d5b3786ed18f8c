#include <algorithm>
#include <map>

#include "compiler/apply_recipe.h"
#include "compiler/load_recipe.h"
#include "passes/equalize.h"
#include "recipe/commands.h"
#include "recipe/words.h"

namespace graupel {
namespace {

/// Finds what a script means among the layers that the passes left.
class LayerLookup {
 public:
  LayerLookup(const Graph& parsed, const Graph& optimized, const std::vector<Modification>& modifications)
      : parsed_(parsed), optimized_(optimized), known_(layer_names(parsed)) {
    const auto add = [&](const std::string& name) {
      if (std::find(known_.names.begin(), known_.names.end(), name) == known_.names.end()) known_.names.push_back(name);
    };
    for (const Modification& modification : modifications)
      for (const std::string& layer : modification.layers) add(layer);
    for (const std::string& name : layer_names(optimized).names) add(name);
  }

  /// Layers of the optimized graph, "input_layer1" … and "output_layer1" …; all layers when `values` is empty.
  Result<std::set<std::string>> choose(const std::vector<ScriptValue>& values) const {
    std::set<std::string> chosen;
    if (values.empty())
      for (const Layer& layer : optimized_.layers) chosen.insert(layer.name);
    GRAUPEL_TRY(const auto named, resolve_layers(values, known_));
    for (const std::string& name : named)
      if (const auto layer = now(name)) chosen.insert(*layer);
    return chosen;
  }

  const Graph& optimized() const { return optimized_; }

 private:
  /// What is called `name` still, or the layer that absorbed it.
  std::optional<std::string> now(const std::string& name) const {
    const std::vector<std::string> names = layer_names(optimized_).names;
    if (std::find(names.begin(), names.end(), name) != names.end()) return name;
    std::vector<std::string> origins{name};
    for (const Layer& layer : parsed_.layers)
      if (layer.name == name) origins = layer.origins;
    for (const Layer& layer : optimized_.layers) {
      const auto holds = [&](const std::string& origin) {
        return std::find(layer.origins.begin(), layer.origins.end(), origin) != layer.origins.end();
      };
      if (!origins.empty() && std::all_of(origins.begin(), origins.end(), holds)) return layer.name;
    }
    return std::nullopt;
  }

  const Graph& parsed_;
  const Graph& optimized_;
  LayerNames known_;
};

class QuantizationCommands {
 public:
  QuantizationCommands(const LayerLookup& layers, OptimizeOptions& options, std::vector<std::string>& warnings)
      : layers_(layers), options_(options), warnings_(warnings) {}

  Result<> run(const Recipe& recipe) {
    for (const RecipeCommand& command : recipe.commands) {
      if (command.row->stage != RecipeStage::kOptimization) continue;
      GRAUPEL_DO(apply(command).within(command.at.text(), ", ", command.title()));
    }
    apply_level();
    return {};
  }

 private:
  Result<> apply(const RecipeCommand& command) {
    if (command.name == "model_optimization_flavor") return flavor(command);
    if (command.row->feature == "bias_correction") return bias_correction(command);
    if (command.name == "quantization_param") return set_precision(command);
    if (command.row->feature == "activation_clipping" || command.row->feature == "weights_clipping")
      return set_clipping(command);
    if (command.row->feature == "globals") return set_globals(command);
    if (command.row->feature == "dead_layers_removal" && !command.enabled("policy"))
      warn(command, "layers that reach no output are removed nevertheless");
    if (command.row->state == RecipeState::kNotYet && asks_for_something(command))
      warn(command, cat("not yet available: ", command.row->effect));
    return {};
  }

  void warn(const RecipeCommand& command, const std::string& text) {
    warnings_.push_back(cat(command.at.text(), ", ", command.title(), ": ", text));
  }

  Result<> flavor(const RecipeCommand& command) {
    if (command.has("optimization_level") && !options_.level)
      options_.level = static_cast<int>(command.number("optimization_level"));
    if (command.has("compression_level") && command.number("compression_level") > 0)
      warn(command, "compression is not yet available: no weights get 4 bits by themselves");
    return {};
  }

  static Result<Interval> two_numbers(const RecipeCommand& command, std::string_view argument) {
    const std::vector<double> values = command.numbers(argument);
    if (values.size() != 2) return invalid(argument, " has ", values.size(), " values; it takes two");
    return Interval{values[0], values[1]};
  }

  /// What a later command says of a layer replaces what an earlier one said.
  Result<> set_precision(const RecipeCommand& command) {
    GRAUPEL_TRY(const auto layers, layers_.choose(command.values("layers")));
    for (const std::string& layer : layers) {
      LayerQuantization& asked = options_.quantize.layers[layer];
      if (command.has("precision_mode")) {
        GRAUPEL_TRY(asked.precision, parse_precision(command.word("precision_mode")));
      }
      if (command.has("force_range_in")) {
        GRAUPEL_TRY(asked.range_in, two_numbers(command, "force_range_in"));
      }
      if (command.has("force_range_out")) {
        GRAUPEL_TRY(asked.range_out, two_numbers(command, "force_range_out"));
      }
    }
    return {};
  }

  Result<> set_clipping(const RecipeCommand& command) {
    using Mode = Clipping::Mode;
    static const std::map<std::string, Mode> kModes{
        {"disabled", Mode::kDisabled},           {"manual", Mode::kManual}, {"percentile", Mode::kPercentile},
        {"percentile_force", Mode::kPercentile}, {"mmse", Mode::kMse},      {"mmse_if4b", Mode::kDefault}};
    Clipping clipping{kModes.at(command.word("mode")), {}};
    if (clipping.mode == Mode::kManual || clipping.mode == Mode::kPercentile) {
      GRAUPEL_TRY(clipping.values, two_numbers(command, "clipping_values"));
    }
    GRAUPEL_TRY(const auto layers, layers_.choose(command.values("layers")));
    const bool weights = command.row->feature == "weights_clipping";
    for (const std::string& layer : layers)
      (weights ? options_.quantize.layers[layer].weights : options_.quantize.layers[layer].activations) = clipping;
    return {};
  }

  Result<> set_globals(const RecipeCommand& command) {
    if (command.has("output_encoding_vector") && command.enabled("output_encoding_vector"))
      warn(command, "output_encoding_vector is not yet available: an output has one scale");
    if (!command.has("output_16bit") || !command.enabled("output_16bit")) return {};
    for (const std::string& name : read_by_host()) {
      std::optional<Precision>& precision = options_.quantize.layers[name].precision;
      if (!precision) precision.emplace();
      precision->output = 16;
    }
    return {};
  }

  /// The outputs, and behind them the layers whose values the host goes on computing with.
  std::vector<std::string> read_by_host() const {
    const Graph& graph = layers_.optimized();
    const Uses uses(graph);
    std::vector<std::string> names;
    for (std::size_t i = 0; i < graph.outputs.size(); ++i) {
      const auto& producer = uses.producer[static_cast<uint32_t>(graph.outputs[i])];
      if (!producer || !is_host(graph[*producer].op)) {
        names.push_back(cat("output_layer", i + 1));
        continue;
      }
      for (ValueId head : graph[*producer].in)
        if (const auto& made = uses.producer[static_cast<uint32_t>(head)]) names.push_back(graph[*made].name);
    }
    return names;
  }

  Result<> bias_correction(const RecipeCommand& command) {
    if (command.enabled("policy")) return {};
    if (!command.has("layers")) {
      options_.quantize.correct_biases = false;
      return {};
    }
    GRAUPEL_TRY(const auto layers, layers_.choose(command.values("layers")));
    options_.quantize.uncorrected_layers.insert(layers.begin(), layers.end());
    return {};
  }

  void apply_level() {
    if (!options_.level) return;
    if (*options_.level < 0) {
      options_.quantize.activations = RangeMethod::kMinMax;
      options_.quantize.correct_biases = false;
      options_.quantize.widen_blurred = false;
      for (const Layer& layer : layers_.optimized().layers) {
        if (!is_linear(layer.op)) continue;
        Clipping& weights = options_.quantize.layers[layer.name].weights;
        if (weights.mode == Clipping::Mode::kDefault) weights.mode = Clipping::Mode::kDisabled;
      }
    }
    const std::string_view missing = *options_.level >= 3   ? "AdaRound (learned rounding of weights)"
                                     : *options_.level == 2 ? "fine-tuning of weights"
                                                            : "";
    if (!missing.empty())
      warnings_.push_back(cat("optimization level ", *options_.level, " asks for ", missing,
                              ", which is not yet available; level 1 is carried out"));
  }

  const LayerLookup& layers_;
  OptimizeOptions& options_;
  std::vector<std::string>& warnings_;
};

}  // namespace

bool asks_for_something(const RecipeCommand& command) {
  const auto& arguments = command.row->arguments;
  const bool switchable =
      std::any_of(arguments.begin(), arguments.end(), [](const ArgumentRow& row) { return row.name == "policy"; });
  return !switchable || command.enabled("policy");
}

Result<> apply_full_precision_commands(const Recipe& recipe, PassOptions& options) {
  for (const RecipeCommand& command : recipe.commands)
    if (command.row->feature == "ew_add_fusing" && !command.enabled("policy"))
      options.skip.insert(options.skip.end(), {"fuse-residual", "fuse-clamp-of-residual"});
  return {};
}

Result<> apply_equalization(const Recipe& recipe, const Graph& parsed, const std::vector<Modification>& modifications,
                            Graph& optimized) {
  const LayerLookup lookup(parsed, optimized, modifications);
  std::set<std::string> chosen;
  for (const RecipeCommand& command : recipe.commands) {
    if (command.row->feature != "equalization") continue;
    GRAUPEL_TRY(const auto layers,
                lookup.choose(command.values("layers")).within(command.at.text(), ", ", command.title()));
    if (command.enabled("policy"))
      chosen.insert(layers.begin(), layers.end());
    else
      std::erase_if(chosen, [&](const std::string& layer) { return layers.contains(layer); });
  }
  if (chosen.empty()) return {};
  const auto pairs = equalize(optimized, [&](const std::string& layer) { return chosen.contains(layer); });
  return pairs.ok() ? Result<>() : pairs.error();
}

Result<> apply_quantization_commands(const Recipe& recipe, const Har& har, OptimizeOptions& options,
                                     std::vector<std::string>& warnings) {
  return QuantizationCommands(LayerLookup(*har.parsed, *har.optimized, har.modifications), options, warnings)
      .run(recipe);
}

}  // namespace graupel
