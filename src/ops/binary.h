// Element-wise Add, Sub, Mul, Div, Min, Max of two tensors with broadcasting (N5).
#pragma once

#include "ops/clamp.h"
#include "ops/op.h"

namespace graupel {

/// in: a, b, either may be a constant; shapes broadcast as NumPy's. y = clamp(a op b).
/// Div has no integer meaning of its own: the optimizer rewrites it as Mul by a Reciprocal.
struct Binary {
  static constexpr std::string_view kName = "Binary";
  enum class Kind : uint8_t { kAdd, kSub, kMul, kDiv, kMin, kMax };
  Kind kind = Kind::kAdd;
  Clamp clamp;

  static constexpr auto fields() { return std::tuple{Field{"kind", &Binary::kind}, Field{"clamp", &Binary::clamp}}; }

  QuantRule quant_rule() const;
  Result<TensorType> infer(std::span<const TensorType> in) const;
  Result<Tensor> eval(const EvalContext& context, std::span<const Tensor> in, const TensorType& out) const;
  Result<std::vector<Step>> lower(const LowerContext& context) const;
  static std::span<const OnnxImport> imports();
  static std::span<const Constraint<Binary>> constraints();
  bool operator==(const Binary&) const = default;
};

}  // namespace graupel
