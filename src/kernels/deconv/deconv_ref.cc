// The definition of transposed convolution (N4.1, N8.2): plain loops, vectorizable over output channels.
#include <algorithm>

#include "kernels/deconv/deconv.h"
#include "kernels/epilogue_ref.h"

namespace graupel {
namespace {

constexpr int kChannels = 64;

/// acc[o] += code * weights[o], modulo 2^32 (N1.4) or exact (N8.2).
template <class Types>
void accumulate(typename Types::Factor code, const typename Types::Weight* weights, int count,
                typename Types::Sum* acc) {
  for (int o = 0; o < count; ++o) {
    const typename Types::Factor w = weights[o];
    acc[o] += static_cast<typename Types::Sum>(code * w);
  }
}

/// The input coordinate that tap `k` brings to output coordinate `o`, or -1 where it brings none.
int source_coordinate(int o, int k, int stride, int dilation, int pad, int extent) {
  const int position = o + pad - k * dilation;
  if (position < 0 || position % stride != 0 || position / stride >= extent) return -1;
  return position / stride;
}

/// Output pixel (y, x), channels [first, first + count), all in one group.
template <class Types>
void convolve(const DeconvParams& params, const KernelArgs& args, int y, int x, int first, int count) {
  const View &in = params.in, &out = params.out;
  const Window2d& window = params.window;
  const int group_channels = in.c / params.groups;
  const auto* source =
      reinterpret_cast<const typename Types::In*>(args.src[0]) + first / (out.c / params.groups) * group_channels;
  const auto* weights = at<typename Types::Weight>(args.constants, params.weights) + first;
  const auto* bias = at<typename Types::Bias>(args.constants, params.bias) + first;

  typename Types::Sum acc[kChannels];
  for (int o = 0; o < count; ++o) acc[o] = static_cast<typename Types::Sum>(bias[o]);
  for (int ky = 0; ky < window.kernel_h; ++ky) {
    const int iy = source_coordinate(y, ky, window.stride_h, window.dilation_h, window.pad_top, in.h);
    for (int kx = 0; kx < window.kernel_w; ++kx) {
      const int ix = source_coordinate(x, kx, window.stride_w, window.dilation_w, window.pad_left, in.w);
      const bool inside = iy >= 0 && ix >= 0;
      const auto* tap = source + (inside ? (static_cast<std::ptrdiff_t>(iy) * in.w + ix) * in.pixel_stride : 0);
      for (int i = 0; i < group_channels; ++i, weights += out.c)
        accumulate<Types>(static_cast<typename Types::Factor>(inside ? tap[i] : params.in_zero_point), weights, count,
                          acc);
    }
  }
  finish_pixel_ref(params, args, static_cast<std::ptrdiff_t>(y) * out.w + x, first, count, acc);
}

template <class Types>
void convolve_tile(const DeconvParams& params, const KernelArgs& args, const Tile& tile) {
  const int group_outputs = params.out.c / params.groups;
  for (int first = 0; first < params.out.c;) {
    const int group_end = (first / group_outputs + 1) * group_outputs;
    const int count = std::min(group_end - first, kChannels);
    for (int y = tile.row_begin; y < tile.row_end; ++y)
      for (int x = 0; x < params.out.w; ++x) convolve<Types>(params, args, y, x, first, count);
    first += count;
  }
}

}  // namespace

void deconv_ref(const DeconvParams& params, const KernelArgs& args, const Tile& tile) {
  with_linear_types(params, [&]<class Types>(Types) { convolve_tile<Types>(params, args, tile); });
}

}  // namespace graupel
