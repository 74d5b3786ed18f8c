// Max and average pooling over windows (N5.3, N6.1).
#pragma once

#include "kernels/kernel.h"

namespace graupel {

/// dst = largest code under the window; padding never wins; input and output share type and scale.
struct MaxPoolParams {
  static constexpr std::string_view kName = "max_pool";
  View in, out;
  Window2d window;

  Work work() const { return {out.h, 1}; }
  static constexpr auto fields() {
    return std::tuple{Field{"in", &MaxPoolParams::in}, Field{"out", &MaxPoolParams::out},
                      Field{"window", &MaxPoolParams::window}};
  }
  bool operator==(const MaxPoolParams&) const = default;
};

/// S = sum of the n codes under the window that lie inside the image; q = sat(R(fl(fl32(S - n * in_zero_point) * k)) +
/// zero_point) with k = factors[n - 1] (f32[kernel_h * kernel_w]; all equal when padding counts). dilation is 1. n >= 1
/// always; S is exact in s32.
struct AvgPoolParams {
  static constexpr std::string_view kName = "avg_pool";
  View in, out;
  Window2d window;
  int32_t in_zero_point = 0, zero_point = 0;
  ConstRef factors;

  Work work() const { return {out.h, 1}; }
  static constexpr auto fields() {
    return std::tuple{Field{"in", &AvgPoolParams::in},
                      Field{"out", &AvgPoolParams::out},
                      Field{"window", &AvgPoolParams::window},
                      Field{"in_zero_point", &AvgPoolParams::in_zero_point},
                      Field{"zero_point", &AvgPoolParams::zero_point},
                      Field{"factors", &AvgPoolParams::factors}};
  }
  bool operator==(const AvgPoolParams&) const = default;
};

void max_pool_ref(const MaxPoolParams&, const KernelArgs&, const Tile&);
void avg_pool_ref(const AvgPoolParams&, const KernelArgs&, const Tile&);

}  // namespace graupel
