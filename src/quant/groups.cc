#include "quant/groups.h"

#include <numeric>

#include "ir/rewriter.h"

namespace graupel {
namespace {

// True when the codes of `value` come unchanged from an op that dictates its quantization.
bool is_fixed(const Graph& graph, const Uses& uses, ValueId value) {
  const auto producer = uses.producer[static_cast<uint32_t>(value)];
  if (!producer) return false;
  const Layer& layer = graph[*producer];
  switch (quant_rule(layer.op)) {
    case QuantRule::kFixed: return true;
    case QuantRule::kShared: return layer.in.size() == 1 && is_fixed(graph, uses, layer.in[0]);
    case QuantRule::kCalibrated: break;
  }
  return false;
}

uint32_t root(std::vector<uint32_t>& parent, uint32_t value) {
  while (parent[value] != value) value = parent[value] = parent[parent[value]];
  return value;
}

}  // namespace

Result<> separate_fixed(Graph& graph) {
  for (uint32_t i = 0; i < graph.layers.size(); ++i) {
    if (quant_rule(graph.layers[i].op) != QuantRule::kShared || graph.layers[i].in.size() < 2) continue;
    for (std::size_t operand = 0; operand < graph.layers[i].in.size(); ++operand) {
      const Layer layer = graph.layers[i];
      if (!is_fixed(graph, Uses(graph), layer.in[operand])) continue;
      Rewriter rewriter(graph);
      const std::string name = cat("rescale_", layer.name, "_", operand);
      GRAUPEL_TRY(const ValueId rescaled,
                  rewriter.insert(LayerId{i}, name, Unary{UnaryKind::kIdentity}, {layer.in[operand]}, layer.origins));
      ++i;
      std::vector<ValueId> in = layer.in;
      in[operand] = rescaled;
      GRAUPEL_DO(Rewriter(graph).replace(LayerId{i}, layer.op, in));
    }
  }
  return {};
}

std::vector<uint32_t> scale_groups(const Graph& graph) {
  std::vector<uint32_t> parent(graph.values.size());
  std::iota(parent.begin(), parent.end(), 0u);
  for (const Layer& layer : graph.layers) {
    if (quant_rule(layer.op) != QuantRule::kShared) continue;
    for (ValueId in : layer.in) {
      const uint32_t a = root(parent, static_cast<uint32_t>(in)), b = root(parent, static_cast<uint32_t>(layer.out[0]));
      parent[std::max(a, b)] = std::min(a, b);
    }
  }
  for (uint32_t value = 0; value < parent.size(); ++value) parent[value] = root(parent, value);
  return parent;
}

}  // namespace graupel
