#include "ir/lowered_layer.h"

namespace graupel {
namespace {

/// Runs one step with its family's reference kernel: rows over the pool's threads, every block.
template <class P>
void run_step(const P& params, const KernelArgs& args, ThreadPool& pool, Bytes& scratch) {
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

Result<LoweredLayer> lower_layer(const Graph& graph, const Layer& layer) {
  const std::vector<TensorType> in = graph.input_types(layer);
  std::vector<const Tensor*> constants;
  for (ValueId id : layer.in) constants.push_back(graph[id].constant ? &*graph[id].constant : nullptr);
  Constants sink;
  GRAUPEL_TRY(
      std::vector<Step> steps,
      lower(layer.op, LowerContext{in, graph[layer.out[0]].type, constants, sink}).within("layer '", layer.name, "'"));
  return LoweredLayer{std::move(steps), std::move(sink).take()};
}

Tensor run_reference(const LoweredLayer& lowered, std::span<const Tensor> in, const TensorType& type, ThreadPool& pool,
                     Bytes& scratch) {
  auto bytes = std::make_shared<Bytes>(type.bytes());
  for (const Step& step : lowered.steps) {
    KernelArgs args;
    for (std::size_t i = 0; i < step.src.size(); ++i) {
      const Step::Source& source = step.src[i];
      args.src[i] = source.input >= 0 ? in[static_cast<std::size_t>(source.input)].data->data()
                                      : lowered.constants.data() + source.constant.offset;
    }
    args.dst = bytes->data();
    args.constants = lowered.constants.data();
    std::visit([&](const auto& params) { run_step(params, args, pool, scratch); }, step.params);
  }
  return Tensor{type, std::move(bytes)};
}

}  // namespace graupel
