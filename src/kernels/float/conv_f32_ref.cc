// The definition of the float convolution (N10.1): one fused multiply-add per step, in the order ky, kx, channel.
#include <algorithm>
#include <cmath>

#include "kernels/float/conv_f32_tables.h"

namespace graupel {
namespace {

float accumulate(const ConvF32Params& p, const ConvF32Args& args, int32_t y, int32_t x, int32_t o) {
  const Window2d& window = p.window;
  const int32_t group_in = p.in.c / p.groups;
  const int32_t first_in = o / (p.out.c / p.groups) * group_in;
  const float* weight = args.weights + o;
  float acc = args.bias[o];
  for (int32_t ky = 0; ky < window.kernel_h; ++ky) {
    const int32_t iy = y * window.stride_h - window.pad_top + ky * window.dilation_h;
    for (int32_t kx = 0; kx < window.kernel_w; ++kx) {
      const int32_t ix = x * window.stride_w - window.pad_left + kx * window.dilation_w;
      const bool inside = iy >= 0 && iy < p.in.h && ix >= 0 && ix < p.in.w;
      const float* pixel = args.src + (inside ? (int64_t{iy} * p.in.w + ix) * p.in.pixel_stride + first_in : 0);
      for (int32_t i = 0; i < group_in; ++i, weight += p.out.c) acc = std::fma(inside ? pixel[i] : 0.0f, *weight, acc);
    }
  }
  return acc;
}

void conv_f32_ref(const ConvF32Params& p, const ConvF32Args& args, const Tile& tile) {
  const int32_t begin = tile.block_begin * ConvF32Params::kBlock;
  const int32_t end = std::min(tile.block_end * ConvF32Params::kBlock, p.out.c);
  for (int32_t y = tile.row_begin; y < tile.row_end; ++y) {
    for (int32_t x = 0; x < p.out.w; ++x) {
      const int64_t pixel = (int64_t{y} * p.out.w + x) * p.out.pixel_stride;
      for (int32_t o = begin; o < end; ++o) {
        float value = accumulate(p, args, y, x, o);
        if (p.residual) value = value + args.residual[pixel + o];
        value = p.lo > value ? p.lo : value;
        args.dst[pixel + o] = p.hi < value ? p.hi : value;
      }
    }
  }
}

}  // namespace

constexpr ConvF32Kernel kConvF32Ref{"conv_f32_ref", Isa::kRef, conv_f32_ref, nullptr, nullptr, nullptr, nullptr};

}  // namespace graupel
