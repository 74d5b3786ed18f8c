// The definition of convolution (N4.1, N4.2, N8.2): plain loops, vectorizable over output channels at any baseline.
#include <algorithm>

#include "kernels/conv/conv.h"
#include "kernels/epilogue_ref.h"

namespace graupel {
namespace {

constexpr int kPixels = 4;  ///< neighbours in a row that share each widened weight
constexpr int kLanes = 16;  ///< granularity of the loop over output channels
constexpr int kChannels = ConvParams::kBlock;

/// Accumulators of kPixels neighbours and a run of output channels of one group.
template <class Types>
struct Block {
  typename Types::Sum acc[kPixels][kChannels];
  typename Types::Factor weights[kChannels];
  int lanes;  ///< the run's length, rounded up to kLanes; weights beyond the run are zero
};

/// acc[p][o] += code[p] * weights[o], modulo 2^32 (N1.4) or exact (N8.2).
template <class Types>
void accumulate(Block<Types>& block, const typename Types::Factor* code) {
  const int lanes = block.lanes;
  const typename Types::Factor* __restrict weights = block.weights;
  for (int p = 0; p < kPixels; ++p) {
    typename Types::Sum* __restrict acc = block.acc[p];
    const typename Types::Factor a = code[p];
    for (int o = 0; o < lanes; ++o) acc[o] += static_cast<typename Types::Sum>(a * weights[o]);
  }
}

/// One kernel tap: `source[p]` points at the group's first input channel under pixel p, or is null in the padding.
template <class Types>
void accumulate_tap(const ConvParams& params, const typename Types::In* const* source,
                    const typename Types::Weight* weights, int count, Block<Types>& block) {
  const int channels = params.in.c / params.groups;
  for (int i = 0; i < channels; ++i, weights += params.out.c) {
    typename Types::Factor code[kPixels];
    for (int p = 0; p < kPixels; ++p)
      code[p] = static_cast<typename Types::Factor>(source[p] != nullptr ? source[p][i] : params.in_zero_point);
    for (int o = 0; o < count; ++o) block.weights[o] = weights[o];
    accumulate(block, code);
  }
}

/// Output pixels (y, [x, x + pixels)), channels [first, first + count), all in one group.
template <class Types>
void convolve(const ConvParams& params, const KernelArgs& args, int y, int x, int pixels, int first, int count) {
  const View &in = params.in, &out = params.out;
  const Window2d& window = params.window;
  const int group_channels = in.c / params.groups;
  const auto* source =
      reinterpret_cast<const typename Types::In*>(args.src[0]) + first / (out.c / params.groups) * group_channels;
  const auto* weights = at<typename Types::Weight>(args.constants, params.weights) + first;
  const auto* bias = at<typename Types::Bias>(args.constants, params.bias) + first;

  Block<Types> block{};
  block.lanes = (count + kLanes - 1) / kLanes * kLanes;
  for (int p = 0; p < pixels; ++p)
    for (int o = 0; o < count; ++o) block.acc[p][o] = static_cast<typename Types::Sum>(bias[o]);
  for (int ky = 0; ky < window.kernel_h; ++ky) {
    const int iy = y * window.stride_h - window.pad_top + ky * window.dilation_h;
    for (int kx = 0; kx < window.kernel_w; ++kx) {
      const typename Types::In* tap[kPixels] = {};
      for (int p = 0; p < pixels; ++p) {
        const int ix = (x + p) * window.stride_w - window.pad_left + kx * window.dilation_w;
        if (iy >= 0 && iy < in.h && ix >= 0 && ix < in.w)
          tap[p] = source + (static_cast<std::ptrdiff_t>(iy) * in.w + ix) * in.pixel_stride;
      }
      accumulate_tap(params, tap, weights, count, block);
      weights += static_cast<std::ptrdiff_t>(group_channels) * out.c;
    }
  }
  for (int p = 0; p < pixels; ++p)
    finish_pixel_ref(params, args, static_cast<std::ptrdiff_t>(y) * out.w + x + p, first, count, block.acc[p]);
}

template <class Types>
void convolve_tile(const ConvParams& params, const KernelArgs& args, const Tile& tile) {
  const int group_outputs = params.out.c / params.groups;
  const int end = std::min(tile.block_end * kChannels, params.out.c);
  for (int first = tile.block_begin * kChannels; first < end;) {
    const int group_end = (first / group_outputs + 1) * group_outputs;
    const int count = std::min({end - first, group_end - first, kChannels});
    for (int y = tile.row_begin; y < tile.row_end; ++y)
      for (int x = 0; x < params.out.w; x += kPixels)
        convolve<Types>(params, args, y, x, std::min(kPixels, params.out.w - x), first, count);
    first += count;
  }
}

}  // namespace

void conv_ref(const ConvParams& params, const KernelArgs& args, const Tile& tile) {
  with_linear_types(params, [&]<class Types>(Types) { convolve_tile<Types>(params, args, tile); });
}

}  // namespace graupel
