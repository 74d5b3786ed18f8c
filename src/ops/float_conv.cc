#include "ops/float_conv.h"

#include <algorithm>

namespace graupel {

FloatConv::FloatConv(const EvalContext& context, const ConvF32Params& params, const Tensor& weights, const float* bias)
    : context_(context), params_(params), kernel_(pick_conv_f32(params, context.isa)) {
  args_.weights = weights.as<float>().data();
  args_.bias = bias;
  if (kernel_.pack != nullptr) {
    packed_ = context.packed(weights, kernel_.name, [&] {
      Bytes bytes(kernel_.packed_bytes(params_));
      kernel_.pack(params_, args_.weights, reinterpret_cast<float*>(bytes.data()));
      return bytes;
    });
    args_.packed = reinterpret_cast<const float*>(packed_->data());
  }
  if (kernel_.scratch_bytes != nullptr) scratch_bytes_ = align_up(kernel_.scratch_bytes(params_), 64);
  const int threads = context.pool->threads();
  if (scratch_bytes_ > 0) scratch_ = context.allocate(scratch_bytes_ * static_cast<std::size_t>(threads));
  const Work work = params_.work();
  by_rows_ = work.blocks == 1 || work.rows >= 4 * threads;
}

void FloatConv::run(const float* src, const float* residual, float* dst) const {
  ConvF32Args args = args_;
  args.src = src;
  args.residual = residual;
  args.dst = dst;
  const Work work = params_.work();
  const int64_t units = by_rows_ ? work.rows : int64_t{work.rows} * work.blocks;
  context_.pool->run(units, [&](int64_t begin, int64_t end, int worker) { run_units(args, begin, end, worker); });
}

void FloatConv::run_units(const ConvF32Args& shared, int64_t begin, int64_t end, int worker) const {
  ConvF32Args args = shared;
  if (scratch_) args.scratch = scratch_->data() + static_cast<std::size_t>(worker) * scratch_bytes_;
  const Work work = params_.work();
  if (by_rows_) {
    kernel_.run(params_, args, {static_cast<int32_t>(begin), static_cast<int32_t>(end), 0, work.blocks});
    return;
  }
  // Units count rows fastest, so that a worker stays with one block's weights.
  while (begin < end) {
    const auto block = static_cast<int32_t>(begin / work.rows), row = static_cast<int32_t>(begin % work.rows);
    const auto rows = static_cast<int32_t>(std::min<int64_t>(work.rows - row, end - begin));
    kernel_.run(params_, args, {row, row + rows, block, block + 1});
    begin += rows;
  }
}

}  // namespace graupel
