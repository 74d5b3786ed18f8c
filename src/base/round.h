// Rounding to nearest, ties to even, without a library call: R(x) of the numerics for |x| < 2^51.
#pragma once

namespace graupel {

/// Exact under round-to-nearest (N2.4); vectorizes.
inline double round_even(double x) {
  constexpr double kMagic = 6755399441055744.0;  // 1.5 * 2^52: the sum's last bit is the unit
  return (x + kMagic) - kMagic;
}

}  // namespace graupel
