// Mean, sum, largest, smallest, length and sum of squares over neighbouring axes (N6.1, N6.3); global average pooling
// is the mean over axes H, W.
#pragma once

#include "ops/op.h"

namespace graupel {

/// in: x. Reduces extents [first_axis, last_axis]; they stay as 1 when keep_dims.
struct Reduce {
  static constexpr std::string_view kName = "Reduce";
  enum class Kind : uint8_t { kMean, kSum, kMax, kMin, kL2, kSumSquare };
  Kind kind = Kind::kMean;
  int32_t first_axis = 0, last_axis = 0;
  bool keep_dims = true;

  static constexpr auto fields() {
    return std::tuple{Field{"kind", &Reduce::kind}, Field{"first_axis", &Reduce::first_axis},
                      Field{"last_axis", &Reduce::last_axis}, Field{"keep_dims", &Reduce::keep_dims}};
  }

  QuantRule quant_rule() const;
  Result<TensorType> infer(std::span<const TensorType> in) const;
  Result<Tensor> eval(const EvalContext& context, std::span<const Tensor> in, const TensorType& out) const;
  Result<std::vector<Step>> lower(const LowerContext& context) const;
  static std::span<const OnnxImport> imports();
  static std::span<const Constraint<Reduce>> constraints();
  bool operator==(const Reduce&) const = default;
};

}  // namespace graupel
