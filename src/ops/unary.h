// A function of one element: activations and the like; on codes a table (N3.1, N8.4).
#pragma once

#include "kernels/float/float.h"
#include "ops/op.h"

namespace graupel {

/// in: x. y = f(x); alpha and beta as unary_f32 says. On quantized types kIdentity is a rescale.
struct Unary {
  static constexpr std::string_view kName = "Unary";
  UnaryKind kind = UnaryKind::kIdentity;
  float alpha = 0, beta = 0;

  static constexpr auto fields() {
    return std::tuple{Field{"kind", &Unary::kind}, Field{"alpha", &Unary::alpha}, Field{"beta", &Unary::beta}};
  }

  QuantRule quant_rule() const;
  Result<TensorType> infer(std::span<const TensorType> in) const;
  Result<Tensor> eval(const EvalContext& context, std::span<const Tensor> in, const TensorType& out) const;
  Result<std::vector<Step>> lower(const LowerContext& context) const;
  static std::span<const OnnxImport> imports();
  static std::span<const Constraint<Unary>> constraints();
  bool operator==(const Unary&) const = default;
};

}  // namespace graupel
