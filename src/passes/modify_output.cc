#include <algorithm>

#include "ir/rewriter.h"
#include "passes/modify.h"

namespace graupel {
namespace {

/// The layer that graph output `output` is. Errors: invalid, when it is a graph input.
Result<LayerId> output_layer(const Graph& graph, std::size_t output) {
  const Uses uses(graph);
  const auto& producer = uses.producer[static_cast<uint32_t>(graph.outputs[output])];
  if (!producer) return invalid("output ", output + 1, " is computed by no layer");
  return *producer;
}

/// Puts a layer behind graph output `output`; the output alone reads it.
Result<std::string> append(Graph& graph, std::size_t output, const std::string& name, Op op) {
  Graph changed = graph;
  const LayerId end{static_cast<uint32_t>(changed.layers.size())};
  GRAUPEL_TRY(const ValueId y, Rewriter(changed).insert(end, name, std::move(op), {changed.outputs[output]}, {name}));
  changed.outputs[output] = y;
  GRAUPEL_DO(verify(changed));
  graph = std::move(changed);
  return graph[y].name;
}

/// `axis` of graph output `output` counted from the front.
Result<int32_t> output_axis(const Graph& graph, std::size_t output, int32_t axis) {
  const auto rank = static_cast<int32_t>(graph[graph.outputs[output]].type.shape.size());
  const int32_t from_front = axis < 0 ? axis + rank : axis;
  if (from_front < 0 || from_front >= rank)
    return invalid("axis ", axis, " of an output of rank ", rank, " (accepted: ", -rank, " to ", rank - 1, ")");
  return from_front;
}

}  // namespace

Result<std::string> set_output_activation(Graph& graph, std::size_t output, const Unary& activation) {
  GRAUPEL_TRY(const LayerId at, output_layer(graph, output));
  Graph changed = graph;
  std::string base = graph[at].name;
  if (std::holds_alternative<Unary>(graph[at].op)) {
    // The layer in front keeps its place in the numbering, so the new activation may take the old one's name.
    const bool alone = Uses(graph).readers[static_cast<uint32_t>(graph.outputs[output])].empty();
    const ValueId in = graph[at].in[0];
    if (alone && activation.kind != UnaryKind::kIdentity) {
      GRAUPEL_DO(Rewriter(changed).replace(at, activation, {in}));
      graph = std::move(changed);
      return base;
    }
    changed.outputs[output] = in;
    remove_dead(changed);
    GRAUPEL_TRY(const LayerId before, output_layer(changed, output));
    base = changed[before].name;
  }
  if (activation.kind != UnaryKind::kIdentity) {
    GRAUPEL_TRY(base, append(changed, output, "activation_" + base, activation));
  }
  GRAUPEL_DO(verify(changed));
  graph = std::move(changed);
  return base;
}

Result<std::string> add_softmax(Graph& graph, std::size_t output, int32_t axis, const std::string& name) {
  GRAUPEL_TRY(const int32_t from_front, output_axis(graph, output, axis));
  return append(graph, output, name, Softmax{from_front});
}

Result<std::string> add_argmax(Graph& graph, std::size_t output, int32_t axis, const std::string& name) {
  GRAUPEL_TRY(const int32_t from_front, output_axis(graph, output, axis));
  return append(graph, output, name, ArgMax{from_front, false, false});
}

Result<> remove_layer(Graph& graph, const std::string& name) {
  const auto found =
      std::find_if(graph.layers.begin(), graph.layers.end(), [&](const Layer& layer) { return layer.name == name; });
  if (found == graph.layers.end()) return not_found("there is no layer '", name, "'");
  const LayerId id{static_cast<uint32_t>(found - graph.layers.begin())};
  const ValueId in = found->in[0], out = found->out[0];
  if (graph[in].type.shape != graph[out].type.shape)
    return invalid("layer '", name, "' makes ", to_string(graph[out].type.shape), " of ",
                   to_string(graph[in].type.shape), "; only a layer that keeps the shape can be removed");
  Graph changed = graph;
  Rewriter(changed).bypass(id, in);
  for (ValueId output : changed.outputs)
    if (std::find(changed.inputs.begin(), changed.inputs.end(), output) != changed.inputs.end())
      return invalid("without layer '", name, "' an output would be an input");
  remove_dead(changed);
  GRAUPEL_DO(verify(changed));
  graph = std::move(changed);
  return {};
}

}  // namespace graupel
