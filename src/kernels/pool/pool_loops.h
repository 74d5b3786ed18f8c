// Pooling as plain loops over runs of channels, compiled once per ISA. Internal linkage.
#pragma once

#include "kernels/mean.h"
#include "kernels/pool/pool.h"

namespace graupel {
namespace {

constexpr int kRun = 64;  ///< channels whose running values are kept together

/// Taps [begin, end) of a window that starts at `first` lie inside [0, extent).
struct Taps {
  int begin, end;
};
inline Taps taps_inside(int first, int dilation, int kernel, int extent) {
  const int begin = first >= 0 ? 0 : (-first + dilation - 1) / dilation;
  const int end = first >= extent ? 0 : (extent - first + dilation - 1) / dilation;
  return {begin, std::max(begin, std::min(end, kernel))};
}

/// Where one output pixel reads: `count(rows) x count(columns)` pixels from `src` on, `row` and `column` elements
/// apart.
struct Patch {
  const uint8_t* src;
  int rows, columns;
  std::ptrdiff_t row, column;
};
inline Patch patch_of(const View& in, const Window2d& window, const KernelArgs& args, int y, int x) {
  const int top = y * window.stride_h - window.pad_top, left = x * window.stride_w - window.pad_left;
  const Taps ky = taps_inside(top, window.dilation_h, window.kernel_h, in.h);
  const Taps kx = taps_inside(left, window.dilation_w, window.kernel_w, in.w);
  const std::ptrdiff_t pixel =
      static_cast<std::ptrdiff_t>(top + ky.begin * window.dilation_h) * in.w + left + kx.begin * window.dilation_w;
  return {reinterpret_cast<const uint8_t*>(args.src[0]) + pixel * in.pixel_stride, ky.end - ky.begin, kx.end - kx.begin,
          static_cast<std::ptrdiff_t>(window.dilation_h) * in.w * in.pixel_stride,
          static_cast<std::ptrdiff_t>(window.dilation_w) * in.pixel_stride};
}

inline uint8_t* pixel_of(const View& out, const KernelArgs& args, int y, int x) {
  return reinterpret_cast<uint8_t*>(args.dst) + (static_cast<std::ptrdiff_t>(y) * out.w + x) * out.pixel_stride;
}

inline void max_of_patch(const Patch& patch, int first, int count, uint8_t* __restrict dst) {
  uint8_t best[kRun] = {};
  for (int ky = 0; ky < patch.rows; ++ky)
    for (int kx = 0; kx < patch.columns; ++kx) {
      const uint8_t* __restrict src = patch.src + ky * patch.row + kx * patch.column + first;
      for (int c = 0; c < count; ++c) best[c] = std::max(best[c], src[c]);
    }
  for (int c = 0; c < count; ++c) dst[first + c] = best[c];
}

inline void sum_of_patch(const Patch& patch, int first, int count, int32_t* __restrict sums) {
  for (int c = 0; c < count; ++c) sums[c] = 0;
  for (int ky = 0; ky < patch.rows; ++ky)
    for (int kx = 0; kx < patch.columns; ++kx) {
      const uint8_t* __restrict src = patch.src + ky * patch.row + kx * patch.column + first;
      for (int c = 0; c < count; ++c) sums[c] += src[c];
    }
}

inline void max_pool_loops(const MaxPoolParams& params, const KernelArgs& args, const Tile& tile) {
  for (int y = tile.row_begin; y < tile.row_end; ++y)
    for (int x = 0; x < params.out.w; ++x) {
      const Patch patch = patch_of(params.in, params.window, args, y, x);
      uint8_t* dst = pixel_of(params.out, args, y, x);
      for (int c = 0; c < params.out.c; c += kRun) {
        if (params.out.c - c >= kRun)
          max_of_patch(patch, c, kRun, dst);
        else
          max_of_patch(patch, c, params.out.c - c, dst);
      }
    }
}

inline void avg_pool_loops(const AvgPoolParams& params, const KernelArgs& args, const Tile& tile) {
  const float* factors = at<float>(args.constants, params.factors);
  for (int y = tile.row_begin; y < tile.row_end; ++y)
    for (int x = 0; x < params.out.w; ++x) {
      const Patch patch = patch_of(params.in, params.window, args, y, x);
      uint8_t* __restrict dst = pixel_of(params.out, args, y, x);
      const int n = patch.rows * patch.columns;
      const float factor = factors[std::max(n, 1) - 1];
      for (int first = 0; first < params.out.c; first += kRun) {
        const int count = std::min(kRun, params.out.c - first);
        int32_t sums[kRun];
        sum_of_patch(patch, first, count, sums);
        for (int c = 0; c < count; ++c)
          dst[first + c] = mean_code(sums[c] - n * params.in_zero_point, factor, params.zero_point);
      }
    }
}

}  // namespace
}  // namespace graupel
