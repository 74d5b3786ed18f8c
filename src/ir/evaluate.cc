#include "ir/evaluate.h"

#include <algorithm>

#include "ir/float_context.h"

namespace graupel {
namespace {

/// For each layer, the values nobody needs after it.
std::vector<std::vector<uint32_t>> last_uses(const Graph& graph) {
  std::vector<int64_t> last(graph.values.size(), -1);
  for (std::size_t i = 0; i < graph.layers.size(); ++i) {
    for (ValueId id : graph.layers[i].in) last[static_cast<uint32_t>(id)] = static_cast<int64_t>(i);
    for (ValueId id : graph.layers[i].out) last[static_cast<uint32_t>(id)] = static_cast<int64_t>(i);
  }
  for (ValueId id : graph.outputs) last[static_cast<uint32_t>(id)] = -1;
  std::vector<std::vector<uint32_t>> ends(graph.layers.size());
  for (uint32_t value = 0; value < last.size(); ++value)
    if (last[value] >= 0) ends[static_cast<std::size_t>(last[value])].push_back(value);
  return ends;
}

}  // namespace

struct Evaluator::State {
  State(const Graph& g, int threads, Isa isa)
      : graph(g), context(threads, isa), ends(last_uses(g)), values(g.values.size()) {}

  Result<> set_inputs(std::span<const Tensor> inputs) {
    if (inputs.size() != graph.inputs.size())
      return mismatch(inputs.size(), " input tensors for a graph with ", graph.inputs.size(), " inputs");
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const Value& value = graph[graph.inputs[i]];
      if (inputs[i].type != value.type)
        return mismatch("input '", value.name, "' is given ", to_string(inputs[i].type), " but is ",
                        to_string(value.type));
      values[static_cast<uint32_t>(graph.inputs[i])] = inputs[i];
    }
    return {};
  }

  const Tensor& tensor(ValueId id) const {
    const auto& constant = graph[id].constant;
    return constant ? *constant : *values[static_cast<uint32_t>(id)];
  }

  Result<> run_layer(std::size_t number, const Observer& observer) {
    const Layer& layer = graph.layers[number];
    std::vector<Tensor> in;
    in.reserve(layer.in.size());
    for (ValueId id : layer.in) in.push_back(tensor(id));
    GRAUPEL_TRY(Tensor out,
                eval(layer.op, context.eval(), in, graph[layer.out[0]].type).within("layer '", layer.name, "'"));
    if (observer) observer(layer.out[0], &layer, out);
    values[static_cast<uint32_t>(layer.out[0])] = std::move(out);
    in.clear();
    for (uint32_t value : ends[number]) values[value].reset();
    return {};
  }

  const Graph& graph;
  FloatContext context;
  std::vector<std::vector<uint32_t>> ends;
  std::vector<std::optional<Tensor>> values;
};

Evaluator::Evaluator(const Graph& graph, int threads, Isa isa) : state_(std::make_unique<State>(graph, threads, isa)) {}
Evaluator::~Evaluator() = default;

Result<std::vector<Tensor>> Evaluator::run(std::span<const Tensor> inputs, const Observer& observer) {
  State& state = *state_;
  if (state.graph.stage == Stage::kQuantized)
    return invalid("graph '", state.graph.name, "' is quantized; its emulation is the Emulator's");
  std::fill(state.values.begin(), state.values.end(), std::nullopt);
  GRAUPEL_DO(state.set_inputs(inputs));
  if (observer)
    for (ValueId id : state.graph.inputs) observer(id, nullptr, *state.values[static_cast<uint32_t>(id)]);
  for (std::size_t i = 0; i < state.graph.layers.size(); ++i) GRAUPEL_DO(state.run_layer(i, observer));
  std::vector<Tensor> outputs;
  for (ValueId id : state.graph.outputs) outputs.push_back(state.tensor(id));
  std::fill(state.values.begin(), state.values.end(), std::nullopt);
  return outputs;
}

}  // namespace graupel
