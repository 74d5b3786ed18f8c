// Weights and biases as integers: per-channel symmetric scales by least squared error (N1.2, N1.3).
#pragma once

#include <span>

#include "base/result.h"
#include "quant/quantize.h"
#include "tensor/tensor.h"

namespace graupel {

struct QuantizedLinear {
  Tensor weights;  ///< s8, shape as given, quantized along its last axis, codes in [-127, 127]
  Tensor bias;     ///< s32 [O], scale = input scale * weight scale per channel
};

/// `weights` f32 [.., O], `bias` f32 [O]. A channel whose bias or accumulator would not fit gets a wider scale (N2.3).
/// Errors: invalid, when a weight or bias is not finite (its channel is named).
Result<QuantizedLinear> quantize_linear(const Tensor& weights, const Tensor& bias, float input_scale,
                                        RangeMethod method);

}  // namespace graupel
