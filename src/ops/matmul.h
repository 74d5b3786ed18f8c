// The product of two activations, batched (N4.3).
#pragma once

#include "ops/op.h"

namespace graupel {

/// in: a, matrices [batch.., M, K], and b, matrices [batch.., K, N], either may be a constant; out [batch.., M, N] =
/// a . b * scale. Batch extents of 1 repeat. All three have as many extents as the orders, and each is stored with
/// extents reordered: stored extent i of `a` is extent a_order[i] of [batch.., M, K], and so on. Whatever order heads
/// and tokens come in, a product reads them where they lie and writes them as its readers want them.
struct MatMul {
  static constexpr std::string_view kName = "MatMul";
  std::vector<int32_t> a_order, b_order, out_order;
  float scale = 1;  ///< above 0

  static constexpr auto fields() {
    return std::tuple{Field{"a_order", &MatMul::a_order}, Field{"b_order", &MatMul::b_order},
                      Field{"out_order", &MatMul::out_order}, Field{"scale", &MatMul::scale}};
  }

  QuantRule quant_rule() const;
  Result<TensorType> infer(std::span<const TensorType> in) const;
  Result<Tensor> eval(const EvalContext& context, std::span<const Tensor> in, const TensorType& out) const;
  Result<std::vector<Step>> lower(const LowerContext& context) const;
  static std::span<const OnnxImport> imports();
  static std::span<const Constraint<MatMul>> constraints();
  bool operator==(const MatMul&) const = default;
};

}  // namespace graupel
