// Transposed convolution (N4.1): output (oy, ox) sums the inputs iy, ix with oy = iy * stride_h - pad_top + ky *
// dilation_h.
#pragma once

#include "kernels/kernel.h"

namespace graupel {

/// As ConvParams, with the window read in the transposed sense; `weights` are [kernel_h, kernel_w, in.c / groups,
/// out.c]. Taps that meet no input, between the strides as well as outside the image, read as in_zero_point: with the
/// folded bias (N1.3) they add nothing.
struct DeconvParams {
  static constexpr std::string_view kName = "deconv";
  View in, out;
  Window2d window;
  int32_t groups = 1;
  int32_t in_zero_point = 0;
  ConstRef weights, bias;
  Epilogue epilogue;
  DType weight = DType::kS8;  ///< s8, or s16 within +-32639 (N8.2)

  Work work() const { return {out.h, 1}; }
  static constexpr auto fields() {
    return std::tuple{Field{"in", &DeconvParams::in},
                      Field{"out", &DeconvParams::out},
                      Field{"window", &DeconvParams::window},
                      Field{"groups", &DeconvParams::groups},
                      Field{"in_zero_point", &DeconvParams::in_zero_point},
                      Field{"weights", &DeconvParams::weights},
                      Field{"bias", &DeconvParams::bias},
                      Field{"epilogue", &DeconvParams::epilogue},
                      Field{"weight", &DeconvParams::weight}};
  }
  bool operator==(const DeconvParams&) const = default;
};

void deconv_ref(const DeconvParams&, const KernelArgs&, const Tile&);

}  // namespace graupel
