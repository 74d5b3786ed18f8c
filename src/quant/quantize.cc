#include "quant/quantize.h"

#include <algorithm>
#include <cmath>

#include "quant/bias_correction.h"
#include "quant/blurred.h"
#include "quant/calibrate.h"
#include "quant/groups.h"
#include "quant/layer_rules.h"
#include "quant/ranges.h"
#include "quant/weights.h"
#include "quant/wide_outputs.h"

namespace graupel {
namespace {

// A part of a concatenation with fewer codes than this is worth a warning.
constexpr int kFewCodes = 13;

// How far 16-bit codes reach beyond the values seen.
constexpr double kHeadroom = 2;

class Quantizer {
 public:
  Quantizer(Graph graph, const Calibration& calibration, const QuantizeOptions& options, QuantRules rules)
      : graph_(std::move(graph)),
        rules_(std::move(rules)),
        calibration_(calibration),
        options_(options),
        uses_(graph_),
        groups_(scale_groups(graph_)) {}

  Result<Graph> run(std::vector<std::string>* warnings) {
    for (ValueId input : graph_.inputs) set_type(input, group_params(input));
    for (uint32_t i = 0; i < graph_.layers.size(); ++i)
      GRAUPEL_DO(quantize_layer(LayerId{i}).within("layer '", graph_.layers[i].name, "'"));
    if (warnings != nullptr) warn_of_wide_concats(*warnings);
    graph_.stage = Stage::kQuantized;
    remove_dead(graph_);
    GRAUPEL_DO(verify(graph_));
    return std::move(graph_);
  }

 private:
  void set_type(ValueId value, const QuantParams& params) {
    graph_[value].type.dtype = codes_of(value);
    graph_[value].type.quant = params;
  }

  const ValueRule& rule_of(ValueId value) const { return rules_.values[groups_[static_cast<uint32_t>(value)]]; }
  DType codes_of(ValueId value) const { return rule_of(value).wide ? DType::kU16 : DType::kU8; }

  // The pixel range that the declared pre-processing can produce; codes then do not depend on the calibration set.
  std::optional<Extremes> declared_range(uint32_t value) const {
    for (std::size_t i = 0; i < graph_.inputs.size(); ++i) {
      const Preprocess& declared = graph_.input_info[i].preprocess;
      if (static_cast<uint32_t>(graph_.inputs[i]) != value || !declared.declared) continue;
      Extremes range;
      const std::size_t channels = std::max<std::size_t>({declared.mean.size(), declared.std.size(), 1});
      for (std::size_t c = 0; c < channels; ++c)
        for (float pixel : {0.0f, 255.0f}) {
          const float mean = declared.mean.empty() ? 0 : declared.mean[c % declared.mean.size()];
          const float std = declared.std.empty() ? 1 : declared.std[c % declared.std.size()];
          const float x = (pixel / declared.scale - mean) / std;
          range.merge({std::min(x, 0.0f), std::max(x, 0.0f)});
        }
      return range;
    }
    return std::nullopt;
  }

  // Pixels are their own codes (N9.1).
  bool takes_pixels(const std::vector<uint32_t>& members, const Extremes& seen) const {
    for (std::size_t i = 0; i < graph_.inputs.size(); ++i) {
      if (std::find(members.begin(), members.end(), static_cast<uint32_t>(graph_.inputs[i])) == members.end()) continue;
      const bool normalized = i < options_.pixel_inputs.size() && options_.pixel_inputs[i];
      if (!normalized) return calibration_.integral_inputs && !graph_.input_info[i].preprocess.declared;
      return seen.lo >= 0 && seen.hi <= 255 && (calibration_.integral_inputs || seen.hi > 127);
    }
    return false;
  }

  // How the only reader sees the value, when that reader is a function of one element.
  Seen seen_behind(ValueId value) const {
    if (!uses_.read_once(value)) return {};
    const Layer& reader = graph_[uses_.readers[static_cast<uint32_t>(value)][0]];
    const Unary* unary = std::get_if<Unary>(&reader.op);
    if (unary == nullptr || unary->kind == UnaryKind::kIdentity) return {};
    return [unary = *unary](double x) { return unary_f64(unary.kind, unary.alpha, unary.beta, x); };
  }

  // True for what leaves the network, itself, moved or behind a function of one element: among boxes and scores of a
  // whole picture the few that matter are the outliers.
  bool leaves(uint32_t value) const {
    if (uses_.is_output[value]) return true;
    const std::vector<LayerId>& readers = uses_.readers[value];
    return std::any_of(readers.begin(), readers.end(), [&](LayerId reader) {
      const Layer& layer = graph_[reader];
      if (is_host(layer.op)) return true;
      const bool element_wise = std::holds_alternative<Unary>(layer.op) || quant_rule(layer.op) == QuantRule::kShared;
      return element_wise && leaves(static_cast<uint32_t>(layer.out[0]));
    });
  }

  // One set of parameters per group, from the counts of all its members; found once.
  QuantParams group_params(ValueId value) {
    const uint32_t group = groups_[static_cast<uint32_t>(value)];
    if (const auto found = params_.find(group); found != params_.end()) return found->second;
    std::vector<uint32_t> members;
    for (uint32_t v = 0; v < groups_.size(); ++v)
      if (groups_[v] == group) members.push_back(v);
    const QuantParams params = choose(members);
    params_.emplace(group, params);
    return params;
  }

  QuantParams choose(const std::vector<uint32_t>& members) const {
    const ValueRule& rule = rule_of(ValueId{members[0]});
    const int32_t most = most_code(codes_of(ValueId{members[0]}));
    if (rule.forced) return cover(rule.forced->lo, rule.forced->hi, most);
    Extremes range;
    std::vector<const Histogram*> parts;
    std::vector<Extremes> constants;
    bool only_inputs = true;
    for (uint32_t member : members) {
      if (const auto& constant = graph_.values[member].constant) {
        Extremes of_constant;
        of_constant.add(constant->as<float>());
        range.merge(of_constant);
      }
      const auto counts = calibration_.values.find(member);
      if (counts == calibration_.values.end()) continue;
      range.merge(counts->second.range());
      parts.push_back(&counts->second);
      if (uses_.producer[member])
        only_inputs = false;
      else if (const auto declared = declared_range(member))
        range.merge(*declared);
    }
    if (only_inputs && takes_pixels(members, range)) return QuantParams::per_tensor(1.0f, 0);
    if (only_inputs) return cover(range.lo, range.hi, most);
    Histogram all(range);
    for (const Histogram* part : parts) all.absorb(*part);
    const Interval clip = rule.clipping.values;
    switch (rule.clipping.mode) {
      case Clipping::Mode::kManual: return cover(clip.lo, clip.hi, most);
      case Clipping::Mode::kPercentile: {
        const Interval inside = between_percentiles(all, clip.lo, clip.hi);
        return cover(inside.lo, inside.hi, most);
      }
      case Clipping::Mode::kDisabled: return cover(range.lo, range.hi, most);
      case Clipping::Mode::kDefault:
      case Clipping::Mode::kMse: break;
    }
    // At 16 bits one bit is better spent on what calibration has not seen than on finer steps.
    if (rule.wide) return cover(kHeadroom * range.lo, kHeadroom * range.hi, most);
    const Seen seen = members.size() == 1 ? seen_behind(ValueId{members[0]}) : Seen{};
    if (std::any_of(members.begin(), members.end(), [&](uint32_t member) { return leaves(member); })) {
      const Interval kept = seen ? where_it_moves(range, seen) : Interval{range.lo, range.hi};
      return cover(kept.lo, kept.hi);
    }
    return choose_range(all, options_.activations, options_.percentile, seen);
  }

  Result<> quantize_layer(LayerId id) {
    GRAUPEL_DO(quantize_constants(id));
    const Layer& layer = graph_[id];
    GRAUPEL_TRY(TensorType type, infer(layer.op, graph_.input_types(layer)));
    if (!type.quant && !is_host(layer.op)) {
      type.dtype = codes_of(layer.out[0]);
      type.quant = group_params(layer.out[0]);
    }
    graph_[layer.out[0]].type = type;
    return {};
  }

  Result<> quantize_constants(LayerId id) {
    if (keeps_float_constants(graph_[id].op)) return {};
    if (is_linear(graph_[id].op)) return quantize_weights(id);
    for (std::size_t i = 0; i < graph_[id].in.size(); ++i) {
      const ValueId value = graph_[id].in[i];
      if (!graph_[value].constant || graph_[value].type.dtype != DType::kF32) continue;
      const Tensor real = *graph_[value].constant;
      TensorType type = real.type;
      Extremes range;
      range.add(real.as<float>());
      const bool shared = quant_rule(graph_[id].op) == QuantRule::kShared;
      const bool wide = rules_.layers[static_cast<uint32_t>(id)].wide_operands;
      type.dtype = shared ? codes_of(graph_[id].out[0]) : wide ? DType::kU16 : DType::kU8;
      type.quant = shared ? group_params(graph_[id].out[0]) : cover(range.lo, range.hi, most_code(type.dtype));
      GRAUPEL_TRY(Tensor codes, quantize(real, type));
      graph_[id].in[i] = graph_.add_value(graph_[value].name, type, std::move(codes));
    }
    return {};
  }

  Result<> quantize_weights(LayerId id) {
    const TensorType& input = graph_[graph_[id].in[0]].type;
    const Value weights = graph_[graph_[id].in[1]], bias = graph_[graph_[id].in[2]];
    GRAUPEL_TRY(QuantizedLinear codes,
                quantize_linear(*weights.constant, *bias.constant, input, rules_.layers[static_cast<uint32_t>(id)]));
    const TensorType weight_type = codes.weights.type, bias_type = codes.bias.type;
    graph_[id].in[1] = graph_.add_value(weights.name, weight_type, std::move(codes.weights));
    graph_[id].in[2] = graph_.add_value(bias.name, bias_type, std::move(codes.bias));
    return {};
  }

  void warn_of_wide_concats(std::vector<std::string>& warnings) const {
    for (const Layer& layer : graph_.layers) {
      if (!std::holds_alternative<Concat>(layer.op)) continue;
      double widest = 0, narrowest = 0;
      for (ValueId in : layer.in) {
        const auto counts = calibration_.values.find(static_cast<uint32_t>(in));
        if (counts == calibration_.values.end()) continue;
        const double width = static_cast<double>(counts->second.range().hi) - counts->second.range().lo;
        if (width <= 0) continue;
        widest = std::max(widest, width);
        narrowest = narrowest == 0 ? width : std::min(narrowest, width);
      }
      if (narrowest <= 0) continue;
      const double codes = most_code(codes_of(layer.out[0])) + 1.0;
      const double used = codes / (rule_of(layer.out[0]).wide ? kHeadroom : 1) * narrowest / widest;
      if (used < kFewCodes)
        warnings.push_back(cat("layer '", layer.name, "' joins tensors whose ranges differ ",
                               static_cast<int>(widest / narrowest),
                               "-fold under one scale: the narrowest keeps about ", static_cast<int>(used), " of ",
                               static_cast<int>(codes), " levels. Cut the model before it with --end-nodes."));
    }
  }

  Graph graph_;
  QuantRules rules_;
  const Calibration& calibration_;
  const QuantizeOptions& options_;
  Uses uses_;
  std::vector<uint32_t> groups_;
  std::map<uint32_t, QuantParams> params_;
};

/// `graph` in the codes that `rules` ask for, and of 16 bits where 8 blur what the results need.
Result<Graph> wide_enough(const Graph& graph, const Calibration& calibration, const std::vector<uint32_t>& groups,
                          QuantRules rules, const FrameSource& frames, const QuantizeOptions& options,
                          std::vector<std::string>* warnings) {
  GRAUPEL_TRY(Graph quantized, Quantizer(graph, calibration, options, rules).run(warnings));
  if (!options.widen_blurred) return quantized;
  GRAUPEL_TRY(std::vector<uint32_t> wide, blurred_groups(graph, quantized, groups, rules, frames, options));
  while (!wide.empty()) {
    QuantRules wider = rules;
    for (uint32_t group : wide) wider.values[group].wide = true;
    GRAUPEL_TRY(Graph widened, Quantizer(graph, calibration, options, std::move(wider)).run(nullptr));
    const std::vector<uint32_t> refused = refused_groups(graph, widened, groups, wide);
    if (refused.empty()) return widened;
    std::erase_if(wide, [&](uint32_t group) { return std::count(refused.begin(), refused.end(), group) > 0; });
  }
  return quantized;
}

}  // namespace

Result<Graph> quantize_graph(const Graph& optimized, const FrameSource& frames, const QuantizeOptions& options,
                             std::vector<std::string>* warnings) {
  if (optimized.stage != Stage::kOptimized)
    return invalid("quantization needs an optimized graph; this one is ", to_string(optimized.stage));
  Graph graph = optimized;
  GRAUPEL_DO(separate_fixed(graph));
  const std::vector<uint32_t> groups = scale_groups(graph);
  GRAUPEL_TRY(QuantRules rules, quant_rules(graph, groups, options));
  GRAUPEL_TRY(const Calibration calibration, calibrate(graph, frames, options));
  widen_joined_outputs(graph, groups, calibration, rules);
  GRAUPEL_TRY(Graph quantized, wide_enough(graph, calibration, groups, rules, frames, options, warnings));
  if (options.correct_biases) GRAUPEL_DO(correct_biases(graph, quantized, frames, options).within("bias correction"));
  GRAUPEL_DO(verify(quantized));
  return quantized;
}

}  // namespace graupel
