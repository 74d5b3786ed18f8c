// Nearest and bilinear resize of images (N5.3, N6.2).
#pragma once

#include "ops/op.h"

namespace graupel {

/// in: x [N, H, W, C]; out [N, height, width, C]. scale_h and scale_w are output/input as the model gave them (they
/// differ from the ratio of extents when the model rounded).
struct Resize {
  static constexpr std::string_view kName = "Resize";
  enum class Mode : uint8_t { kNearest, kLinear };
  enum class Coordinates : uint8_t { kHalfPixel, kPytorchHalfPixel, kAlignCorners, kAsymmetric };
  enum class Rounding : uint8_t { kRoundPreferFloor, kRoundPreferCeil, kFloor, kCeil };
  Mode mode = Mode::kNearest;
  Coordinates coordinates = Coordinates::kHalfPixel;
  Rounding rounding = Rounding::kRoundPreferFloor;
  int32_t height = 0, width = 0;
  float scale_h = 1, scale_w = 1;

  static constexpr auto fields() {
    return std::tuple{Field{"mode", &Resize::mode},         Field{"coordinates", &Resize::coordinates},
                      Field{"rounding", &Resize::rounding}, Field{"height", &Resize::height},
                      Field{"width", &Resize::width},       Field{"scale_h", &Resize::scale_h},
                      Field{"scale_w", &Resize::scale_w}};
  }

  QuantRule quant_rule() const;
  Result<TensorType> infer(std::span<const TensorType> in) const;
  Result<Tensor> eval(const EvalContext& context, std::span<const Tensor> in, const TensorType& out) const;
  Result<std::vector<Step>> lower(const LowerContext& context) const;
  static std::span<const OnnxImport> imports();
  static std::span<const Constraint<Resize>> constraints();
  bool operator==(const Resize&) const = default;
};

}  // namespace graupel
