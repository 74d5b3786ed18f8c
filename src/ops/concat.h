// Joins tensors along one axis (N5.3).
#pragma once

#include "ops/op.h"

namespace graupel {

/// in: one or more tensors equal but for extent `axis` (>= 0).
struct Concat {
  static constexpr std::string_view kName = "Concat";
  int32_t axis = 0;

  static constexpr auto fields() { return std::tuple{Field{"axis", &Concat::axis}}; }

  QuantRule quant_rule() const;
  Result<TensorType> infer(std::span<const TensorType> in) const;
  Result<Tensor> eval(const EvalContext& context, std::span<const Tensor> in, const TensorType& out) const;
  Result<std::vector<Step>> lower(const LowerContext& context) const;
  static std::span<const OnnxImport> imports();
  static std::span<const Constraint<Concat>> constraints();
  bool operator==(const Concat&) const = default;
};

}  // namespace graupel
