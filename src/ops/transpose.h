// Reorders extents: output extent i is input extent order[i] (N5.3).
#pragma once

#include "ops/op.h"

namespace graupel {

/// in: x of rank order.size().
struct Transpose {
  static constexpr std::string_view kName = "Transpose";
  std::vector<int32_t> order;

  static constexpr auto fields() { return std::tuple{Field{"order", &Transpose::order}}; }

  QuantRule quant_rule() const;
  Result<TensorType> infer(std::span<const TensorType> in) const;
  Result<Tensor> eval(const EvalContext& context, std::span<const Tensor> in, const TensorType& out) const;
  Result<std::vector<Step>> lower(const LowerContext& context) const;
  static std::span<const OnnxImport> imports();
  static std::span<const Constraint<Transpose>> constraints();
  bool operator==(const Transpose&) const = default;
};

}  // namespace graupel
