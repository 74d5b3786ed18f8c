// The integer meaning that Conv, ConvTranspose and Dense share: folded bias, proved scales, clamp codes (N1.3, N2, N4,
// N8).
#pragma once

#include "ops/clamp.h"
#include "ops/expect.h"

namespace graupel {

/// Constants and epilogue of one quantized linear layer.
struct Linear {
  int32_t in_zero_point = 0;
  ConstRef weights, bias;
  DType weight = DType::kS8;
  Epilogue epilogue;
};

/// Operands: an activation, weights [.., O] with one scale per o, bias [O], of the types of expect_linear_types(), and
/// with `residual` a tensor of codes like the output. Every output o sums the products of all weights [.., o] at most
/// (missing inputs read as the zero point). Errors: invalid or unsupported, naming operand or channel, when N2.2, N2.3
/// or N8.3 cannot be kept.
Result<Linear> lower_linear(const LowerContext& context, const Clamp& clamp, bool residual);

/// Element types of a linear layer: f32 throughout, or codes with s8 or s16 weights; the bias is s32 of u8 codes and s8
/// weights, else s64 (N8.2). `weights` [.., O], bias [O]. Errors: invalid, naming the operand.
Result<> expect_linear_types(std::span<const TensorType> in);

/// At most 65535 products per output, of operands as expect_linear_types() takes them: 255 * 127 * 65535 plus a bias of
/// the same size stays below 2^31 (N1.4, N2.3).
bool sums_few_products(std::span<const TensorType> in);
template <class T>
inline constexpr Constraint<T> kFewProducts[] = {
    {"at most 65535 products per output",
     [](const T&, std::span<const TensorType> in) { return sums_few_products(in); }},
};

/// clamp.lo <= clamp.hi and neither is NaN.
Result<> expect_clamp(const Clamp& clamp);

/// The codes an interval becomes under the output's quantization.
struct CodeRange {
  int32_t lo = 0, hi = 255;
};
CodeRange code_range(const Clamp& clamp, const Affinity& out);

}  // namespace graupel
