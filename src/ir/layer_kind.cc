#include "ir/layer_kind.h"

#include <map>

namespace graupel {
namespace {

std::string_view binary_kind(Binary::Kind kind) {
  switch (kind) {
    case Binary::Kind::kAdd: return "ew_add";
    case Binary::Kind::kSub: return "ew_sub";
    case Binary::Kind::kMul: return "ew_mult";
    case Binary::Kind::kDiv: return "ew_div";
    case Binary::Kind::kMin: return "ew_min";
    case Binary::Kind::kMax: return "ew_max";
  }
  return "ew";
}

struct KindOf {
  const Graph& graph;
  const Layer& layer;

  std::string_view operator()(const Affine&) const { return "normalization"; }
  std::string_view operator()(const AvgPool&) const { return "avgpool"; }
  std::string_view operator()(const Binary& op) const { return binary_kind(op.kind); }
  std::string_view operator()(const Concat&) const { return "concat"; }
  std::string_view operator()(const Conv& op) const {
    const int64_t channels = graph[layer.in[0]].type.shape.back();
    return op.groups > 1 && op.groups == channels && graph[layer.out[0]].type.shape.back() == channels ? "dw" : "conv";
  }
  std::string_view operator()(const ConvTranspose&) const { return "deconv"; }
  std::string_view operator()(const Dense&) const { return "fc"; }
  std::string_view operator()(const DepthToSpace&) const { return "depth_to_space"; }
  std::string_view operator()(const MaxPool&) const { return "maxpool"; }
  std::string_view operator()(const Pad&) const { return "pad"; }
  std::string_view operator()(const PRelu&) const { return "activation"; }
  std::string_view operator()(const ReduceMean&) const { return "reduce_mean"; }
  std::string_view operator()(const Reshape&) const { return "reshape"; }
  std::string_view operator()(const Resize&) const { return "resize"; }
  std::string_view operator()(const Slice&) const { return "slice"; }
  std::string_view operator()(const Softmax&) const { return "softmax"; }
  std::string_view operator()(const Transpose&) const { return "transpose"; }
  std::string_view operator()(const Unary&) const { return "activation"; }
};

bool has_weights(const Op& op) {
  return std::holds_alternative<Conv>(op) || std::holds_alternative<ConvTranspose>(op) ||
         std::holds_alternative<Dense>(op);
}

std::string constant_name(const Layer& layer, std::size_t operand) {
  const bool scaled = std::holds_alternative<Affine>(layer.op);
  if (has_weights(layer.op) && operand == 1) return layer.name + "/kernel";
  if (has_weights(layer.op) && operand == 2) return layer.name + "/bias";
  if (scaled && operand == 1) return layer.name + "/scale";
  if (scaled && operand == 2) return layer.name + "/shift";
  return cat(layer.name, "/operand", operand + 1);
}

}  // namespace

std::string_view layer_kind(const Graph& graph, const Layer& layer) {
  return std::visit(KindOf{graph, layer}, layer.op);
}

void name_layers(Graph& graph) {
  std::map<std::string_view, int> count;
  std::vector<bool> named(graph.values.size());
  for (std::size_t i = 0; i < graph.inputs.size(); ++i) graph[graph.inputs[i]].name = cat("input_layer", i + 1);
  for (Layer& layer : graph.layers) {
    const std::string_view kind = layer_kind(graph, layer);
    layer.name = cat(kind, ++count[kind]);
    for (ValueId id : layer.out) graph[id].name = layer.name;
    for (std::size_t operand = 0; operand < layer.in.size(); ++operand) {
      const auto id = static_cast<uint32_t>(layer.in[operand]);
      if (!graph.values[id].constant || named[id]) continue;
      graph.values[id].name = constant_name(layer, operand);
      named[id] = true;
    }
  }
}

}  // namespace graupel
