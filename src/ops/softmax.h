// Softmax over one axis (N7.1).
#pragma once

#include "ops/op.h"

namespace graupel {

/// in: x. Normalizes over extent `axis` (>= 0). Quantized output is always of the input's type, scale 1 / largest code,
/// zero point 0.
struct Softmax {
  static constexpr std::string_view kName = "Softmax";
  int32_t axis = 0;

  static constexpr auto fields() { return std::tuple{Field{"axis", &Softmax::axis}}; }

  QuantRule quant_rule() const;
  Result<TensorType> infer(std::span<const TensorType> in) const;
  Result<Tensor> eval(const EvalContext& context, std::span<const Tensor> in, const TensorType& out) const;
  Result<std::vector<Step>> lower(const LowerContext& context) const;
  static std::span<const OnnxImport> imports();
  static std::span<const Constraint<Softmax>> constraints();
  bool operator==(const Softmax&) const = default;
};

}  // namespace graupel
