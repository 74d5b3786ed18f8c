// Resizing as plain loops over channels, compiled once per ISA. Internal linkage.
#pragma once

#include <algorithm>
#include <cstring>

#include "kernels/resize/resize.h"

namespace graupel {
namespace {

/// Copies the `count` bytes of one pixel; long ones in pieces of one register, the last of which may overlap.
inline void copy_pixel(const std::byte* src, std::byte* dst, int count) {
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
  const int bytes = code_bytes(in.element);
  const std::ptrdiff_t from_step = std::ptrdiff_t{in.pixel_stride} * bytes;
  const std::ptrdiff_t to_step = std::ptrdiff_t{out.pixel_stride} * bytes;
  for (int y = tile.row_begin; y < tile.row_end; ++y) {
    const std::byte* src = args.src[0] + static_cast<std::ptrdiff_t>(rows[y]) * in.w * from_step;
    std::byte* dst = args.dst + static_cast<std::ptrdiff_t>(y) * out.w * to_step;
    for (int x = 0; x < out.w; ++x, dst += to_step)
      copy_pixel(src + static_cast<std::ptrdiff_t>(columns[x]) * from_step, dst, out.c * bytes);
  }
}

/// The four codes around a sample and their weights.
template <class T>
struct Corners {
  const T* source[4];
  int32_t weight[4];
};

template <class T>
inline void blend(const Corners<T>& corners, int count, T* __restrict dst) {
  using Sum = std::conditional_t<sizeof(T) == 1, int32_t, int64_t>;
  const T* __restrict a = corners.source[0];
  const T* __restrict b = corners.source[1];
  const T* __restrict c = corners.source[2];
  const T* __restrict d = corners.source[3];
  const Sum wa = corners.weight[0], wb = corners.weight[1], wc = corners.weight[2], wd = corners.weight[3];
  for (int i = 0; i < count; ++i)
    dst[i] = static_cast<T>((a[i] * wa + b[i] * wb + c[i] * wc + d[i] * wd + (1 << 21)) >> 22);
}

template <class T>
inline void bilinear_of(const BilinearParams& params, const KernelArgs& args, const Tile& tile, T) {
  const int32_t* rows = at<int32_t>(args.constants, params.rows);
  const int32_t* columns = at<int32_t>(args.constants, params.columns);
  const View &in = params.in, &out = params.out;
  const auto* src = reinterpret_cast<const T*>(args.src[0]);
  for (int y = tile.row_begin; y < tile.row_end; ++y) {
    const int32_t* row = rows + std::ptrdiff_t{4} * y;
    const T* above = src + static_cast<std::ptrdiff_t>(row[0]) * in.w * in.pixel_stride;
    const T* below = src + static_cast<std::ptrdiff_t>(row[1]) * in.w * in.pixel_stride;
    auto* dst = reinterpret_cast<T*>(args.dst) + static_cast<std::ptrdiff_t>(y) * out.w * out.pixel_stride;
    for (int x = 0; x < out.w; ++x, dst += out.pixel_stride) {
      const int32_t* column = columns + std::ptrdiff_t{4} * x;
      const std::ptrdiff_t left = static_cast<std::ptrdiff_t>(column[0]) * in.pixel_stride;
      const std::ptrdiff_t right = static_cast<std::ptrdiff_t>(column[1]) * in.pixel_stride;
      const Corners<T> corners{{above + left, above + right, below + left, below + right},
                               {row[2] * column[2], row[2] * column[3], row[3] * column[2], row[3] * column[3]}};
      blend(corners, out.c, dst);
    }
  }
}

inline void bilinear_loops(const BilinearParams& params, const KernelArgs& args, const Tile& tile) {
  with_codes(params.in.element, [&](auto element) { bilinear_of(params, args, tile, element); });
}

}  // namespace
}  // namespace graupel
