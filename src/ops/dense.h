// Fully connected: the last extent times a constant matrix (N4.1).
#pragma once

#include "ops/clamp.h"
#include "ops/op.h"

namespace graupel {

/// in: x [.., K], weights [K, O], bias [O]; out [.., O]. y = clamp(x . weights + bias).
struct Dense {
  static constexpr std::string_view kName = "Dense";
  static constexpr bool kLinear = true;  ///< in[1] are weights, in[2] is a bias: quantized per output channel
  Clamp clamp;

  static constexpr auto fields() { return std::tuple{Field{"clamp", &Dense::clamp}}; }

  QuantRule quant_rule() const;
  Result<TensorType> infer(std::span<const TensorType> in) const;
  Result<Tensor> eval(const EvalContext& context, std::span<const Tensor> in, const TensorType& out) const;
  Result<std::vector<Step>> lower(const LowerContext& context) const;
  static std::span<const OnnxImport> imports();
  static std::span<const Constraint<Dense>> constraints();
  bool operator==(const Dense&) const = default;
};

}  // namespace graupel
