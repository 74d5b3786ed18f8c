// Weights and biases as integers: per-channel symmetric scales by least squared error (N1.2, N1.3, N8.2).
#pragma once

#include <span>

#include "base/result.h"
#include "quant/layer_rules.h"
#include "tensor/tensor.h"

namespace graupel {

struct QuantizedLinear {
  Tensor weights;  ///< shape as given, quantized along its last axis: s8 in [-127, 127] or, of 4 bits, [-7, 7]; or s16
  Tensor bias;     ///< [O], s32, or s64 of u16 codes or s16 weights; scale = input scale * weight scale per channel
};

/// `weights` f32 [.., O], `bias` f32 [O], `input` the type of the codes they meet. A channel whose bias or accumulator
/// would not fit gets a wider scale (N2.3). Errors: invalid, when a weight or bias is not finite (its channel is
/// named).
Result<QuantizedLinear> quantize_linear(const Tensor& weights, const Tensor& bias, const TensorType& input,
                                        const LayerRule& rule);

}  // namespace graupel
