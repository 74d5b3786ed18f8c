// Quantization that the model itself holds: ONNX QuantizeLinear and DequantizeLinear of one scale.
#pragma once

#include "ops/op.h"

namespace graupel {

/// in: x. kCodes: q = clamp(R(x / scale) + zero_point, least, most), as whole numbers; quantized, codes of scale 1.
/// kReals: (x - zero_point) * scale. kRounded: one after the other, x as such codes can say it; its output's range is
/// that of the codes, so that quantization takes the model's scale, and input and output share it.
struct QuantizeLinear {
  static constexpr std::string_view kName = "QuantizeLinear";
  enum class Form : uint8_t { kCodes, kReals, kRounded };
  Form form = Form::kRounded;
  float scale = 1;
  int32_t zero_point = 0, least = 0, most = 255;

  static constexpr auto fields() {
    return std::tuple{Field{"form", &QuantizeLinear::form}, Field{"scale", &QuantizeLinear::scale},
                      Field{"zero_point", &QuantizeLinear::zero_point}, Field{"least", &QuantizeLinear::least},
                      Field{"most", &QuantizeLinear::most}};
  }

  QuantRule quant_rule() const;
  Result<TensorType> infer(std::span<const TensorType> in) const;
  Result<Tensor> eval(const EvalContext& context, std::span<const Tensor> in, const TensorType& out) const;
  Result<std::vector<Step>> lower(const LowerContext& context) const;
  static std::span<const OnnxImport> imports();
  static std::span<const Constraint<QuantizeLinear>> constraints();
  bool operator==(const QuantizeLinear&) const = default;
};

}  // namespace graupel
