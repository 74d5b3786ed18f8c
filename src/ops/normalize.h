// Layer, instance, group, RMS and L2 normalization (N7.2).
#pragma once

#include "ops/op.h"

namespace graupel {

/// in: x [.., C], scale [1] or [C], shift [1] or [C]. All from extent `first_axis` on is normalized together, apart for
/// each of `groups` equal groups of the last extent's channels: y = standardized(x) * scale + shift.
struct Normalize {
  static constexpr std::string_view kName = "Normalize";
  static constexpr bool kFloatConstants = true;  ///< they stay f32 when quantized
  enum class Kind : uint8_t {
    kStandard,  ///< (x - mean) / sqrt(mean of squared differences + epsilon)
    kRms,       ///< x / sqrt(mean of squares + epsilon)
    kL2,        ///< x / sqrt(sum of squares + epsilon^2)
  };
  Kind kind = Kind::kStandard;
  int32_t first_axis = 0;
  int32_t groups = 1;
  float epsilon = 0;

  static constexpr auto fields() {
    return std::tuple{Field{"kind", &Normalize::kind}, Field{"first_axis", &Normalize::first_axis},
                      Field{"groups", &Normalize::groups}, Field{"epsilon", &Normalize::epsilon}};
  }

  QuantRule quant_rule() const;
  Result<TensorType> infer(std::span<const TensorType> in) const;
  Result<Tensor> eval(const EvalContext& context, std::span<const Tensor> in, const TensorType& out) const;
  Result<std::vector<Step>> lower(const LowerContext& context) const;
  static std::span<const OnnxImport> imports();
  static std::span<const Constraint<Normalize>> constraints();
  bool operator==(const Normalize&) const = default;
};

}  // namespace graupel
