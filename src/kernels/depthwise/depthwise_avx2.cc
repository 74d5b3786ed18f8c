// Depthwise convolution with AVX2, 16 channels at a time: two taps are interleaved byte by byte, widened to u16, and
// multiplied and added by vpmaddwd, which is exact.
#include "kernels/depthwise/depthwise_kernels.h"

#if defined(__x86_64__)

#include <cstring>

#include "kernels/epilogue_avx2.h"

namespace graupel {
namespace {

constexpr int kLanes = 16;    ///< channels in a chunk
constexpr int kHeader = 128;  ///< bytes of a packed chunk before its weights: s32 bias[16], f32 scale[16]

int chunks(const DepthwiseParams& params) { return (params.out.c + kLanes - 1) / kLanes; }
int taps(const DepthwiseParams& params) { return params.window.kernel_h * params.window.kernel_w; }

/// The header, then s16 [pair of taps][16 channels][2 taps]; a missing last tap has zero weights.
std::size_t chunk_bytes(const DepthwiseParams& params) { return kHeader + std::size_t(taps(params) + 1) / 2 * 64; }

std::size_t packed_bytes(const DepthwiseParams& params) { return chunks(params) * chunk_bytes(params); }

void pack(const DepthwiseParams& params, const std::byte* constants, std::byte* packed) {
  std::memset(packed, 0, packed_bytes(params));
  const auto* bias = at<int32_t>(constants, params.bias);
  const auto* scale = at<float>(constants, params.epilogue.scale);
  const auto* weights = at<int8_t>(constants, params.weights);
  for (int channel = 0; channel < params.out.c; ++channel) {
    std::byte* chunk = packed + channel / kLanes * chunk_bytes(params);
    const int lane = channel % kLanes;
    std::memcpy(chunk + lane * 4, bias + channel, 4);
    std::memcpy(chunk + 64 + lane * 4, scale + channel, 4);
    for (int tap = 0; tap < taps(params); ++tap) {
      const int16_t weight = weights[std::ptrdiff_t(tap) * params.out.c + channel];
      std::memcpy(chunk + kHeader + tap / 2 * 64 + lane * 4 + tap % 2 * 2, &weight, 2);
    }
  }
}

[[gnu::always_inline]] inline __m256i load(const std::byte* bytes) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes));
}

/// The 16 or fewer channels of one output pixel.
struct Position {
  const uint8_t* source;  ///< the chunk's first channel in pixel (0, 0)
  int y, x;
  int count;
};

/// What tap number `tap` reads; in_zero_point in the padding and beyond the last tap.
[[gnu::always_inline]] inline __m128i load_tap(const DepthwiseParams& params, const Position& at, int ky, int kx,
                                               __m128i padding) {
  const Window2d& window = params.window;
  const int iy = at.y * window.stride_h - window.pad_top + ky * window.dilation_h;
  const int ix = at.x * window.stride_w - window.pad_left + kx * window.dilation_w;
  if (iy < 0 || iy >= params.in.h || ix < 0 || ix >= params.in.w) return padding;
  return load_avx2(at.source + (std::ptrdiff_t(iy) * params.in.w + ix) * params.in.pixel_stride, at.count);
}

void run_pixel(const DepthwiseParams& params, const EpilogueAvx2& epilogue, const Position& at, const std::byte* packed,
               const uint8_t* residual, uint8_t* out) {
  const Window2d& window = params.window;
  const __m128i padding = _mm_set1_epi8(static_cast<int8_t>(params.in_zero_point));
  const std::byte* weights = packed + kHeader;
  __m256i acc0 = load(packed), acc1 = load(packed + 32);
  const int count = taps(params);
  for (int tap = 0, ky = 0, kx = 0; tap < count; tap += 2, weights += 64) {
    __m128i code[2];
    for (int j = 0; j < 2; ++j) {
      code[j] = ky < window.kernel_h ? load_tap(params, at, ky, kx, padding) : padding;
      if (++kx == window.kernel_w) {
        kx = 0;
        ++ky;
      }
    }
    const __m256i low = _mm256_cvtepu8_epi16(_mm_unpacklo_epi8(code[0], code[1]));
    const __m256i high = _mm256_cvtepu8_epi16(_mm_unpackhi_epi8(code[0], code[1]));
    acc0 = _mm256_add_epi32(acc0, _mm256_madd_epi16(low, load(weights)));
    acc1 = _mm256_add_epi32(acc1, _mm256_madd_epi16(high, load(weights + 32)));
  }
  finish_avx2(epilogue, acc0, acc1, reinterpret_cast<const float*>(packed + 64), at.count, residual, out);
}

void run(const DepthwiseParams& params, const KernelArgs& args, const Tile& tile) {
  const EpilogueAvx2 epilogue(params.epilogue, args.constants);
  const auto* source = reinterpret_cast<const uint8_t*>(args.src[0]);
  auto* out = reinterpret_cast<uint8_t*>(args.dst);
  for (int y = tile.row_begin; y < tile.row_end; ++y)
    for (int x = 0; x < params.out.w; ++x) {
      const std::ptrdiff_t pixel = std::ptrdiff_t(y) * params.out.w + x;
      for (int first = 0; first < params.out.c; first += kLanes) {
        const int left = params.out.c - first;
        const Position position = {source + first, y, x, left < kLanes ? left : kLanes};
        const uint8_t* residual = nullptr;
        if (epilogue.residual)
          residual =
              reinterpret_cast<const uint8_t*>(args.src[1]) + pixel * params.epilogue.residual_pixel_stride + first;
        run_pixel(params, epilogue, position, args.packed + first / kLanes * chunk_bytes(params), residual,
                  out + pixel * params.out.pixel_stride + first);
      }
    }
}

}  // namespace

const Kernel<DepthwiseParams> kDepthwiseAvx2 = {
    .name = "avx2", .isa = Isa::kAvx2, .run = run, .packed_bytes = packed_bytes, .pack = pack};

}  // namespace graupel

#endif
