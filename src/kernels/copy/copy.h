// Moving codes: concatenation, slices, padding, transposes, depth-to-space (N5.3).
#pragma once

#include <array>

#include "kernels/kernel.h"

namespace graupel {

/// For every index i of `extent`: dst[dst_offset + i . dst_stride] = src[src_offset + i . src_stride]; codes of one
/// type, strides in elements and possibly negative in the source (reversed slices).
struct CopyParams {
  static constexpr std::string_view kName = "copy";
  std::array<int32_t, 6> extent = {1, 1, 1, 1, 1, 1};
  std::array<int32_t, 6> src_stride = {};
  std::array<int32_t, 6> dst_stride = {};
  int32_t src_offset = 0, dst_offset = 0;
  DType element = DType::kU8;

  /// Rows are the first three dimensions.
  Work work() const { return {extent[0] * extent[1] * extent[2], 1}; }
  static constexpr auto fields() {
    return std::tuple{Field{"extent", &CopyParams::extent},         Field{"src_stride", &CopyParams::src_stride},
                      Field{"dst_stride", &CopyParams::dst_stride}, Field{"src_offset", &CopyParams::src_offset},
                      Field{"dst_offset", &CopyParams::dst_offset}, Field{"element", &CopyParams::element}};
  }
  bool operator==(const CopyParams&) const = default;
};

/// dst[0 .. count) = value, in runs: `runs` runs of `count` elements, `stride` apart.
struct FillParams {
  static constexpr std::string_view kName = "fill";
  int32_t runs = 1, count = 0, stride = 0;
  int32_t value = 0;
  DType element = DType::kU8;

  Work work() const { return {runs, 1}; }
  static constexpr auto fields() {
    return std::tuple{Field{"runs", &FillParams::runs}, Field{"count", &FillParams::count},
                      Field{"stride", &FillParams::stride}, Field{"value", &FillParams::value},
                      Field{"element", &FillParams::element}};
  }
  bool operator==(const FillParams&) const = default;
};

void copy_ref(const CopyParams&, const KernelArgs&, const Tile&);
void fill_ref(const FillParams&, const KernelArgs&, const Tile&);

}  // namespace graupel
