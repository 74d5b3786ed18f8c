// Convolution, with groups; optionally adds a residual before its clamp (N4.1, N4.2).
#pragma once

#include "ops/clamp.h"
#include "ops/op.h"

namespace graupel {

/// in: x [N, H, W, C], weights [kh, kw, C / groups, O], bias [O], and with `residual` one more like the output.
/// y = clamp(conv(x) + bias (+ residual)). The output extent needs the trailing padding: pad_bottom, pad_right.
struct Conv {
  static constexpr std::string_view kName = "Conv";
  static constexpr bool kLinear = true;  ///< in[1] are weights, in[2] is a bias: quantized per output channel
  Window2d window;
  int32_t pad_bottom = 0, pad_right = 0;
  int32_t groups = 1;
  Clamp clamp;
  bool residual = false;

  static constexpr auto fields() {
    return std::tuple{Field{"window", &Conv::window},       Field{"pad_bottom", &Conv::pad_bottom},
                      Field{"pad_right", &Conv::pad_right}, Field{"groups", &Conv::groups},
                      Field{"clamp", &Conv::clamp},         Field{"residual", &Conv::residual}};
  }

  QuantRule quant_rule() const;
  Result<TensorType> infer(std::span<const TensorType> in) const;
  Result<Tensor> eval(const EvalContext& context, std::span<const Tensor> in, const TensorType& out) const;
  Result<std::vector<Step>> lower(const LowerContext& context) const;
  static std::span<const OnnxImport> imports();
  static std::span<const Constraint<Conv>> constraints();
  bool operator==(const Conv&) const = default;
};

}  // namespace graupel
