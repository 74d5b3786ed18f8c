// What each output of a resize along one axis reads of the input, for the forms of ONNX's Resize that are products with
// a constant matrix: cubic and antialiased ones, regions of interest, volumes.
#pragma once

#include "tensor/tensor.h"

namespace graupel {

/// The names are the ONNX attributes'.
struct ResizeTaps {
  enum class Filter : uint8_t { kNearest, kLinear, kCubic };
  enum class Coordinates : uint8_t {
    kHalfPixel,
    kHalfPixelSymmetric,
    kPytorchHalfPixel,
    kAlignCorners,
    kAsymmetric,
    kTfCropAndResize
  };
  enum class Rounding : uint8_t { kRoundPreferFloor, kRoundPreferCeil, kFloor, kCeil };
  Filter filter = Filter::kNearest;
  Coordinates coordinates = Coordinates::kHalfPixel;
  Rounding rounding = Rounding::kRoundPreferFloor;
  bool antialias = false, exclude_outside = false;
  double cubic_a = -0.75;
  float extrapolation_value = 0;
};

/// One axis: extents, output / input as the model gave it, and the region of kTfCropAndResize as shares of the extent.
struct ResizeAxis {
  int64_t in = 1, out = 1;
  double scale = 1;
  double roi_start = 0, roi_end = 1;
};

/// f32 [in, out]: output o is the sum over inputs i of element i times weight [i, o], plus offset[o] of [out].
struct ResizeMatrix {
  Tensor weights, offset;
};
ResizeMatrix resize_matrix(const ResizeTaps& taps, const ResizeAxis& axis);

}  // namespace graupel
