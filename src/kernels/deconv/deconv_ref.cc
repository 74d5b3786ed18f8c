// The definition of transposed convolution (N4.1): plain loops, vectorizable over output channels.
#include <algorithm>

#include "kernels/deconv/deconv.h"
#include "kernels/epilogue_ref.h"

namespace graupel {
namespace {

constexpr int kChannels = 64;

/// acc[o] += code * weights[o], modulo 2^32 (N1.4).
void accumulate(int16_t code, const int8_t* weights, int count, uint32_t* acc) {
  for (int o = 0; o < count; ++o) {
    const int16_t w = weights[o];
    acc[o] += static_cast<uint32_t>(code * w);
  }
}

/// The input coordinate that tap `k` brings to output coordinate `o`, or -1 where it brings none.
int source_coordinate(int o, int k, int stride, int dilation, int pad, int extent) {
  const int position = o + pad - k * dilation;
  if (position < 0 || position % stride != 0 || position / stride >= extent) return -1;
  return position / stride;
}

/// Output pixel (y, x), channels [first, first + count), all in one group.
void convolve(const DeconvParams& params, const KernelArgs& args, int y, int x, int first, int count) {
  const View &in = params.in, &out = params.out;
  const Window2d& window = params.window;
  const int group_channels = in.c / params.groups;
  const auto* source = reinterpret_cast<const uint8_t*>(args.src[0]) + first / (out.c / params.groups) * group_channels;
  const int8_t* weights = at<int8_t>(args.constants, params.weights) + first;
  const int32_t* bias = at<int32_t>(args.constants, params.bias) + first;

  uint32_t acc[kChannels];
  for (int o = 0; o < count; ++o) acc[o] = static_cast<uint32_t>(bias[o]);
  for (int ky = 0; ky < window.kernel_h; ++ky) {
    const int iy = source_coordinate(y, ky, window.stride_h, window.dilation_h, window.pad_top, in.h);
    for (int kx = 0; kx < window.kernel_w; ++kx) {
      const int ix = source_coordinate(x, kx, window.stride_w, window.dilation_w, window.pad_left, in.w);
      const bool inside = iy >= 0 && ix >= 0;
      const uint8_t* tap = source + (inside ? (static_cast<std::ptrdiff_t>(iy) * in.w + ix) * in.pixel_stride : 0);
      for (int i = 0; i < group_channels; ++i, weights += out.c)
        accumulate(static_cast<int16_t>(inside ? tap[i] : params.in_zero_point), weights, count, acc);
    }
  }
  const std::ptrdiff_t pixel = static_cast<std::ptrdiff_t>(y) * out.w + x;
  const auto* residual = reinterpret_cast<const uint8_t*>(args.src[1]);
  if (params.epilogue.residual) residual += pixel * params.epilogue.residual_pixel_stride + first;
  requantize_ref(params.epilogue, args.constants, first, count, acc, residual,
                 reinterpret_cast<uint8_t*>(args.dst) + pixel * out.pixel_stride + first);
}

}  // namespace

void deconv_ref(const DeconvParams& params, const KernelArgs& args, const Tile& tile) {
  const int group_outputs = params.out.c / params.groups;
  for (int first = 0; first < params.out.c;) {
    const int group_end = (first / group_outputs + 1) * group_outputs;
    const int count = std::min(group_end - first, kChannels);
    for (int y = tile.row_begin; y < tile.row_end; ++y)
      for (int x = 0; x < params.out.w; ++x) convolve(params, args, y, x, first, count);
    first += count;
  }
}

}  // namespace graupel
