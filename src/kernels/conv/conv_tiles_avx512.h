// The tiles of convolution and transposed convolution with AVX-512 VNNI: 6 pixels x 64 channels, or 12 pixels x 16 or
// 32, in registers.
//
// Included by *_avx512.cc only.
#pragma once

#include "kernels/conv/conv_vector.h"
#include "kernels/epilogue_avx512.h"

namespace graupel {

/// A `Vector` of conv_vector.h.
struct Avx512 {
  static constexpr ConvUnit kUnit = {.lanes = 16, .max_vectors = 4, .weight_bytes = 1};
  using Epilogue = EpilogueAvx512;

  static constexpr int max_pixels(int vectors) { return vectors == 4 ? 6 : vectors == 3 ? 8 : 12; }
  /// Twelve addresses do not fit the general registers; four bases and a distance do.
  static constexpr bool crosses_rows(int vectors) { return vectors >= 3; }

  static void run(int pixels, int vectors, const ConvStrip& strip, const EpilogueAvx512& epilogue);
};

}  // namespace graupel
