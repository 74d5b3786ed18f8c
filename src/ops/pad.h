// Surrounds a tensor with a constant (N5.3: the value is rounded to the nearest code).
#pragma once

#include "ops/op.h"

namespace graupel {

/// in: x. Output extent i = before[i] + in + after[i].
struct Pad {
  static constexpr std::string_view kName = "Pad";
  std::vector<int32_t> before, after;
  float value = 0;

  static constexpr auto fields() {
    return std::tuple{Field{"before", &Pad::before}, Field{"after", &Pad::after}, Field{"value", &Pad::value}};
  }

  QuantRule quant_rule() const;
  Result<TensorType> infer(std::span<const TensorType> in) const;
  Result<Tensor> eval(const EvalContext& context, std::span<const Tensor> in, const TensorType& out) const;
  Result<std::vector<Step>> lower(const LowerContext& context) const;
  static std::span<const OnnxImport> imports();
  static std::span<const Constraint<Pad>> constraints();
  bool operator==(const Pad&) const = default;
};

}  // namespace graupel
