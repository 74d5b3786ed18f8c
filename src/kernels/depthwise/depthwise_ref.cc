// The definition of depthwise convolution (N4.1, N4.2, N8.2): plain loops, vectorizable over channels.
#include <algorithm>

#include "kernels/depthwise/depthwise.h"
#include "kernels/epilogue_ref.h"

namespace graupel {
namespace {

constexpr int kChannels = 64;

/// acc[c] += code[c] * weights[c], modulo 2^32 (N1.4) or exact (N8.2).
template <class Types>
void accumulate(const typename Types::In* code, const typename Types::Weight* weights, int count,
                typename Types::Sum* acc) {
  for (int c = 0; c < count; ++c) {
    const typename Types::Factor a = code[c], w = weights[c];
    acc[c] += static_cast<typename Types::Sum>(a * w);
  }
}

/// Output pixel (y, x), channels [first, first + count). `padding` holds kChannels codes of the input's zero point.
template <class Types>
void convolve(const DepthwiseParams& params, const KernelArgs& args, const typename Types::In* padding, int y, int x,
              int first, int count) {
  const View& in = params.in;
  const Window2d& window = params.window;
  const auto* source = reinterpret_cast<const typename Types::In*>(args.src[0]) + first;
  const auto* weights = at<typename Types::Weight>(args.constants, params.weights) + first;
  const auto* bias = at<typename Types::Bias>(args.constants, params.bias) + first;

  typename Types::Sum acc[kChannels];
  for (int c = 0; c < count; ++c) acc[c] = static_cast<typename Types::Sum>(bias[c]);
  for (int ky = 0; ky < window.kernel_h; ++ky) {
    const int iy = y * window.stride_h - window.pad_top + ky * window.dilation_h;
    for (int kx = 0; kx < window.kernel_w; ++kx, weights += in.c) {
      const int ix = x * window.stride_w - window.pad_left + kx * window.dilation_w;
      const bool inside = iy >= 0 && iy < in.h && ix >= 0 && ix < in.w;
      const auto* code = inside ? source + (static_cast<std::ptrdiff_t>(iy) * in.w + ix) * in.pixel_stride : padding;
      accumulate<Types>(code, weights, count, acc);
    }
  }
  finish_pixel_ref(params, args, static_cast<std::ptrdiff_t>(y) * params.out.w + x, first, count, acc);
}

template <class Types>
void convolve_tile(const DepthwiseParams& params, const KernelArgs& args, const Tile& tile) {
  typename Types::In padding[kChannels];
  std::fill_n(padding, kChannels, static_cast<typename Types::In>(params.in_zero_point));
  for (int y = tile.row_begin; y < tile.row_end; ++y)
    for (int x = 0; x < params.out.w; ++x)
      for (int first = 0; first < params.out.c; first += kChannels)
        convolve<Types>(params, args, padding, y, x, first, std::min(kChannels, params.out.c - first));
}

}  // namespace

void depthwise_ref(const DepthwiseParams& params, const KernelArgs& args, const Tile& tile) {
  with_linear_types(params, [&]<class Types>(Types) { convolve_tile<Types>(params, args, tile); });
}

}  // namespace graupel
