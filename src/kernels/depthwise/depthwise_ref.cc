// The definition of depthwise convolution (N4.1, N4.2): plain loops, vectorizable over channels.
#include <algorithm>

#include "kernels/depthwise/depthwise.h"
#include "kernels/epilogue_ref.h"

namespace graupel {
namespace {

constexpr int kChannels = 64;

/// acc[c] += code[c] * weights[c], modulo 2^32 (N1.4).
void accumulate(const uint8_t* code, const int8_t* weights, int count, uint32_t* acc) {
  for (int c = 0; c < count; ++c) {
    const int16_t a = code[c], w = weights[c];
    acc[c] += static_cast<uint32_t>(a * w);
  }
}

/// Output pixel (y, x), channels [first, first + count). `padding` holds kChannels codes of the input's zero point.
void convolve(const DepthwiseParams& params, const KernelArgs& args, const uint8_t* padding, int y, int x, int first,
              int count) {
  const View& in = params.in;
  const Window2d& window = params.window;
  const auto* source = reinterpret_cast<const uint8_t*>(args.src[0]) + first;
  const int8_t* weights = at<int8_t>(args.constants, params.weights) + first;
  const int32_t* bias = at<int32_t>(args.constants, params.bias) + first;

  uint32_t acc[kChannels];
  for (int c = 0; c < count; ++c) acc[c] = static_cast<uint32_t>(bias[c]);
  for (int ky = 0; ky < window.kernel_h; ++ky) {
    const int iy = y * window.stride_h - window.pad_top + ky * window.dilation_h;
    for (int kx = 0; kx < window.kernel_w; ++kx, weights += in.c) {
      const int ix = x * window.stride_w - window.pad_left + kx * window.dilation_w;
      const bool inside = iy >= 0 && iy < in.h && ix >= 0 && ix < in.w;
      const uint8_t* code = inside ? source + (static_cast<std::ptrdiff_t>(iy) * in.w + ix) * in.pixel_stride : padding;
      accumulate(code, weights, count, acc);
    }
  }
  const std::ptrdiff_t pixel = static_cast<std::ptrdiff_t>(y) * params.out.w + x;
  const auto* residual = reinterpret_cast<const uint8_t*>(args.src[1]);
  if (params.epilogue.residual) residual += pixel * params.epilogue.residual_pixel_stride + first;
  requantize_ref(params.epilogue, args.constants, first, count, acc, residual,
                 reinterpret_cast<uint8_t*>(args.dst) + pixel * params.out.pixel_stride + first);
}

}  // namespace

void depthwise_ref(const DepthwiseParams& params, const KernelArgs& args, const Tile& tile) {
  uint8_t padding[kChannels];
  std::fill_n(padding, kChannels, static_cast<uint8_t>(params.in_zero_point));
  for (int y = tile.row_begin; y < tile.row_end; ++y)
    for (int x = 0; x < params.out.w; ++x)
      for (int first = 0; first < params.out.c; first += kChannels)
        convolve(params, args, padding, y, x, first, std::min(kChannels, params.out.c - first));
}

}  // namespace graupel
