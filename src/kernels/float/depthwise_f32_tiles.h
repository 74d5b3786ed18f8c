// Float depthwise convolution over a vector type `Vec`, vectorized over channels (N10.1: bits of conv_f32_ref).
#pragma once

#include "kernels/float/conv_f32_tiles.h"

namespace graupel {

template <class Vec>
struct DepthwiseConvF32 {
  using Reg = typename Vec::Reg;
  static constexpr int kLanes = Vec::kLanes;
  static constexpr int kMaxVecs = Vec::kMaxVecs;
  static constexpr int kPixels = Vec::kDepthwisePixels;

  alignas(64) static constexpr std::array<float, kLanes * kMaxVecs> kZeros{};

  static bool accepts(const ConvF32Params& p) { return p.groups == p.in.c && p.groups == p.out.c; }

  /// `count` output pixels of row y from x on, for kVecs vectors of channels from `channel` on; `tail` channels are in
  /// the last vector. kInside: all columns of all windows lie in the image.
  template <int kVecs, int kCount, bool kInside>
  [[gnu::noinline]] static void tile(const ConvF32Params& p, const ConvF32Args& args, int32_t y, int32_t x,
                                     int32_t channel, int tail) {
    const Window2d& window = p.window;
    const auto load = [&](const float* from, auto v) __attribute__((always_inline)) {
      return v + 1 == kVecs ? Vec::load_tail(from + v * kLanes, tail) : Vec::load(from + v * kLanes);
    };
    Reg acc[kCount][kVecs];
    unrolled<kVecs>([&](auto v) {
      const Reg bias = load(args.bias + channel, v);
      unrolled<kCount>([&](auto i) { acc[i][v] = bias; });
    });
    const float* weights = args.weights + channel;
    const int32_t ix = x * window.stride_w - window.pad_left;
    const int64_t weights_step = p.out.c;
    const int32_t kernel_w = window.kernel_w;
    for (int32_t ky = 0; ky < window.kernel_h; ++ky) {
      const int32_t iy = y * window.stride_h - window.pad_top + ky * window.dilation_h;
      const bool row_inside = iy >= 0 && iy < p.in.h;
      const int64_t pixel = row_inside ? p.in.pixel_stride : 0;
      const int64_t step = pixel * window.stride_w, tap_step = pixel * window.dilation_w;
      const float* row = row_inside ? args.src + (int64_t{iy} * p.in.w + ix) * pixel + channel : kZeros.data();
      for (int32_t kx = 0; kx < kernel_w; ++kx, row += tap_step, weights += weights_step) {
        const float* from = row;
        if constexpr (!kInside) {
          const int32_t column = ix + kx * window.dilation_w;
          if (column < 0 || column >= p.in.w) from = kZeros.data();
        }
        Reg w[kVecs];
        unrolled<kVecs>([&](auto v) { w[v] = load(weights, v); });
        unrolled<kCount>(
            [&](auto i) { unrolled<kVecs>([&](auto v) { Vec::fma(acc[i][v], load(from + i * step, v), w[v]); }); });
      }
    }
    const int64_t out_step = p.out.pixel_stride;
    const int64_t first = (int64_t{y} * p.out.w + x) * out_step + channel;
    if (p.residual) {
      const float* residual = args.residual + first;
      unrolled<kCount>([&](auto i) {
        unrolled<kVecs>([&](auto v) { acc[i][v] = Vec::add(acc[i][v], load(residual + i * out_step, v)); });
      });
    }
    const Reg lo = Vec::set(p.lo), hi = Vec::set(p.hi);
    float* to = args.dst + first;
    unrolled<kCount>([&](auto i) {
      unrolled<kVecs>([&](auto v) {
        const Reg value = Vec::clamp(acc[i][v], lo, hi);
        if (v + 1 == kVecs)
          Vec::store_tail(to + i * out_step + v * kLanes, value, tail);
        else
          Vec::store(to + i * out_step + v * kLanes, value);
      });
    });
  }

  using TileFn = void (*)(const ConvF32Params&, const ConvF32Args&, int32_t, int32_t, int32_t, int);

  template <int kVecs>
  static void run_row(const ConvF32Params& p, const ConvF32Args& args, int32_t y, int32_t channel, int tail) {
    static constexpr auto kTiles = []<int... kIndex>(std::integer_sequence<int, kIndex...>) {
      return std::array<TileFn, kPixels + 1>{nullptr, tile<kVecs, kIndex + 1, true>...};
    }
    (std::make_integer_sequence<int, kPixels>{});
    const Window2d& w = p.window;
    const int32_t reach = (w.kernel_w - 1) * w.dilation_w;
    const int32_t last_inside = p.in.w - 1 - reach + w.pad_left;  // x * stride_w <= last_inside: the window ends inside
    const int32_t inside_begin = std::min(p.out.w, parts(w.pad_left, w.stride_w));
    const int32_t inside_end =
        last_inside < 0 ? inside_begin : std::clamp(last_inside / w.stride_w + 1, inside_begin, p.out.w);
    for (int32_t x = 0; x < inside_begin; ++x) tile<kVecs, 1, false>(p, args, y, x, channel, tail);
    const int32_t width = inside_end - inside_begin;
    const int32_t tiles = parts(width, kPixels);
    for (int32_t t = 0; t < tiles; ++t) {
      const int32_t begin = part_begin(width, tiles, t);
      kTiles[part_begin(width, tiles, t + 1) - begin](p, args, y, inside_begin + begin, channel, tail);
    }
    for (int32_t x = inside_end; x < p.out.w; ++x) tile<kVecs, 1, false>(p, args, y, x, channel, tail);
  }

  using RowFn = void (*)(const ConvF32Params&, const ConvF32Args&, int32_t, int32_t, int);
  static constexpr auto kRows = []<int... kIndex>(std::integer_sequence<int, kIndex...>) {
    return std::array<RowFn, kMaxVecs + 1>{nullptr, run_row<kIndex + 1>...};
  }
  (std::make_integer_sequence<int, kMaxVecs>{});

  static void run(const ConvF32Params& p, const ConvF32Args& args, const Tile& tile) {
    const int32_t end = std::min(tile.block_end * ConvF32Params::kBlock, p.out.c);
    for (int32_t channel = tile.block_begin * ConvF32Params::kBlock; channel < end; channel += kLanes * kMaxVecs) {
      const int32_t count = std::min(end - channel, kLanes * kMaxVecs);
      const int32_t vecs = parts(count, kLanes);
      for (int32_t y = tile.row_begin; y < tile.row_end; ++y)
        kRows[vecs](p, args, y, channel, count - (vecs - 1) * kLanes);
    }
  }

  static constexpr ConvF32Kernel kernel(std::string_view name, Isa isa) {
    return {name, isa, run, accepts, nullptr, nullptr, nullptr};
  }
};

}  // namespace graupel
