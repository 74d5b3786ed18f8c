#include <algorithm>

#include "compiler/add_detection.h"
#include "compiler/apply_recipe.h"
#include "compiler/detect_command.h"
#include "compiler/load_recipe.h"
#include "passes/modify.h"
#include "recipe/commands.h"

namespace graupel {
namespace {

/// Where an input conversion consists of two steps, the one nearer to the network comes first.
struct ConversionStep {
  std::optional<PictureFormat> format;
  bool yuv = false, bgr = false;
};
struct Conversion {
  std::string_view kind;
  std::vector<ConversionStep> steps;
};

const std::vector<Conversion>& conversions() {
  constexpr ConversionStep kReverse{};
  constexpr ConversionStep kToRgb{{}, true, false}, kToBgr{{}, true, true};
  constexpr ConversionStep kNv12{PictureFormat::kNv12}, kI420{PictureFormat::kI420}, kYuy2{PictureFormat::kYuy2},
      kRgbx{PictureFormat::kRgbx};
  static const std::vector<Conversion> all{
      {"bgr_to_rgb", {kReverse}},       {"rgb_to_bgr", {kReverse}},        {"yuv_to_rgb", {kToRgb}},
      {"yuv_to_bgr", {kToBgr}},         {"nv12_to_hailo_yuv", {kNv12}},    {"i420_to_hailo_yuv", {kI420}},
      {"yuy2_to_hailo_yuv", {kYuy2}},   {"tf_rgbx_to_hailo_rgb", {kRgbx}}, {"nv12_to_rgb", {kToRgb, kNv12}},
      {"nv12_to_bgr", {kToBgr, kNv12}}, {"i420_to_rgb", {kToRgb, kI420}},  {"i420_to_bgr", {kToBgr, kI420}},
      {"yuy2_to_rgb", {kToRgb, kYuy2}}, {"yuy2_to_bgr", {kToBgr, kYuy2}}};
  return all;
}

struct NamedActivation {
  std::string_view name;
  Unary op;
};
constexpr NamedActivation kActivations[] = {{"linear", {UnaryKind::kIdentity}},
                                            {"relu", {UnaryKind::kRelu}},
                                            {"relu6", {UnaryKind::kClip, 0, 6}},
                                            {"leaky", {UnaryKind::kLeakyRelu, 0.1f}},
                                            {"elu", {UnaryKind::kElu, 1}},
                                            {"sigmoid", {UnaryKind::kSigmoid}},
                                            {"tanh", {UnaryKind::kTanh}},
                                            {"silu", {UnaryKind::kSilu}},
                                            {"swish", {UnaryKind::kSilu}},
                                            {"exp", {UnaryKind::kExp}},
                                            {"hardswish", {UnaryKind::kHardSwish}},
                                            {"hardsigmoid", {UnaryKind::kHardSigmoid, 1.0f / 6.0f, 0.5f}},
                                            {"gelu", {UnaryKind::kGelu}},
                                            {"sqrt", {UnaryKind::kSqrt}},
                                            {"inv_pos", {UnaryKind::kReciprocal}},
                                            {"softplus", {UnaryKind::kSoftplus}},
                                            {"mish", {UnaryKind::kMish}},
                                            {"log", {UnaryKind::kLog}},
                                            {"abs", {UnaryKind::kAbs}}};

std::string without_scope(const std::string& name) { return name.substr(name.rfind('/') + 1); }

class Modifier {
 public:
  Modifier(const std::string& nms_config, Graph& graph) : nms_config_(nms_config), graph_(graph) {}

  Result<AppliedModifications> run(const Recipe& recipe) {
    // Boxes are what the whole network ends in, wherever the script speaks of them.
    for (const bool boxes : {false, true})
      for (const RecipeCommand& command : recipe.commands)
        if (command.row->stage == RecipeStage::kModification && (command.name == "nms_postprocess") == boxes)
          GRAUPEL_DO(apply_or_warn(command));
    return std::move(applied_);
  }

 private:
  Result<> apply_or_warn(const RecipeCommand& command) {
    if (command.row->state != RecipeState::kNotYet)
      return apply(command).within(command.at.text(), ", ", command.title());
    warn(command, cat("not yet available: ", command.row->effect));
    return {};
  }

  Result<> apply(const RecipeCommand& command) {
    using Apply = Result<> (Modifier::*)(const RecipeCommand&);
    static const std::map<std::string_view, Apply> kCommands{
        {"normalization", &Modifier::normalization},
        {"input_conversion", &Modifier::input_conversion},
        {"resize", &Modifier::resize},
        {"transpose", &Modifier::transpose},
        {"change_output_activation", &Modifier::change_output_activation},
        {"logits_layer", &Modifier::logits_layer},
        {"remove_node", &Modifier::remove_node},
        {"nms_postprocess", &Modifier::nms_postprocess},
        {"set_seed", &Modifier::set_seed}};
    return (this->*kCommands.at(command.name))(command);
  }

  LayerNames names() const {
    LayerNames names = layer_names(graph_);
    for (const auto& [name, layer] : applied_.bound) names.names.push_back(name);
    return names;
  }

  /// The layer that a value names, by its own name or a bound one.
  Result<std::string> layer_of(const ScriptValue& value) const {
    GRAUPEL_TRY(const std::string name, resolve_layer(value, names()));
    const auto bound = applied_.bound.find(name);
    return bound == applied_.bound.end() ? name : bound->second;
  }

  /// The inputs that a command is about: the named one, or all.
  Result<std::vector<std::size_t>> inputs_of(const RecipeCommand& command) const {
    const ScriptValue* value = command.find("input_layer");
    std::string name;
    if (value != nullptr) {
      GRAUPEL_TRY(name, layer_of(*value));
    }
    std::vector<std::size_t> inputs;
    for (std::size_t i = 0; i < graph_.inputs.size(); ++i)
      if (name.empty() || graph_[graph_.inputs[i]].name == name) inputs.push_back(i);
    if (inputs.empty()) return invalid("'", name, "' is no input of the network");
    return inputs;
  }

  /// The names for `count` new layers: those that the command binds, or `kind` and a number.
  Result<std::vector<std::string>> new_names(const RecipeCommand& command, std::size_t count,
                                             std::string_view kind) const {
    if (!command.returns.empty() && command.returns.size() != count)
      return invalid("it makes ", count, " layer(s) but ", command.returns.size(), " name(s) are bound");
    std::vector<std::string> names;
    for (const std::string& name : command.returns) names.push_back(without_scope(name));
    int number = 0;
    while (names.size() < count) {
      const std::string name = cat(kind, ++number);
      const bool taken = std::any_of(graph_.layers.begin(), graph_.layers.end(),
                                     [&](const Layer& layer) { return layer.name == name; });
      if (!taken) names.push_back(name);
    }
    return names;
  }

  Modification& record(const RecipeCommand& command, std::size_t input, std::string kind) {
    const Value& port = graph_[graph_.inputs[input]];
    return applied_.list.emplace_back(
        Modification{true, port.name, command.name, std::move(kind), true, port.type.shape, {}});
  }

  void warn(const RecipeCommand& command, std::string text) {
    applied_.warnings.push_back(cat(command.at.text(), ", ", command.title(), ": ", text));
  }

  Result<> normalization(const RecipeCommand& command) {
    GRAUPEL_TRY(const auto inputs, inputs_of(command));
    GRAUPEL_TRY(const auto names, new_names(command, inputs.size(), "normalization"));
    for (std::size_t k = 0; k < inputs.size(); ++k) {
      const Preprocess& declared = graph_.input_info[inputs[k]].preprocess;
      if (declared.declared && (!declared.mean.empty() || !declared.std.empty() || declared.scale != 1))
        warn(command, cat("the scale, mean and std declared for input '", graph_[graph_.inputs[inputs[k]]].name,
                          "' no longer count; it takes pixels now"));
      GRAUPEL_TRY(const std::string layer,
                  add_normalization(graph_, inputs[k], command.numbers("mean"), command.numbers("std"), names[k]));
      applied_.bound[names[k]] = layer;
      record(command, inputs[k], "").layers = {layer};
    }
    return {};
  }

  Result<> input_conversion(const RecipeCommand& command) {
    const std::string kind = command.word("conversion_type");
    const auto conversion = std::find_if(conversions().begin(), conversions().end(),
                                         [&](const Conversion& one) { return one.kind == kind; });
    check(conversion != conversions().end(), "input_conversion: a kind without steps");
    const std::size_t steps = conversion->steps.size();
    GRAUPEL_TRY(const auto inputs, inputs_of(command));
    GRAUPEL_TRY(const auto names, new_names(command, inputs.size() * steps, kind));
    const bool emulated = command.enabled("emulator_support", false);
    for (std::size_t k = 0; k < inputs.size(); ++k) {
      std::vector<std::string> layers;
      bool all = true;
      for (std::size_t s = 0; s < steps; ++s) {
        const ConversionStep& step = conversion->steps[s];
        // Bound from the input on: the format's name comes first.
        const std::string& name = names[k * steps + steps - 1 - s];
        if (step.format && !emulated) {
          all = false;
          continue;
        }
        GRAUPEL_TRY(const std::string layer, convert(step, inputs[k], name));
        applied_.bound[name] = layer;
        layers.push_back(layer);
      }
      Modification& modification = record(command, inputs[k], kind);
      modification.emulated = all;
      modification.layers = layers;
      if (!all)
        warn(command, cat("recorded; the input still takes ", to_string(modification.shape),
                          ". With emulator_support=True it takes the format itself"));
    }
    return {};
  }

  Result<std::string> convert(const ConversionStep& step, std::size_t input, const std::string& name) {
    if (step.format) return unpack_picture(graph_, input, *step.format, name);
    if (step.yuv) return convert_from_yuv(graph_, input, step.bgr, name);
    return reverse_channels(graph_, input, name);
  }

  Result<> resize(const RecipeCommand& command) {
    const std::vector<double> shape = command.numbers("resize_shapes");
    const auto is_extent = [](double n) { return n >= 1 && n <= 65536 && n == static_cast<int>(n); };
    if (shape.size() != 2 || !std::all_of(shape.begin(), shape.end(), is_extent))
      return invalid("resize_shapes must be the height and width of pictures, as [720, 1280]");
    const bool nearest = command.word("resize_method") == "nearest_neighbor";
    const bool corners = command.word("pixels_mode") == "align_corners";
    const bool plain = command.word("pixels_mode") == "disabled";
    GRAUPEL_TRY(const auto inputs, inputs_of(command));
    GRAUPEL_TRY(const auto names, new_names(command, inputs.size(), "resize_input"));
    for (std::size_t k = 0; k < inputs.size(); ++k) {
      GRAUPEL_TRY(const std::string layer,
                  resize_input(graph_, inputs[k], static_cast<int32_t>(shape[0]), static_cast<int32_t>(shape[1]),
                               nearest ? Resize::Mode::kNearest : Resize::Mode::kLinear,
                               corners ? Resize::Coordinates::kAlignCorners
                               : plain ? Resize::Coordinates::kAsymmetric
                                       : Resize::Coordinates::kHalfPixel,
                               names[k]));
      applied_.bound[names[k]] = layer;
      record(command, inputs[k], command.word("resize_method")).layers = {layer};
    }
    return {};
  }

  Result<> transpose(const RecipeCommand& command) {
    GRAUPEL_TRY(const auto inputs, inputs_of(command));
    if (inputs.size() > 1) return unsupported("a network with ", inputs.size(), " inputs; name the input to transpose");
    GRAUPEL_DO(transpose_network(graph_, inputs[0]));
    record(command, inputs[0], "");
    return {};
  }

  /// The outputs that a command is about: those that the named layer makes, or its activation; or all.
  Result<std::vector<std::size_t>> outputs_of(const RecipeCommand& command) const {
    const ScriptValue* value = command.find("layer");
    std::string name;
    if (value != nullptr) {
      GRAUPEL_TRY(name, layer_of(*value));
    }
    const Uses uses(graph_);
    std::vector<std::size_t> outputs;
    for (std::size_t i = 0; i < graph_.outputs.size(); ++i) {
      const auto& at = uses.producer[static_cast<uint32_t>(graph_.outputs[i])];
      if (!at) continue;
      const Layer& layer = graph_[*at];
      bool named = name.empty() || layer.name == name || name == cat("output_layer", i + 1);
      if (!named && std::holds_alternative<Unary>(layer.op)) {
        const auto& before = uses.producer[static_cast<uint32_t>(layer.in[0])];
        named = before && graph_[*before].name == name;
      }
      if (named) outputs.push_back(i);
    }
    if (outputs.empty()) return invalid("layer '", name, "' is no output of the network");
    return outputs;
  }

  void record_output(const RecipeCommand& command, std::size_t output, std::string kind, const std::string& port,
                     const std::string& layer) {
    const Shape& shape = graph_[graph_.outputs[output]].type.shape;
    applied_.list.push_back({false, port, command.name, std::move(kind), true, shape, {layer}});
  }

  std::string output_name(std::size_t output) const { return graph_[graph_.outputs[output]].name; }

  Result<> change_output_activation(const RecipeCommand& command) {
    const std::string activation = command.word("activation");
    const auto found = std::find_if(std::begin(kActivations), std::end(kActivations),
                                    [&](const NamedActivation& one) { return one.name == activation; });
    check(found != std::end(kActivations), "change_output_activation: an activation without an op");
    GRAUPEL_TRY(const auto outputs, outputs_of(command));
    for (std::size_t output : outputs) {
      const std::string port = output_name(output);
      GRAUPEL_TRY(const std::string layer, set_output_activation(graph_, output, found->op));
      record_output(command, output, activation, port, layer);
    }
    return {};
  }

  Result<> logits_layer(const RecipeCommand& command) {
    const std::string kind = command.word("logits_type");
    const auto add = kind == "argmax" ? add_argmax : add_softmax;
    GRAUPEL_TRY(const auto outputs, outputs_of(command));
    GRAUPEL_TRY(const auto names, new_names(command, outputs.size(), "logits_layer"));
    for (std::size_t k = 0; k < outputs.size(); ++k) {
      const std::string port = output_name(outputs[k]);
      GRAUPEL_TRY(const std::string layer,
                  add(graph_, outputs[k], static_cast<int32_t>(command.number("axis")), names[k]));
      applied_.bound[names[k]] = layer;
      record_output(command, outputs[k], kind, port, layer);
    }
    return {};
  }

  Result<> remove_node(const RecipeCommand& command) {
    const Result<std::string> layer = layer_of(*command.find("layer"));
    if (!layer.ok()) {  // load_recipe() lets only names pass that the vendor's compiler gives
      warn(command, "there is no such layer here; nothing to remove");
      return {};
    }
    return remove_layer(graph_, *layer);
  }

  Result<> nms_postprocess(const RecipeCommand& command) {
    GRAUPEL_TRY(const DetectRequest request, detect_request(command, nms_config_));
    GRAUPEL_TRY(const DetectionSummary summary, add_detection(graph_, request.arch, request.config));
    applied_.messages.insert(applied_.messages.end(), summary.messages.begin(), summary.messages.end());
    applied_.nms_config = write_detect_config(request.config);
    for (const std::string& name : command.returns) applied_.bound[without_scope(name)] = summary.layer;
    return {};
  }

  Result<> set_seed(const RecipeCommand&) { return {}; }

  const std::string& nms_config_;
  Graph& graph_;
  AppliedModifications applied_;
};

}  // namespace

Result<AppliedModifications> apply_modifications(const Recipe& recipe, const std::string& nms_config, Graph& graph) {
  return Modifier(nms_config, graph).run(recipe);
}

}  // namespace graupel
