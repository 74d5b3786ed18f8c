// Leaky ReLU with a slope per channel: one table per channel (N3.1).
#pragma once

#include "ops/op.h"

namespace graupel {

/// in: x [.., C], slope [1] or [C]. y = x < 0 ? slope * x : x.
struct PRelu {
  static constexpr std::string_view kName = "PRelu";
  static constexpr bool kFloatConstants = true;  ///< constants go into tables and stay f32 when quantized

  static constexpr auto fields() { return std::tuple{}; }

  QuantRule quant_rule() const;
  Result<TensorType> infer(std::span<const TensorType> in) const;
  Result<Tensor> eval(const EvalContext& context, std::span<const Tensor> in, const TensorType& out) const;
  Result<std::vector<Step>> lower(const LowerContext& context) const;
  static std::span<const OnnxImport> imports();
  static std::span<const Constraint<PRelu>> constraints();
  bool operator==(const PRelu&) const = default;
};

}  // namespace graupel
