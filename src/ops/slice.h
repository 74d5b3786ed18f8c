// A strided part along one axis (N5.3); Split and multi-axis Slice become several.
#pragma once

#include "ops/op.h"

namespace graupel {

/// in: x. Takes indices begin, begin + step, ... `count` of them along `axis`. step may be negative, not 0.
struct Slice {
  static constexpr std::string_view kName = "Slice";
  int32_t axis = 0;
  int32_t begin = 0, count = 1, step = 1;

  static constexpr auto fields() {
    return std::tuple{Field{"axis", &Slice::axis}, Field{"begin", &Slice::begin}, Field{"count", &Slice::count},
                      Field{"step", &Slice::step}};
  }

  QuantRule quant_rule() const;
  Result<TensorType> infer(std::span<const TensorType> in) const;
  Result<Tensor> eval(const EvalContext& context, std::span<const Tensor> in, const TensorType& out) const;
  Result<std::vector<Step>> lower(const LowerContext& context) const;
  static std::span<const OnnxImport> imports();
  static std::span<const Constraint<Slice>> constraints();
  bool operator==(const Slice&) const = default;
};

}  // namespace graupel
