// Transposed convolution (N4.1).
#pragma once

#include "ops/clamp.h"
#include "ops/op.h"

namespace graupel {

/// in: x [N, H, W, C], weights [kh, kw, C / groups, O], bias [O].
/// H_out = (H - 1) * stride - pad_top - pad_bottom + dilation * (kh - 1) + 1 + output_pad_h.
struct ConvTranspose {
  static constexpr std::string_view kName = "ConvTranspose";
  static constexpr bool kLinear = true;  ///< in[1] are weights, in[2] is a bias: quantized per output channel
  Window2d window;
  int32_t pad_bottom = 0, pad_right = 0;
  int32_t output_pad_h = 0, output_pad_w = 0;
  int32_t groups = 1;
  Clamp clamp;

  static constexpr auto fields() {
    return std::tuple{Field{"window", &ConvTranspose::window},
                      Field{"pad_bottom", &ConvTranspose::pad_bottom},
                      Field{"pad_right", &ConvTranspose::pad_right},
                      Field{"output_pad_h", &ConvTranspose::output_pad_h},
                      Field{"output_pad_w", &ConvTranspose::output_pad_w},
                      Field{"groups", &ConvTranspose::groups},
                      Field{"clamp", &ConvTranspose::clamp}};
  }

  QuantRule quant_rule() const;
  Result<TensorType> infer(std::span<const TensorType> in) const;
  Result<Tensor> eval(const EvalContext& context, std::span<const Tensor> in, const TensorType& out) const;
  Result<std::vector<Step>> lower(const LowerContext& context) const;
  static std::span<const OnnxImport> imports();
  static std::span<const Constraint<ConvTranspose>> constraints();
  bool operator==(const ConvTranspose&) const = default;
};

}  // namespace graupel
