// The look-up kernels that an instruction set has of its own, and the walk over an image that they share.
#pragma once

#include "kernels/lut/lut.h"

namespace graupel {

extern const Kernel<LutParams> kLutAvx512, kLutAvx2;

namespace {

/// What the vector kernels take: u8 to u8.
inline bool is_byte_look_up(const LutParams& params) {
  return params.in.element == DType::kU8 && params.out.element == DType::kU8;
}

/// Calls map(src, dst, count) for the tile's runs of neighbouring codes, which are as long as the strides allow.
/// Internal linkage: compiled per ISA.
template <class Map>
inline void for_each_lut_run(const LutParams& params, const KernelArgs& args, const Tile& tile, const Map& map) {
  const auto* src = reinterpret_cast<const uint8_t*>(args.src[0]);
  auto* dst = reinterpret_cast<uint8_t*>(args.dst);
  const auto first = static_cast<std::ptrdiff_t>(tile.row_begin) * params.in.w;
  const auto last = static_cast<std::ptrdiff_t>(tile.row_end) * params.in.w;
  const std::ptrdiff_t c = params.in.c, in_stride = params.in.pixel_stride, out_stride = params.out.pixel_stride;
  if (in_stride == c && out_stride == c) {
    if (first < last) map(src + first * c, dst + first * c, (last - first) * c);
    return;
  }
  for (std::ptrdiff_t pixel = first; pixel < last; ++pixel) map(src + pixel * in_stride, dst + pixel * out_stride, c);
}

/// One table per channel: plain loads, which no vector gather beats.
inline void lut_per_channel(const LutParams& params, const KernelArgs& args, const Tile& tile) {
  const auto* tables = at<uint8_t>(args.constants, params.table);
  const std::ptrdiff_t c = params.in.c;
  for_each_lut_run(params, args, tile, [&](const uint8_t* src, uint8_t* dst, std::ptrdiff_t count) {
    for (std::ptrdiff_t pixel = 0; pixel < count; pixel += c) {
      const uint8_t* table = tables;
      for (std::ptrdiff_t i = pixel; i < pixel + c; ++i, table += 256) dst[i] = table[src[i]];
    }
  });
}

}  // namespace
}  // namespace graupel
