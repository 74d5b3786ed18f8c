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

/// Scratch: for each tap (an even number of them) the address of channel 0 under the current pixel and the distance to
/// the next pixel's, then a pixel of in_zero_point for the padding.
struct Taps {
  const uint8_t** address;
  std::ptrdiff_t* step;
  int pairs;

  void advance() const {
    for (int i = 0; i < pairs * 2; ++i) address[i] += step[i];
  }
};

std::size_t address_bytes(const DepthwiseParams& params) {
  return (std::size_t(taps(params)) + 1) / 2 * 2 * sizeof(const uint8_t*);
}

std::size_t scratch_bytes(const DepthwiseParams& params) { return 2 * address_bytes(params) + params.in.c; }

void find_taps(const DepthwiseParams& params, const uint8_t* source, const uint8_t* padding, int y, int x,
               const Taps& taps) {
  const Window2d& window = params.window;
  int tap = 0;
  taps.address[taps.pairs * 2 - 1] = padding;
  taps.step[taps.pairs * 2 - 1] = 0;
  for (int ky = 0; ky < window.kernel_h; ++ky) {
    const int iy = y * window.stride_h - window.pad_top + ky * window.dilation_h;
    for (int kx = 0; kx < window.kernel_w; ++kx, ++tap) {
      const int ix = x * window.stride_w - window.pad_left + kx * window.dilation_w;
      const bool inside = iy >= 0 && iy < params.in.h && ix >= 0 && ix < params.in.w;
      taps.address[tap] = inside ? source + (std::ptrdiff_t(iy) * params.in.w + ix) * params.in.pixel_stride : padding;
      taps.step[tap] = inside ? std::ptrdiff_t(window.stride_w) * params.in.pixel_stride : 0;
    }
  }
}

/// Whether all columns under output column x are in the image.
bool interior(const DepthwiseParams& params, int x) {
  const Window2d& window = params.window;
  const int left = x * window.stride_w - window.pad_left;
  return left >= 0 && left + (window.kernel_w - 1) * window.dilation_w < params.in.w;
}

/// `count` <= 16 channels of one output pixel, from `first` on.
[[gnu::always_inline]] inline void run_chunk(const Taps& taps, const EpilogueAvx2& epilogue, int first, int count,
                                             const std::byte* packed, const uint8_t* residual, uint8_t* out) {
  const std::byte* weights = packed + kHeader;
  __m256i acc0 = load(packed), acc1 = load(packed + 32);
  for (int pair = 0; pair < taps.pairs; ++pair, weights += 64) {
    const __m128i even = load_avx2(taps.address[pair * 2] + first, count);
    const __m128i odd = load_avx2(taps.address[pair * 2 + 1] + first, count);
    const __m256i low = _mm256_cvtepu8_epi16(_mm_unpacklo_epi8(even, odd));
    const __m256i high = _mm256_cvtepu8_epi16(_mm_unpackhi_epi8(even, odd));
    acc0 = _mm256_add_epi32(acc0, _mm256_madd_epi16(low, load(weights)));
    acc1 = _mm256_add_epi32(acc1, _mm256_madd_epi16(high, load(weights + 32)));
  }
  finish_avx2(epilogue, acc0, acc1, reinterpret_cast<const float*>(packed + 64), count, residual, out);
}

/// All channels of the output pixel whose taps are found.
void run_pixel(const DepthwiseParams& params, const KernelArgs& args, const EpilogueAvx2& epilogue, const Taps& found,
               std::ptrdiff_t pixel) {
  const std::size_t bytes = chunk_bytes(params);
  const int channels = params.out.c;
  uint8_t* out = reinterpret_cast<uint8_t*>(args.dst) + pixel * params.out.pixel_stride;
  const uint8_t* residual = nullptr;
  if (epilogue.residual)
    residual = reinterpret_cast<const uint8_t*>(args.src[1]) + pixel * params.epilogue.residual_pixel_stride;
  const std::byte* packed = args.packed;
  int first = 0;
  for (; first + kLanes <= channels; first += kLanes, packed += bytes)
    run_chunk(found, epilogue, first, kLanes, packed, residual + (epilogue.residual ? first : 0), out + first);
  if (first < channels)
    run_chunk(found, epilogue, first, channels - first, packed, residual + (epilogue.residual ? first : 0),
              out + first);
}

void run(const DepthwiseParams& params, const KernelArgs& args, const Tile& tile) {
  const EpilogueAvx2 epilogue(params.epilogue, args.constants);
  const std::size_t bytes = address_bytes(params);
  const Taps found = {reinterpret_cast<const uint8_t**>(args.scratch),
                      reinterpret_cast<std::ptrdiff_t*>(args.scratch + bytes), (taps(params) + 1) / 2};
  auto* padding = reinterpret_cast<uint8_t*>(args.scratch + 2 * bytes);
  std::memset(padding, params.in_zero_point, params.in.c);
  for (int y = tile.row_begin; y < tile.row_end; ++y)
    for (int x = 0; x < params.out.w; ++x) {
      if (x > 0 && interior(params, x - 1) && interior(params, x)) {
        found.advance();
      } else {
        find_taps(params, reinterpret_cast<const uint8_t*>(args.src[0]), padding, y, x, found);
      }
      run_pixel(params, args, epilogue, found, std::ptrdiff_t(y) * params.out.w + x);
    }
}

}  // namespace

const Kernel<DepthwiseParams> kDepthwiseAvx2 = {.name = "avx2",
                                                .isa = Isa::kAvx2,
                                                .run = run,
                                                .packed_bytes = packed_bytes,
                                                .pack = pack,
                                                .scratch_bytes = scratch_bytes};

}  // namespace graupel

#endif
