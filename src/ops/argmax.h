// Where the largest or smallest element along one axis is (N7.3).
#pragma once

#include "ops/op.h"

namespace graupel {

/// in: x. Indices along extent `axis`, which becomes 1; of equal elements the first one's, or the last one's. Quantized
/// output always has scale 1 and zero point 0, u8 for up to 256 elements, else u16.
struct ArgMax {
  static constexpr std::string_view kName = "ArgMax";
  int32_t axis = 0;
  bool smallest = false, last = false;

  static constexpr auto fields() {
    return std::tuple{Field{"axis", &ArgMax::axis}, Field{"smallest", &ArgMax::smallest}, Field{"last", &ArgMax::last}};
  }

  QuantRule quant_rule() const;
  Result<TensorType> infer(std::span<const TensorType> in) const;
  Result<Tensor> eval(const EvalContext& context, std::span<const Tensor> in, const TensorType& out) const;
  Result<std::vector<Step>> lower(const LowerContext& context) const;
  static std::span<const OnnxImport> imports();
  static std::span<const Constraint<ArgMax>> constraints();
  bool operator==(const ArgMax&) const = default;
};

}  // namespace graupel
