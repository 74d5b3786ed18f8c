// What an op's infer() and lower() say about operands that do not fit: one wording for all ops.
#pragma once

#include <span>
#include <string_view>

#include "base/result.h"
#include "ops/op.h"

namespace graupel {

/// `count` operands, each of a valid shape without empty extents. Errors: invalid.
Result<> expect_operands(std::span<const TensorType> in, std::size_t count);
/// f32 or codes, of `rank` extents. Errors: invalid, naming `what`.
Result<> expect_activation(const TensorType& type, std::size_t rank, std::string_view what);
/// f32 or codes, of any rank from `least`. Errors: invalid, naming `what`.
Result<> expect_activation_of_any_rank(const TensorType& type, std::size_t least, std::string_view what);

/// `axis` counts an extent of `shape` from 0. Errors: invalid.
Result<> expect_axis(int32_t axis, const Shape& shape);

/// The scale, zero point and largest code of a tensor of codes. Errors: invalid when it has none, or one per channel.
struct Affinity {
  double scale = 1;
  int32_t zero_point = 0;
  int32_t most = 255;
};
Result<Affinity> quantization_of(const TensorType& type, std::string_view what);

/// The constant operand `index`. Errors: unsupported when the graph computes it.
Result<const Tensor*> constant_operand(const LowerContext& context, std::size_t index, std::string_view what);

/// Both f32, or both codes of whatever types: what a layer computes with two operands. Errors: invalid.
Result<> expect_alike(const TensorType& a, const TensorType& b);

/// The code of `real` under `q`: clamp(R(real / scale) + zero_point, 0, most); infinities saturate. Not NaN.
int32_t code_of(double real, const Affinity& q);

}  // namespace graupel
