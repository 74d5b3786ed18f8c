// Pooling as plain loops over runs of channels, compiled once per ISA. Internal linkage.
#pragma once

#include <cstring>

#include "kernels/mean.h"
#include "kernels/pool/pool.h"

namespace graupel {
namespace {

constexpr int kRun = 64;  ///< channels whose running sums are kept together

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
template <class T>
struct Patch {
  const T* src;
  int rows, columns;
  std::ptrdiff_t row, column;
};
template <class T>
inline Patch<T> patch_of(const View& in, const Window2d& window, const KernelArgs& args, int y, int x) {
  const int top = y * window.stride_h - window.pad_top, left = x * window.stride_w - window.pad_left;
  const Taps ky = taps_inside(top, window.dilation_h, window.kernel_h, in.h);
  const Taps kx = taps_inside(left, window.dilation_w, window.kernel_w, in.w);
  const std::ptrdiff_t pixel =
      static_cast<std::ptrdiff_t>(top + ky.begin * window.dilation_h) * in.w + left + kx.begin * window.dilation_w;
  return {reinterpret_cast<const T*>(args.src[0]) + pixel * in.pixel_stride, ky.end - ky.begin, kx.end - kx.begin,
          static_cast<std::ptrdiff_t>(window.dilation_h) * in.w * in.pixel_stride,
          static_cast<std::ptrdiff_t>(window.dilation_w) * in.pixel_stride};
}

template <class T>
inline T* pixel_of(const View& out, const KernelArgs& args, int y, int x) {
  return reinterpret_cast<T*>(args.dst) + (static_cast<std::ptrdiff_t>(y) * out.w + x) * out.pixel_stride;
}

/// The largest codes of kBytes / sizeof(T) channels, which stay in registers.
template <int kBytes, class T>
inline void max_of_patch(const Patch<T>& patch, int first, T* dst) {
  using Codes [[gnu::vector_size(kBytes)]] = T;
  Codes best = {};
  for (int ky = 0; ky < patch.rows; ++ky)
    for (int kx = 0; kx < patch.columns; ++kx) {
      Codes codes;
      std::memcpy(&codes, patch.src + ky * patch.row + kx * patch.column + first, kBytes);
      best = codes > best ? codes : best;
    }
  std::memcpy(dst + first, &best, kBytes);
}

/// Channels from `c` on as long as kBytes of them are left.
template <int kBytes, class T>
inline void max_of_runs(const Patch<T>& patch, int channels, int& c, T* dst) {
  constexpr int kCount = kBytes / static_cast<int>(sizeof(T));
  for (; c + kCount <= channels; c += kCount) max_of_patch<kBytes>(patch, c, dst);
}

template <class T>
inline void sum_of_patch(const Patch<T>& patch, int first, int count, int32_t* __restrict sums) {
  for (int c = 0; c < count; ++c) sums[c] = 0;
  for (int ky = 0; ky < patch.rows; ++ky)
    for (int kx = 0; kx < patch.columns; ++kx) {
      const T* __restrict src = patch.src + ky * patch.row + kx * patch.column + first;
      for (int c = 0; c < count; ++c) sums[c] += src[c];
    }
}

template <class T>
inline void max_pool_of(const MaxPoolParams& params, const KernelArgs& args, const Tile& tile, T) {
  for (int y = tile.row_begin; y < tile.row_end; ++y)
    for (int x = 0; x < params.out.w; ++x) {
      const Patch<T> patch = patch_of<T>(params.in, params.window, args, y, x);
      T* dst = pixel_of<T>(params.out, args, y, x);
      int c = 0;
      max_of_runs<64>(patch, params.out.c, c, dst);
      max_of_runs<32>(patch, params.out.c, c, dst);
      max_of_runs<16>(patch, params.out.c, c, dst);
      max_of_runs<8>(patch, params.out.c, c, dst);
      max_of_runs<sizeof(T)>(patch, params.out.c, c, dst);
    }
}

template <class In, class Out>
inline void avg_pool_of(const AvgPoolParams& params, const KernelArgs& args, const Tile& tile, In, Out) {
  const float* factors = at<float>(args.constants, params.factors);
  for (int y = tile.row_begin; y < tile.row_end; ++y)
    for (int x = 0; x < params.out.w; ++x) {
      const Patch<In> patch = patch_of<In>(params.in, params.window, args, y, x);
      Out* __restrict dst = pixel_of<Out>(params.out, args, y, x);
      const int n = patch.rows * patch.columns;
      const float factor = factors[std::max(n, 1) - 1];
      for (int first = 0; first < params.out.c; first += kRun) {
        const int count = std::min(kRun, params.out.c - first);
        int32_t sums[kRun];
        sum_of_patch(patch, first, count, sums);
        for (int c = 0; c < count; ++c)
          dst[first + c] = mean_code<Out>(sums[c] - n * params.in_zero_point, factor, params.zero_point);
      }
    }
}

inline void max_pool_loops(const MaxPoolParams& params, const KernelArgs& args, const Tile& tile) {
  with_codes(params.in.element, [&](auto element) { max_pool_of(params, args, tile, element); });
}

inline void avg_pool_loops(const AvgPoolParams& params, const KernelArgs& args, const Tile& tile) {
  with_codes(params.in.element, [&](auto in) {
    with_codes(params.out.element, [&](auto out) { avg_pool_of(params, args, tile, in, out); });
  });
}

}  // namespace
}  // namespace graupel
