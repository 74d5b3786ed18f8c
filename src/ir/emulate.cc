// The quantized emulation. Shares no code with lowering or runtime: it is what they are compared with.
#include <algorithm>

#include "ir/evaluate.h"

namespace graupel {
namespace {

/// A layer with what its op lowered to.
struct LoweredLayer {
  std::vector<Step> steps;
  Bytes constants;
};

/// Runs one step with its family's reference kernel: rows over the pool's threads, every block.
template <class P>
void run_reference(const P& params, const KernelArgs& args, ThreadPool& pool, Bytes& scratch) {
  const Kernel<P>& kernel = kernel_table<P>().back();
  const std::size_t each = kernel.scratch_bytes == nullptr ? 0 : align_up(kernel.scratch_bytes(params), 64);
  const std::size_t all = each * static_cast<std::size_t>(pool.threads());
  if (scratch.size() < all) scratch.resize(all);
  const Work work = params.work();
  pool.run(work.rows, [&](int64_t begin, int64_t end, int worker) {
    KernelArgs mine = args;
    mine.scratch = scratch.data() + each * static_cast<std::size_t>(worker);
    kernel.run(params, mine, {static_cast<int32_t>(begin), static_cast<int32_t>(end), 0, work.blocks});
  });
}

}  // namespace

struct Emulator::State {
  State(const Graph& g, int threads) : graph(g), pool(threads), values(g.values.size()) {
    Uses uses(g);
    last_reader.assign(g.values.size(), -1);
    for (std::size_t value = 0; value < g.values.size(); ++value)
      if (!uses.readers[value].empty() && !uses.is_output[value])
        last_reader[value] = static_cast<int64_t>(static_cast<uint32_t>(uses.readers[value].back()));
  }

  Result<LoweredLayer> lower_layer(const Layer& layer) const {
    const std::vector<TensorType> in = graph.input_types(layer);
    std::vector<const Tensor*> constants;
    for (ValueId id : layer.in) constants.push_back(graph[id].constant ? &*graph[id].constant : nullptr);
    Constants sink;
    GRAUPEL_TRY(std::vector<Step> steps, lower(layer.op, LowerContext{in, graph[layer.out[0]].type, constants, sink}));
    return LoweredLayer{std::move(steps), std::move(sink).take()};
  }

  const Tensor& tensor(ValueId id) const {
    const auto& constant = graph[id].constant;
    return constant ? *constant : *values[static_cast<uint32_t>(id)];
  }

  void run_layer(std::size_t number, const Observer& observer) {
    const Layer& layer = graph.layers[number];
    const LoweredLayer& lowered = layers[number];
    const TensorType& type = graph[layer.out[0]].type;
    auto bytes = std::make_shared<Bytes>(type.bytes());
    for (const Step& step : lowered.steps) {
      KernelArgs args;
      for (std::size_t i = 0; i < step.src.size(); ++i) {
        const Step::Source& source = step.src[i];
        args.src[i] = source.input >= 0 ? tensor(layer.in[static_cast<std::size_t>(source.input)]).data->data()
                                        : lowered.constants.data() + source.constant.offset;
      }
      args.dst = bytes->data();
      args.constants = lowered.constants.data();
      std::visit([&](const auto& params) { run_reference(params, args, pool, scratch); }, step.params);
    }
    Tensor out{type, std::move(bytes)};
    if (observer) observer(layer.out[0], &layer, out);
    values[static_cast<uint32_t>(layer.out[0])] = std::move(out);
    for (ValueId id : layer.in)
      if (last_reader[static_cast<uint32_t>(id)] == static_cast<int64_t>(number))
        values[static_cast<uint32_t>(id)].reset();
  }

  const Graph& graph;
  ThreadPool pool;
  Bytes scratch;
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
    GRAUPEL_TRY(LoweredLayer lowered, state.lower_layer(layer).within("layer '", layer.name, "'"));
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
    state.values[static_cast<uint32_t>(graph.inputs[i])] = inputs[i];
    if (observer) observer(graph.inputs[i], nullptr, inputs[i]);
  }
  for (std::size_t i = 0; i < graph.layers.size(); ++i) state.run_layer(i, observer);
  std::vector<Tensor> outputs;
  for (ValueId id : graph.outputs) outputs.push_back(state.tensor(id));
  std::fill(state.values.begin(), state.values.end(), std::nullopt);
  return outputs;
}

}  // namespace graupel
