// Scale and shift by constants, per tensor or per channel: batch normalization and constant Mul/Add.
#pragma once

#include "ops/op.h"

namespace graupel {

/// in: x [.., C], scale [1] or [C], shift [1] or [C]. y = x * scale + shift, two roundings in float.
/// Integer meaning: one table per channel (N3.1).
struct Affine {
  static constexpr std::string_view kName = "Affine";
  static constexpr bool kFloatConstants = true;  ///< constants go into tables and stay f32 when quantized

  static constexpr auto fields() { return std::tuple{}; }

  QuantRule quant_rule() const;
  Result<TensorType> infer(std::span<const TensorType> in) const;
  Result<Tensor> eval(const EvalContext& context, std::span<const Tensor> in, const TensorType& out) const;
  Result<std::vector<Step>> lower(const LowerContext& context) const;
  static std::span<const OnnxImport> imports();
  static std::span<const Constraint<Affine>> constraints();
  bool operator==(const Affine&) const = default;
};

}  // namespace graupel
