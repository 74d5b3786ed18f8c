#include "ir/layer_kind.h"

#include <map>

#include "ir/layer_order.h"

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
  std::string_view operator()(const ArgMax&) const { return "argmax"; }
  std::string_view operator()(const Dense&) const { return "fc"; }
  std::string_view operator()(const DepthToSpace&) const { return "depth_to_space"; }
  std::string_view operator()(const Detect&) const { return "nms"; }
  std::string_view operator()(const MatMul&) const { return "matmul"; }
  std::string_view operator()(const MaxPool&) const { return "maxpool"; }
  std::string_view operator()(const Normalize& op) const {
    if (op.kind != Normalize::Kind::kStandard) return op.kind == Normalize::Kind::kRms ? "rms_norm" : "l2_norm";
    const int64_t channels = graph[layer.in[0]].type.shape.back();
    if (op.groups == 1) return "layer_normalization";
    return op.groups == channels ? "instance_normalization" : "group_normalization";
  }
  std::string_view operator()(const Pad&) const { return "external_pad"; }
  std::string_view operator()(const PRelu&) const { return "activation"; }
  std::string_view operator()(const QuantizeLinear&) const { return "activation"; }
  std::string_view operator()(const Reduce& op) const {
    switch (op.kind) {
      case Reduce::Kind::kMean: break;
      case Reduce::Kind::kSum: return "reduce_sum";
      case Reduce::Kind::kMax: return "reduce_max";
      case Reduce::Kind::kMin: return "reduce_min";
      case Reduce::Kind::kL2: return "reduce_l2";
      case Reduce::Kind::kSumSquare: return "reduce_sum_square";
    }
    const bool spatial = graph[layer.in[0]].type.shape.size() == 4 && op.first_axis == 1 && op.last_axis == 2;
    return spatial ? "avgpool" : "reduce_mean";
  }
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
  const bool scaled = std::holds_alternative<Affine>(layer.op) || std::holds_alternative<Normalize>(layer.op);
  if (has_weights(layer.op) && operand == 1) return layer.name + "/kernel";
  if (has_weights(layer.op) && operand == 2) return layer.name + "/bias";
  if (scaled && operand == 1) return layer.name + "/scale";
  if (scaled && operand == 2) return layer.name + "/shift";
  return cat(layer.name, "/operand", operand + 1);
}

/// Constants are called after the first layer that reads them.
void name_constants(Graph& graph) {
  std::vector<bool> named(graph.values.size());
  for (const Layer& layer : graph.layers)
    for (std::size_t operand = 0; operand < layer.in.size(); ++operand) {
      const auto id = static_cast<uint32_t>(layer.in[operand]);
      if (!graph.values[id].constant || named[id]) continue;
      graph.values[id].name = constant_name(layer, operand);
      named[id] = true;
    }
}

}  // namespace

std::string_view layer_kind(const Graph& graph, const Layer& layer) {
  return std::visit(KindOf{graph, layer}, layer.op);
}

std::string_view unit_name(std::string_view layer) {
  const std::size_t number = layer.find_first_of("0123456789");
  const std::size_t end = layer.find_first_not_of("0123456789", number);
  if (number == layer.npos || end == layer.npos || layer[end] != '_') return layer;
  return layer.substr(0, end);
}

void name_layers(Graph& graph) {
  std::map<std::string, int> count;
  const auto rename = [&](LayerId id, const std::string& name) {
    graph[id].name = name;
    for (ValueId value : graph[id].out) graph[value].name = name;
  };
  for (std::size_t i = 0; i < graph.inputs.size(); ++i) graph[graph.inputs[i]].name = cat("input_layer", i + 1);
  for (const LayerUnit& unit : numbering_order(graph)) {
    const std::string kind(layer_kind(graph, graph[unit.lead]));
    const std::string lead = cat(kind, ++count[kind]);
    rename(unit.lead, lead);
    for (LayerId id : unit.fused) {
      const std::string name = cat(lead, "_", layer_kind(graph, graph[id]));
      const int again = count[name]++;
      rename(id, again == 0 ? name : cat(name, again + 1));
    }
  }
  name_constants(graph);
}

}  // namespace graupel
