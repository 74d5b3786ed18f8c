#include "ir/host.h"

namespace graupel {
namespace {

/// What is known of a value that becomes an output: the last original node of the layer that computes it.
PortInfo info_of(const Graph& graph, const Uses& uses, ValueId id) {
  const auto& producer = uses.producer[static_cast<uint32_t>(id)];
  const bool known = producer && !graph[*producer].origins.empty();
  return {known ? graph[*producer].origins.back() : graph[id].name, {}, {}};
}

}  // namespace

HostSplit split_host(const Graph& graph) {
  const Uses uses(graph);
  HostSplit split{graph, {}};
  Graph& device = split.device;
  device.outputs.clear();
  device.output_info.clear();
  const auto add_output = [&](ValueId id, const PortInfo& info) {
    device.outputs.push_back(id);
    device.output_info.push_back(info);
  };
  for (std::size_t i = 0; i < graph.outputs.size(); ++i) {
    const auto& producer = uses.producer[static_cast<uint32_t>(graph.outputs[i])];
    if (!producer || !is_host(graph[*producer].op)) {
      add_output(graph.outputs[i], graph.output_info[i]);
      continue;
    }
    HostLayer layer{*producer, {}};
    for (ValueId id : graph[*producer].in) {
      layer.src.push_back(static_cast<uint32_t>(device.outputs.size()));
      add_output(id, info_of(graph, uses, id));
    }
    split.host.push_back(std::move(layer));
  }
  std::erase_if(device.layers, [](const Layer& layer) { return is_host(layer.op); });
  return split;
}

}  // namespace graupel
