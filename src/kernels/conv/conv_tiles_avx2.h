// The tiles of convolution and transposed convolution with AVX2, exact: bytes are split into even and odd u16, which
// vpmaddwd multiplies with weights widened to s16. (vpmaddubsw saturates; it is not used.) 4 pixels x 16 channels in
// registers.
//
// Included by *_avx2.cc only.
#pragma once

#include "kernels/conv/conv_vector.h"
#include "kernels/epilogue_avx2.h"

namespace graupel {

/// A `Vector` of conv_vector.h.
struct Avx2 {
  static constexpr ConvUnit kUnit = {.lanes = 8, .max_vectors = 2, .weight_bytes = 2};
  using Epilogue = EpilogueAvx2;

  static constexpr int max_pixels(int vectors) { return vectors == 2 ? 4 : 6; }
  static constexpr bool crosses_rows(int) { return true; }

  static void run(int pixels, int vectors, const ConvStrip& strip, const EpilogueAvx2& epilogue);
};

}  // namespace graupel
