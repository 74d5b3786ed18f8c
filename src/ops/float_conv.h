// Float convolution over the threads of an evaluation: what Conv, ConvTranspose and Dense run on (N10.1).
#pragma once

#include "kernels/float/float.h"
#include "ops/op.h"

namespace graupel {

/// One layer's convolution with its kernel chosen and its weights packed. `context`, `weights` and `bias` must outlive
/// it.
class FloatConv {
 public:
  FloatConv(const EvalContext& context, const ConvF32Params& params, const Tensor& weights, const float* bias);

  /// One frame: `src` and `residual` (null without one) are images of params.in and params.out.
  void run(const float* src, const float* residual, float* dst) const;

 private:
  void run_units(const ConvF32Args& shared, int64_t begin, int64_t end, int worker) const;

  const EvalContext& context_;
  ConvF32Params params_;
  const ConvF32Kernel& kernel_;
  ConvF32Args args_;
  std::shared_ptr<const Bytes> packed_;
  std::shared_ptr<Bytes> scratch_;
  std::size_t scratch_bytes_ = 0;
  bool by_rows_ = true;
};

}  // namespace graupel
