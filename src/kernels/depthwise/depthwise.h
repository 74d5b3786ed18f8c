// Depthwise convolution: each channel with its own filter (N4.1, N4.2).
#pragma once

#include "kernels/kernel.h"

namespace graupel {

/// As ConvParams with groups == in.c == out.c; `weights` are [kernel_h, kernel_w, 1, c].
struct DepthwiseParams {
  static constexpr std::string_view kName = "depthwise";
  View in, out;
  Window2d window;
  int32_t in_zero_point = 0;
  ConstRef weights, bias;
  Epilogue epilogue;
  DType weight = DType::kS8;  ///< s8, or s16 within +-32639 (N8.2)

  Work work() const { return {out.h, 1}; }
  static constexpr auto fields() {
    return std::tuple{Field{"in", &DepthwiseParams::in},
                      Field{"out", &DepthwiseParams::out},
                      Field{"window", &DepthwiseParams::window},
                      Field{"in_zero_point", &DepthwiseParams::in_zero_point},
                      Field{"weights", &DepthwiseParams::weights},
                      Field{"bias", &DepthwiseParams::bias},
                      Field{"epilogue", &DepthwiseParams::epilogue},
                      Field{"weight", &DepthwiseParams::weight}};
  }
  bool operator==(const DepthwiseParams&) const = default;
};

void depthwise_ref(const DepthwiseParams&, const KernelArgs&, const Tile&);

}  // namespace graupel
