// Convolution with optional groups, and fully connected layers as 1x1 convolutions (N4.1, N4.2).
#pragma once

#include "kernels/kernel.h"

namespace graupel {

/// src[0]: image `in`; src[1]: residual when the epilogue has one; dst: image `out`.
/// acc = bias[o] + sum src * weights, padding read as in_zero_point; then the epilogue. `weights` are [kernel_h,
/// kernel_w, in.c / groups, out.c]. Of u8 codes and s8 weights acc is s32 modulo 2^32 and `bias` s32[out.c], with the
/// input zero point folded in (N1.3); else both are s64 and acc is exact (N8.2).
struct ConvParams {
  static constexpr std::string_view kName = "conv";
  View in, out;
  Window2d window;
  int32_t groups = 1;
  int32_t in_zero_point = 0;
  ConstRef weights, bias;
  Epilogue epilogue;
  DType weight = DType::kS8;  ///< s8, or s16 within +-32639 (N8.2)

  static constexpr int32_t kBlock = 64;  ///< output channels in one unit of work
  Work work() const { return {out.h, (out.c + kBlock - 1) / kBlock}; }
  static constexpr auto fields() {
    return std::tuple{Field{"in", &ConvParams::in},
                      Field{"out", &ConvParams::out},
                      Field{"window", &ConvParams::window},
                      Field{"groups", &ConvParams::groups},
                      Field{"in_zero_point", &ConvParams::in_zero_point},
                      Field{"weights", &ConvParams::weights},
                      Field{"bias", &ConvParams::bias},
                      Field{"epilogue", &ConvParams::epilogue},
                      Field{"weight", &ConvParams::weight}};
  }
  bool operator==(const ConvParams&) const = default;
};

void conv_ref(const ConvParams&, const KernelArgs&, const Tile&);

}  // namespace graupel
