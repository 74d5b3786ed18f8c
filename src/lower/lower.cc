// Lowering, step by step: every op's own steps, table fusion, homes, the program.
#include "lower/lower.h"

#include "ir/host.h"
#include "lower/draft.h"
#include "lower/emit.h"
#include "lower/place.h"

namespace graupel {
namespace {

Result<Part> lower_layer(Draft& draft, uint32_t number) {
  const Graph& graph = draft.graph;
  const Layer& layer = graph.layers[number];
  const std::vector<TensorType> in = graph.input_types(layer);
  std::vector<const Tensor*> constants;
  for (ValueId id : layer.in) constants.push_back(draft.is_constant(id) ? &*graph[id].constant : nullptr);
  Part part{number, layer.in, layer.out[0], {}};
  GRAUPEL_TRY(part.steps, lower(layer.op, LowerContext{in, graph[part.out].type, constants, draft.constants}));
  return part;
}

HostStep host_step(const Layer& layer, const std::vector<uint32_t>& src) {
  HostStep step{{}, src, layer.name, layer.origins};
  std::visit(
      [&]<class T>(const T& op) {
        if constexpr (HostOp<T>) step.params = op.params;
      },
      layer.op);
  return step;
}

}  // namespace

Result<Program> lower_graph(const Graph& graph) {
  if (graph.stage != Stage::kQuantized)
    return invalid("graph '", graph.name, "' is ", to_string(graph.stage), "; quantize it before it is compiled");
  const HostSplit split = split_host(graph);
  Draft draft{split.device, {}, {}};
  for (uint32_t i = 0; i < split.device.layers.size(); ++i) {
    GRAUPEL_TRY(Part part, lower_layer(draft, i).within("layer '", split.device.layers[i].name, "'"));
    draft.parts.push_back(std::move(part));
  }
  GRAUPEL_DO(fuse_tables(draft));
  GRAUPEL_TRY(const Placement placement, place_values(draft));
  GRAUPEL_TRY(Program program, emit_program(draft, placement));
  for (const HostLayer& layer : split.host) program.host.push_back(host_step(graph[layer.layer], layer.src));
  GRAUPEL_DO(validate(program).within("the compiled program"));
  return program;
}

}  // namespace graupel
