// Resizing as plain loops over channels, compiled once per ISA. Internal linkage.
#pragma once

#include <algorithm>
#include <cstring>

#include "kernels/resize/resize.h"

namespace graupel {
namespace {

/// Copies one pixel; long ones in pieces of one register, the last of which may overlap.
inline void copy_pixel(const uint8_t* src, uint8_t* dst, int count) {
  constexpr int kPiece = 64;
  if (count < kPiece) {
    std::memcpy(dst, src, static_cast<std::size_t>(count));
    return;
  }
  for (int i = 0; i + kPiece <= count; i += kPiece) std::memcpy(dst + i, src + i, kPiece);
  std::memcpy(dst + count - kPiece, src + count - kPiece, kPiece);
}

inline void nearest_loops(const NearestParams& params, const KernelArgs& args, const Tile& tile) {
  const int32_t* rows = at<int32_t>(args.constants, params.rows);
  const int32_t* columns = at<int32_t>(args.constants, params.columns);
  const View &in = params.in, &out = params.out;
  for (int y = tile.row_begin; y < tile.row_end; ++y) {
    const auto* src =
        reinterpret_cast<const uint8_t*>(args.src[0]) + static_cast<std::ptrdiff_t>(rows[y]) * in.w * in.pixel_stride;
    auto* dst = reinterpret_cast<uint8_t*>(args.dst) + static_cast<std::ptrdiff_t>(y) * out.w * out.pixel_stride;
    for (int x = 0; x < out.w; ++x, dst += out.pixel_stride)
      copy_pixel(src + static_cast<std::ptrdiff_t>(columns[x]) * in.pixel_stride, dst, out.c);
  }
}

/// The four codes around a sample and their weights.
struct Corners {
  const uint8_t* source[4];
  int32_t weight[4];
};

inline void blend(const Corners& corners, int count, uint8_t* __restrict dst) {
  const uint8_t* __restrict a = corners.source[0];
  const uint8_t* __restrict b = corners.source[1];
  const uint8_t* __restrict c = corners.source[2];
  const uint8_t* __restrict d = corners.source[3];
  const int32_t wa = corners.weight[0], wb = corners.weight[1], wc = corners.weight[2], wd = corners.weight[3];
  for (int i = 0; i < count; ++i)
    dst[i] = static_cast<uint8_t>((a[i] * wa + b[i] * wb + c[i] * wc + d[i] * wd + (1 << 21)) >> 22);
}

inline void bilinear_loops(const BilinearParams& params, const KernelArgs& args, const Tile& tile) {
  const int32_t* rows = at<int32_t>(args.constants, params.rows);
  const int32_t* columns = at<int32_t>(args.constants, params.columns);
  const View &in = params.in, &out = params.out;
  const auto* src = reinterpret_cast<const uint8_t*>(args.src[0]);
  for (int y = tile.row_begin; y < tile.row_end; ++y) {
    const int32_t* row = rows + std::ptrdiff_t{4} * y;
    const uint8_t* above = src + static_cast<std::ptrdiff_t>(row[0]) * in.w * in.pixel_stride;
    const uint8_t* below = src + static_cast<std::ptrdiff_t>(row[1]) * in.w * in.pixel_stride;
    auto* dst = reinterpret_cast<uint8_t*>(args.dst) + static_cast<std::ptrdiff_t>(y) * out.w * out.pixel_stride;
    for (int x = 0; x < out.w; ++x, dst += out.pixel_stride) {
      const int32_t* column = columns + std::ptrdiff_t{4} * x;
      const std::ptrdiff_t left = static_cast<std::ptrdiff_t>(column[0]) * in.pixel_stride;
      const std::ptrdiff_t right = static_cast<std::ptrdiff_t>(column[1]) * in.pixel_stride;
      const Corners corners{{above + left, above + right, below + left, below + right},
                            {row[2] * column[2], row[2] * column[3], row[3] * column[2], row[3] * column[3]}};
      blend(corners, out.c, dst);
    }
  }
}

}  // namespace
}  // namespace graupel
