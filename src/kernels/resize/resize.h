// Nearest and bilinear resize (N5.3, N6.2); where each output sample reads was computed at compile time.
#pragma once

#include "kernels/kernel.h"

namespace graupel {

/// Output (y, x) = input (rows[y], columns[x]); `rows` is s32[out.h], `columns` s32[out.w].
struct NearestParams {
  static constexpr std::string_view kName = "nearest";
  View in, out;
  ConstRef rows, columns;

  Work work() const { return {out.h, 1}; }
  static constexpr auto fields() {
    return std::tuple{Field{"in", &NearestParams::in}, Field{"out", &NearestParams::out},
                      Field{"rows", &NearestParams::rows}, Field{"columns", &NearestParams::columns}};
  }
  bool operator==(const NearestParams&) const = default;
};

/// `rows` is s32[out.h][4] = {low index, high index, low weight, high weight}, `columns` likewise s32[out.w][4]; each
/// pair of weights is >= 0 and sums to 2048. q = (sum of code * row weight * column weight + 2^21) >> 22. One scale.
struct BilinearParams {
  static constexpr std::string_view kName = "bilinear";
  View in, out;
  ConstRef rows, columns;

  Work work() const { return {out.h, 1}; }
  static constexpr auto fields() {
    return std::tuple{Field{"in", &BilinearParams::in}, Field{"out", &BilinearParams::out},
                      Field{"rows", &BilinearParams::rows}, Field{"columns", &BilinearParams::columns}};
  }
  bool operator==(const BilinearParams&) const = default;
};

void nearest_ref(const NearestParams&, const KernelArgs&, const Tile&);
void bilinear_ref(const BilinearParams&, const KernelArgs&, const Tile&);

}  // namespace graupel
