#include "compiler/connections.h"

#include <algorithm>

namespace graupel {
namespace {

/// Layers of the script that `layer` absorbed, the one nearest to the input first.
std::vector<std::string> absorbed(const Graph& graph, const Layer& layer,
                                  const std::vector<Modification>& modifications) {
  std::vector<std::string> names;
  const auto exists = [&](const std::string& name) {
    return std::any_of(graph.layers.begin(), graph.layers.end(), [&](const Layer& one) { return one.name == name; });
  };
  for (auto modification = modifications.rbegin(); modification != modifications.rend(); ++modification)
    for (auto made = modification->layers.rbegin(); made != modification->layers.rend(); ++made)
      if (!exists(*made) && std::find(layer.origins.begin(), layer.origins.end(), *made) != layer.origins.end())
        names.push_back(*made);
  return names;
}

}  // namespace

std::vector<Connection> layer_connections(const Graph& graph, const std::vector<Modification>& modifications) {
  std::vector<std::string> source(graph.values.size());
  for (ValueId id : graph.inputs) source[static_cast<uint32_t>(id)] = graph[id].name;
  std::vector<Connection> connections;
  for (const Layer& layer : graph.layers) {
    const std::vector<std::string> folded = absorbed(graph, layer, modifications);
    for (std::size_t operand = 0; operand < layer.in.size(); ++operand) {
      if (graph[layer.in[operand]].constant) continue;
      std::string from = source[static_cast<uint32_t>(layer.in[operand])];
      if (operand == 0)
        for (const std::string& name : folded) {
          connections.push_back({from, name, false});
          from = name;
        }
      connections.push_back({from, layer.name, operand == 0 && !folded.empty()});
    }
    source[static_cast<uint32_t>(layer.out[0])] = layer.name;
  }
  for (std::size_t i = 0; i < graph.outputs.size(); ++i)
    connections.push_back({source[static_cast<uint32_t>(graph.outputs[i])], cat("output_layer", i + 1), false});
  return connections;
}

}  // namespace graupel
