// The same elements in stored order with other extents (N5.3).
#pragma once

#include "ops/op.h"

namespace graupel {

/// in: x. `shape` has no open extents and the same element count.
struct Reshape {
  static constexpr std::string_view kName = "Reshape";
  Shape shape;

  static constexpr auto fields() { return std::tuple{Field{"shape", &Reshape::shape}}; }

  QuantRule quant_rule() const;
  Result<TensorType> infer(std::span<const TensorType> in) const;
  Result<Tensor> eval(const EvalContext& context, std::span<const Tensor> in, const TensorType& out) const;
  Result<std::vector<Step>> lower(const LowerContext& context) const;
  static std::span<const OnnxImport> imports();
  static std::span<const Constraint<Reshape>> constraints();
  bool operator==(const Reshape&) const = default;
};

}  // namespace graupel
