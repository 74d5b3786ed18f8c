// The quantized emulation. Shares no code with lowering or runtime: it is what they are compared with.
#include <algorithm>

#include "ir/evaluate.h"
#include "ir/float_context.h"
#include "ir/lowered_layer.h"

namespace graupel {
struct Emulator::State {
  State(const Graph& g, int threads) : graph(g), pool(threads), values(g.values.size()) {
    Uses uses(g);
    last_reader.assign(g.values.size(), -1);
    for (std::size_t value = 0; value < g.values.size(); ++value)
      if (!uses.readers[value].empty() && !uses.is_output[value])
        last_reader[value] = static_cast<int64_t>(static_cast<uint32_t>(uses.readers[value].back()));
  }

  const Tensor& tensor(ValueId id) const {
    const auto& constant = graph[id].constant;
    return constant ? *constant : *values[static_cast<uint32_t>(id)];
  }

  /// The host's part: the op's float meaning on the dequantized codes.
  Result<Tensor> run_on_host(const Layer& layer, std::vector<Tensor> in) {
    if (!host) host.emplace(1, Isa::kRef);
    for (Tensor& codes : in) codes = dequantize(codes);
    return eval(layer.op, host->eval(), in, graph[layer.out[0]].type).within("layer '", layer.name, "'");
  }

  Result<> run_layer(std::size_t number, const Observer& observer) {
    const Layer& layer = graph.layers[number];
    std::vector<Tensor> in;
    for (ValueId id : layer.in) in.push_back(tensor(id));
    Tensor out;
    if (is_host(layer.op)) {
      GRAUPEL_TRY(out, run_on_host(layer, std::move(in)));
    } else {
      out = run_reference(layers[number], in, graph[layer.out[0]].type, pool, scratch);
    }
    if (observer) observer(layer.out[0], &layer, out);
    values[static_cast<uint32_t>(layer.out[0])] = std::move(out);
    for (ValueId id : layer.in)
      if (last_reader[static_cast<uint32_t>(id)] == static_cast<int64_t>(number))
        values[static_cast<uint32_t>(id)].reset();
    return {};
  }

  const Graph& graph;
  ThreadPool pool;
  Bytes scratch;
  std::optional<FloatContext> host;
  std::vector<LoweredLayer> layers;
  std::vector<int64_t> last_reader;  ///< by value; -1: kept to the end
  std::vector<std::optional<Tensor>> values;
};

Emulator::Emulator(const Graph& graph, int threads)
    : state_(std::make_unique<State>(graph, threads > 0 ? threads : available_threads())) {}
Emulator::~Emulator() = default;

Result<> Emulator::prepare() {
  State& state = *state_;
  if (state.graph.stage != Stage::kQuantized)
    return invalid("graph '", state.graph.name, "' is ", to_string(state.graph.stage), "; quantize it first");
  state.layers.clear();
  for (const Layer& layer : state.graph.layers) {
    LoweredLayer lowered;
    if (!is_host(layer.op)) {
      GRAUPEL_TRY(lowered, lower_layer(state.graph, layer));
    }
    state.layers.push_back(std::move(lowered));
  }
  return {};
}

Result<std::vector<Tensor>> Emulator::run(std::span<const Tensor> inputs, const Observer& observer) {
  State& state = *state_;
  const Graph& graph = state.graph;
  if (state.layers.size() != graph.layers.size()) GRAUPEL_DO(prepare());
  if (inputs.size() != graph.inputs.size())
    return mismatch(inputs.size(), " input tensors for a graph with ", graph.inputs.size(), " inputs");
  std::fill(state.values.begin(), state.values.end(), std::nullopt);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const Value& value = graph[graph.inputs[i]];
    if (inputs[i].type != value.type)
      return mismatch("input '", value.name, "' is given ", to_string(inputs[i].type), " but is ",
                      to_string(value.type));
    Tensor& kept = state.values[static_cast<uint32_t>(graph.inputs[i])].emplace(inputs[i]);
    if (observer) observer(graph.inputs[i], nullptr, kept);
  }
  for (std::size_t i = 0; i < graph.layers.size(); ++i) GRAUPEL_DO(state.run_layer(i, observer));
  std::vector<Tensor> outputs;
  for (ValueId id : graph.outputs) outputs.push_back(state.tensor(id));
  std::fill(state.values.begin(), state.values.end(), std::nullopt);
  return outputs;
}

}  // namespace graupel
