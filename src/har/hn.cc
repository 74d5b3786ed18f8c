#include "har/hn.h"

#include <algorithm>

namespace graupel {
namespace {

using Pairs = std::vector<int64_t>;

/// Extents as the vendor writes them: the batch is open, and what has three extents is an image of one row.
JsonOut shape_to_json(const Shape& shape) {
  Shape view = shape;
  if (!view.empty()) view[0] = -1;
  if (view.size() == 3) view.insert(view.begin() + 1, 1);
  return view;
}

std::string activation_of(const Clamp& clamp) {
  const float inf = std::numeric_limits<float>::infinity();
  if (clamp == Clamp{-inf, inf}) return "linear";
  if (clamp == Clamp{0, inf}) return "relu";
  if (clamp == Clamp{0, 6}) return "relu6";
  return "clip";
}

std::string activation_of(UnaryKind kind) {
  switch (kind) {
    case UnaryKind::kIdentity: return "linear";
    case UnaryKind::kLeakyRelu: return "leaky";
    case UnaryKind::kHardSigmoid: return "hardsigmoid";
    case UnaryKind::kHardSwish: return "hardswish";
    case UnaryKind::kReciprocal: return "inv_pos";
    default: break;
  }
  std::string text(to_string(kind));
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

/// VALID without padding; SAME when ceil(in / stride) = out with the smaller half first, SAME_TENSORFLOW likewise with
/// stride above one; else EXPLICIT, for which the vendor has no word (the numbers are in the exact graph).
std::string padding_of(const Window2d& window, int32_t bottom, int32_t right) {
  const auto same = [](int32_t before, int32_t after, int32_t kernel, int32_t dilation) {
    const int32_t total = dilation * (kernel - 1);
    return before + after == total && (before == total / 2 || after == total / 2);
  };
  if (window.pad_top == 0 && window.pad_left == 0 && bottom == 0 && right == 0) return "VALID";
  if (same(window.pad_top, bottom, window.kernel_h, window.dilation_h) &&
      same(window.pad_left, right, window.kernel_w, window.dilation_w))
    return "SAME";
  const bool later = window.pad_top <= bottom && window.pad_left <= right && bottom - window.pad_top <= 1 &&
                     right - window.pad_left <= 1;
  return later ? "SAME_TENSORFLOW" : "EXPLICIT";
}

JsonOut window_params(const Window2d& window, int32_t bottom, int32_t right, JsonOut kernel_shape) {
  JsonOut params = JsonOut::object();
  params["kernel_shape"] = std::move(kernel_shape);
  params["strides"] = Pairs{1, window.stride_h, window.stride_w, 1};
  params["dilations"] = Pairs{1, window.dilation_h, window.dilation_w, 1};
  params["padding"] = padding_of(window, bottom, right);
  return params;
}

/// What surrounds an op: the shapes of its operands and of its result.
struct Around {
  std::vector<Shape> in;
  Shape out;
};

struct Described {
  std::string type;
  JsonOut params = JsonOut::object();
};

Described plain(std::string type) { return {std::move(type)}; }

Described describe(const Conv& op, const Around& around) {
  const bool depthwise = op.groups > 1 && op.groups == around.in[0].back();
  Described result{depthwise ? "dw" : "conv", window_params(op.window, op.pad_bottom, op.pad_right, around.in[1])};
  result.params["groups"] = op.groups;
  result.params["batch_norm"] = false;
  result.params["elementwise_add"] = op.residual;
  result.params["activation"] = activation_of(op.clamp);
  return result;
}

Described describe(const ConvTranspose& op, const Around& around) {
  Described result{"deconv", window_params(op.window, op.pad_bottom, op.pad_right, around.in[1])};
  result.params["padding"] = "DECONV";
  result.params["groups"] = op.groups;
  result.params["batch_norm"] = false;
  result.params["activation"] = activation_of(op.clamp);
  return result;
}

Described describe(const Dense& op, const Around& around) {
  Described result = plain("dense");
  result.params["kernel_shape"] = around.in[1];
  result.params["batch_norm"] = false;
  result.params["activation"] = activation_of(op.clamp);
  return result;
}

template <class Pool>
Described describe_pool(const Pool& op, std::string type) {
  const Window2d& w = op.window;
  return {std::move(type), window_params(w, op.pad_bottom, op.pad_right, Pairs{1, w.kernel_h, w.kernel_w, 1})};
}
Described describe(const MaxPool& op, const Around&) { return describe_pool(op, "maxpool"); }
Described describe(const AvgPool& op, const Around&) { return describe_pool(op, "avgpool"); }

Described describe(const Binary& op, const Around&) {
  constexpr std::string_view kTypes[] = {"ew_add", "ew_sub", "ew_mult", "ew_div", "ew_min", "ew_max"};
  Described result = plain(std::string(kTypes[static_cast<std::size_t>(op.kind)]));
  result.params["activation"] = activation_of(op.clamp);
  return result;
}

Described describe(const Concat& op, const Around& around) {
  Described result = plain("concat");
  constexpr std::string_view kAxes[] = {"batch", "spatial_h", "spatial_w", "features"};
  const auto axis = static_cast<std::size_t>(op.axis);
  result.params["concat_axis"] = around.out.size() == 4 ? JsonOut(std::string(kAxes[axis])) : JsonOut(op.axis);
  return result;
}

Described describe(const Slice& op, const Around& around) {
  Described result = plain("slice");
  constexpr const char* kKeys[] = {"batch_slice", "height_slice", "width_slice", "features_slice"};
  const bool image = around.out.size() == 4;
  const int64_t end = op.begin + int64_t{op.count} * op.step;
  result.params[image ? kKeys[op.axis] : "slice"] = Pairs{op.begin, end, op.step};
  return result;
}

Described describe(const Resize& op, const Around& around) {
  Described result = plain("resize");
  const Shape& in = around.in[0];
  result.params["resize_h_ratio_list"] = std::vector<float>{static_cast<float>(op.height) / static_cast<float>(in[1])};
  result.params["resize_w_ratio_list"] = std::vector<float>{static_cast<float>(op.width) / static_cast<float>(in[2])};
  result.params["method"] = op.mode == Resize::Mode::kLinear ? "bilinear" : "nearest_neighbor";
  result.params["resize_bilinear_pixels_mode"] = std::string(enum_name(op.coordinates));
  return result;
}

Described describe(const DepthToSpace& op, const Around&) {
  Described result = plain("depth_to_space");
  result.params["block_sizes"] = Pairs{op.block, op.block};
  result.params["depth_to_space_type"] = op.crd ? "crd" : "dcr";
  return result;
}

Described describe(const Unary& op, const Around&) {
  Described result = plain("activation");
  result.params["activation"] = activation_of(op.kind);
  return result;
}

Described describe(const Reduce& op, const Around& around) {
  const bool global =
      op.kind == Reduce::Kind::kMean && around.in[0].size() == 4 && op.first_axis == 1 && op.last_axis == 2;
  if (global) return plain("global_avg_pool");
  Described result = plain(cat("reduce_", enum_name(op.kind)));
  Pairs axes;
  for (int32_t axis = op.first_axis; axis <= op.last_axis; ++axis) axes.push_back(axis);
  result.params["reduce_axes"] = axes;
  return result;
}

Described describe(const Affine&, const Around&) {
  Described result = plain("normalization");
  result.params["activation"] = "linear";
  return result;
}

Described describe(const PRelu&, const Around&) {
  Described result = plain("activation");
  result.params["activation"] = "prelu";
  return result;
}

Described describe(const QuantizeLinear&, const Around&) {
  Described result = plain("activation");
  result.params["activation"] = "linear";
  return result;
}

Described describe(const Pad& op, const Around&) {
  Described result = plain("external_pad");
  const bool image = op.before.size() == 4;
  result.params["external_pad_params"] =
      image ? Pairs{op.before[1], op.after[1], op.before[2], op.after[2]} : Pairs(op.before.begin(), op.before.end());
  return result;
}

Described describe(const MatMul&, const Around&) { return plain("matmul"); }

Described describe(const Normalize& op, const Around& around) {
  const int64_t channels = around.out.back();
  const bool standard = op.kind == Normalize::Kind::kStandard;
  Described result = plain(!standard        ? std::string(op.kind == Normalize::Kind::kRms ? "rms_norm" : "l2_norm")
                           : op.groups == 1 ? "layer_normalization"
                           : op.groups == channels ? "instance_normalization"
                                                   : "group_normalization");
  result.params["groups"] = op.groups;
  result.params["epsilon"] = op.epsilon;
  return result;
}

Described describe(const ArgMax&, const Around&) { return plain("argmax"); }

Described describe(const Softmax&, const Around&) {
  Described result = plain("softmax");
  result.params["groups"] = 1;
  return result;
}

Described describe(const Detect& op, const Around&) {
  const DetectParams& p = op.params;
  Described result = plain("postprocess");
  result.params["meta_arch"] = std::string(to_string(p.arch));
  result.params["postprocess_type"] = p.decode_only ? "bbox_decoder" : "nms";
  result.params["scores_threshold"] = p.score_threshold;
  result.params["iou_th"] = p.iou_threshold;
  result.params["classes"] = p.classes;
  result.params["max_proposals_per_class"] = p.max_per_class;
  result.params["max_total_output_proposals"] =
      p.arch == DetectArch::kYolov5Seg ? p.max_total : p.classes * p.max_per_class;
  result.params["image_dims"] = Pairs{p.image_h, p.image_w};
  return result;
}

Described describe(const Reshape&, const Around&) {
  Described result = plain("format_conversion");
  result.params["conversion_type"] = "reshape";
  return result;
}

Described describe(const Transpose& op, const Around&) {
  Described result = plain("format_conversion");
  result.params["conversion_type"] = "transpose";
  result.params["order"] = op.order;
  return result;
}

/// Names of HN layers: graph inputs and outputs become input_layerN and output_layerN, what the host computes
/// postprocess_output_layer.
struct Wiring {
  std::vector<std::string> source;                ///< by value: the HN layer that makes it
  std::vector<std::vector<std::string>> readers;  ///< by value, in order
  std::vector<std::string> outputs;               ///< by graph output
};

std::vector<std::string> output_layer_names(const Graph& graph, const std::string& net) {
  std::vector<std::string> names;
  std::size_t host = 0;
  for (std::size_t i = 0; i < graph.outputs.size(); ++i) {
    const auto computes = [&](const Layer& layer) { return layer.out[0] == graph.outputs[i] && is_host(layer.op); };
    if (std::none_of(graph.layers.begin(), graph.layers.end(), computes))
      names.push_back(cat(net, "/output_layer", i + 1));
    else
      names.push_back(++host == 1 ? cat(net, "/postprocess_output_layer")
                                  : cat(net, "/postprocess_output_layer", host));
  }
  return names;
}

Wiring wire(const Graph& graph, const std::string& net) {
  Wiring wiring{std::vector<std::string>(graph.values.size()),
                std::vector<std::vector<std::string>>(graph.values.size()), output_layer_names(graph, net)};
  const auto index = [](ValueId id) { return static_cast<uint32_t>(id); };
  for (std::size_t i = 0; i < graph.inputs.size(); ++i)
    wiring.source[index(graph.inputs[i])] = cat(net, "/input_layer", i + 1);
  for (const Layer& layer : graph.layers) {
    for (ValueId id : layer.out) wiring.source[index(id)] = cat(net, "/", layer.name);
    for (ValueId id : layer.in)
      if (!graph[id].constant) wiring.readers[index(id)].push_back(cat(net, "/", layer.name));
  }
  for (std::size_t i = 0; i < graph.outputs.size(); ++i)
    wiring.readers[index(graph.outputs[i])].push_back(wiring.outputs[i]);
  return wiring;
}

JsonOut hn_layer(std::string type, const std::vector<std::string>& input, const std::vector<std::string>& output,
                 const std::vector<Shape>& in, const Shape& out) {
  JsonOut json = JsonOut::object();
  json["type"] = std::move(type);
  json["input"] = input;
  json["output"] = output;
  json["input_shapes"] = JsonOut::array();
  for (const Shape& shape : in) json["input_shapes"].push_back(shape_to_json(shape));
  json["output_shapes"] = JsonOut::array();
  for (std::size_t i = 0; i < std::max<std::size_t>(output.size(), 1); ++i)
    json["output_shapes"].push_back(shape_to_json(out));
  return json;
}

JsonOut hn_layer(const Graph& graph, const Layer& layer, const Wiring& wiring) {
  Around around{{}, graph[layer.out[0]].type.shape};
  std::vector<std::string> input;
  std::vector<Shape> in;
  for (ValueId id : layer.in) {
    around.in.push_back(graph[id].type.shape);
    if (graph[id].constant) continue;
    input.push_back(wiring.source[static_cast<uint32_t>(id)]);
    in.push_back(around.in.back());
  }
  Described described = std::visit([&](const auto& op) { return describe(op, around); }, layer.op);
  JsonOut json = hn_layer(described.type, input, wiring.readers[static_cast<uint32_t>(layer.out[0])], in, around.out);
  json["original_names"] = layer.origins;
  json["params"] = std::move(described.params);
  return json;
}

}  // namespace

JsonOut graph_to_vendor_hn(const Graph& graph) {
  const std::string net = file_safe_name(graph.name);
  const Wiring wiring = wire(graph, net);
  JsonOut layers = JsonOut::object();
  for (std::size_t i = 0; i < graph.inputs.size(); ++i) {
    const Shape& shape = graph[graph.inputs[i]].type.shape;
    JsonOut json = hn_layer("input_layer", {}, wiring.readers[static_cast<uint32_t>(graph.inputs[i])], {shape}, shape);
    json["original_names"] = {graph.input_info[i].origin};
    layers[cat(net, "/input_layer", i + 1)] = std::move(json);
  }
  for (const Layer& layer : graph.layers) layers[cat(net, "/", layer.name)] = hn_layer(graph, layer, wiring);
  JsonOut order = JsonOut::array();
  for (std::size_t i = 0; i < graph.outputs.size(); ++i) {
    const std::string& source = wiring.source[static_cast<uint32_t>(graph.outputs[i])];
    const Shape& shape = graph[graph.outputs[i]].type.shape;
    JsonOut json = hn_layer("output_layer", {source}, {}, {shape}, shape);
    json["original_names"] = {graph.output_info[i].origin};
    layers[wiring.outputs[i]] = std::move(json);
    order.push_back(source);
  }
  JsonOut hn = JsonOut::object();
  hn["name"] = graph.name;
  hn["net_params"] = {{"version", "1.0"}, {"net_scopes", {net}}, {"output_layers_order", std::move(order)}};
  hn["layers"] = std::move(layers);
  return hn;
}

JsonOut graph_to_hn(const Graph& graph) {
  JsonOut hn = graph_to_vendor_hn(graph);
  hn["graupel"] = graph_to_json(graph);
  return hn;
}

}  // namespace graupel
