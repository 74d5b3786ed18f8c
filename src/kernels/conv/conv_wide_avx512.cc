// Convolution of 16-bit types with AVX-512 VNNI (N8.2): codes and weights are split into planes of bytes, whose
// products are summed apart in s32 and joined at the end; the sum is exact, so it is the reference's. The sources of
// four pixels are gathered first, so that one loop serves every window; requantization is the reference's own.
#include "kernels/conv/conv_kernels.h"

#if defined(__x86_64__)

#include <algorithm>
#include <cstring>

#include "kernels/epilogue_avx512.h"
#include "kernels/epilogue_ref.h"
#include "kernels/repeat.h"

namespace graupel {
namespace {

constexpr int kPixels = 4;   ///< neighbours in a row that share each vector of weights
constexpr int kVectors = 2;  ///< of 16 output channels
constexpr int kLanes = kVectors * 16;
constexpr int kMostTerms = 32768;  ///< a sum of two planes' products of bytes stays in s32

int planes_of_codes(const ConvParams& params) { return code_bytes(params.in.element); }
int planes_of_weights(const ConvParams& params) { return params.weight == DType::kS16 ? 2 : 1; }
int depth(const ConvParams& params) { return params.in.c / params.groups; }
int terms(const ConvParams& params) { return params.window.kernel_h * params.window.kernel_w * depth(params); }
int steps(const ConvParams& params) { return (terms(params) + 3) / 4; }

bool accepts(const ConvParams& params) { return !is_narrow(params) && terms(params) <= kMostTerms; }

/// Output channels [first, end) of one group, at most kLanes; segments lie one after another.
struct Segment {
  int first = 0, end = 0;
};
Segment segment_at(const ConvParams& params, int first) {
  const int group = params.out.c / params.groups;
  return {first, std::min({(first / kLanes + 1) * kLanes, (first / group + 1) * group, params.out.c})};
}

/// A packed segment: s8 [step][plane][kLanes][4].
std::size_t segment_bytes(const ConvParams& params) {
  return static_cast<std::size_t>(steps(params)) * planes_of_weights(params) * kLanes * 4;
}

int segments_before(const ConvParams& params, int first) {
  int count = 0;
  for (int at = 0; at < first; at = segment_at(params, at).end) ++count;
  return count;
}

std::size_t packed_bytes(const ConvParams& params) {
  return segments_before(params, params.out.c) * segment_bytes(params);
}

/// w = 256 * plane 1 + plane 0, both s8.
template <class Weight>
void pack_segment(const ConvParams& params, const Weight* weights, const Segment& segment, int8_t* out) {
  const int planes = planes_of_weights(params);
  for (int k = 0; k < terms(params); ++k)
    for (int o = segment.first; o < segment.end; ++o) {
      const int32_t w = weights[static_cast<std::ptrdiff_t>(k) * params.out.c + o];
      int8_t* at_step =
          out + static_cast<std::ptrdiff_t>(k / 4) * planes * kLanes * 4 + (o - segment.first) * 4 + k % 4;
      const auto low = static_cast<int8_t>(w);
      at_step[0] = low;
      if (planes == 2) at_step[kLanes * 4] = static_cast<int8_t>((w - low) / 256);
    }
}

void pack(const ConvParams& params, const std::byte* constants, std::byte* packed) {
  std::memset(packed, 0, packed_bytes(params));
  for (int first = 0; first < params.out.c; packed += segment_bytes(params)) {
    const Segment segment = segment_at(params, first);
    auto* out = reinterpret_cast<int8_t*>(packed);
    if (params.weight == DType::kS16)
      pack_segment(params, at<int16_t>(constants, params.weights), segment, out);
    else
      pack_segment(params, at<int8_t>(constants, params.weights), segment, out);
    first = segment.end;
  }
}

/// Scratch: u8 [plane][pixel][4 * steps].
std::size_t scratch_bytes(const ConvParams& params) {
  return static_cast<std::size_t>(planes_of_codes(params)) * kPixels * steps(params) * 4;
}

void split(const uint8_t* from, int count, uint8_t* low, uint8_t*) { std::memcpy(low, from, count); }
void split(const uint16_t* from, int count, uint8_t* __restrict low, uint8_t* __restrict high) {
  for (int i = 0; i < count; ++i) {
    low[i] = static_cast<uint8_t>(from[i]);
    high[i] = static_cast<uint8_t>(from[i] >> 8);
  }
}

/// What output pixel (y, x) multiplies, in the order of the weights, in planes `plane` bytes apart.
template <class In>
void gather(const ConvParams& params, const In* source, int y, int x, uint8_t* low, std::ptrdiff_t plane) {
  const View& in = params.in;
  const Window2d& window = params.window;
  const int count = depth(params);
  for (int ky = 0; ky < window.kernel_h; ++ky) {
    const int iy = y * window.stride_h - window.pad_top + ky * window.dilation_h;
    for (int kx = 0; kx < window.kernel_w; ++kx, low += count) {
      const int ix = x * window.stride_w - window.pad_left + kx * window.dilation_w;
      if (iy >= 0 && iy < in.h && ix >= 0 && ix < in.w) {
        split(source + (static_cast<std::ptrdiff_t>(iy) * in.w + ix) * in.pixel_stride, count, low, low + plane);
      } else {
        std::memset(low, params.in_zero_point & 255, static_cast<std::size_t>(count));
        if (sizeof(In) == 2) std::memset(low + plane, params.in_zero_point >> 8, static_cast<std::size_t>(count));
      }
    }
  }
}

/// sums[shift][pixel][channel]: of the products whose planes add up to `shift`.
template <int kCodePlanes, int kWeightPlanes>
void multiply(const uint8_t* codes, const std::byte* weights, int count,
              int32_t (&sums)[kCodePlanes + kWeightPlanes - 1][kPixels][kLanes]) {
  constexpr int kShifts = kCodePlanes + kWeightPlanes - 1;
  __m512i acc[kShifts][kPixels][kVectors];
  repeat<kShifts * kPixels * kVectors>([&](auto i) __attribute__((always_inline)) {
    acc[i / (kPixels * kVectors)][i / kVectors % kPixels][i % kVectors] = _mm512_setzero_si512();
  });
  const std::ptrdiff_t pixel = std::ptrdiff_t{4} * count;
  for (int step = 0; step < count; ++step, codes += 4) {
    __m512i w[kWeightPlanes][kVectors];
    repeat<kWeightPlanes * kVectors>([&](auto i) __attribute__((always_inline)) {
      w[i / kVectors][i % kVectors] = _mm512_loadu_si512(weights);
      weights += 64;
    });
    repeat<kCodePlanes * kPixels>([&](auto i) __attribute__((always_inline)) {
      constexpr int kPlane = i / kPixels, kPixel = i % kPixels;
      int32_t dword;
      std::memcpy(&dword, codes + (kPlane * kPixels + kPixel) * pixel, sizeof dword);
      const __m512i code = _mm512_set1_epi32(dword);
      repeat<kWeightPlanes * kVectors>([&](auto j) __attribute__((always_inline)) {
        dot_avx512(acc[kPlane + j / kVectors][kPixel][j % kVectors], code, w[j / kVectors][j % kVectors]);
      });
    });
  }
  repeat<kShifts * kPixels * kVectors>([&](auto i) __attribute__((always_inline)) {
    constexpr int kShift = i / (kPixels * kVectors), kPixel = i / kVectors % kPixels, kVector = i % kVectors;
    _mm512_storeu_si512(sums[kShift][kPixel] + kVector * 16, acc[kShift][kPixel][kVector]);
  });
}

template <class Types>
struct Strip {
  static constexpr int kCodePlanes = sizeof(typename Types::In), kWeightPlanes = sizeof(typename Types::Weight);

  /// Pixels (y, [x, x + pixels)), channels of one group within [first, end).
  static void run(const ConvParams& params, const KernelArgs& args, int y, int x, int pixels, int first, int end) {
    const int group = first / (params.out.c / params.groups);
    const auto* source = reinterpret_cast<const typename Types::In*>(args.src[0]) + group * depth(params);
    auto* codes = reinterpret_cast<uint8_t*>(args.scratch);
    const std::ptrdiff_t pixel_bytes = std::ptrdiff_t{4} * steps(params), plane = kPixels * pixel_bytes;
    for (int p = 0; p < kPixels; ++p)
      gather(params, source, y, x + std::min(p, pixels - 1), codes + p * pixel_bytes, plane);
    const std::byte* weights = args.packed + segments_before(params, first) * segment_bytes(params);
    for (; first < end; weights += segment_bytes(params)) {
      const Segment segment = segment_at(params, first);
      int32_t sums[kCodePlanes + kWeightPlanes - 1][kPixels][kLanes];
      multiply<kCodePlanes, kWeightPlanes>(codes, weights, steps(params), sums);
      for (int p = 0; p < pixels; ++p)
        finish(params, args, static_cast<std::ptrdiff_t>(y) * params.out.w + x + p, segment, p, sums);
      first = segment.end;
    }
  }

  static void finish(const ConvParams& params, const KernelArgs& args, std::ptrdiff_t pixel, const Segment& segment,
                     int p, const int32_t (&sums)[kCodePlanes + kWeightPlanes - 1][kPixels][kLanes]) {
    using Sum = typename Types::Sum;
    const auto* bias = at<typename Types::Bias>(args.constants, params.bias) + segment.first;
    const int count = segment.end - segment.first;
    Sum acc[kLanes];
    for (int o = 0; o < count; ++o) acc[o] = static_cast<Sum>(bias[o]);
    for (int shift = 0; shift < kCodePlanes + kWeightPlanes - 1; ++shift)
      for (int o = 0; o < count; ++o) acc[o] += static_cast<Sum>(sums[shift][p][o]) << (8 * shift);
    finish_pixel_ref(params, args, pixel, segment.first, count, acc);
  }
};

void run(const ConvParams& params, const KernelArgs& args, const Tile& tile) {
  const int group = params.out.c / params.groups;
  // Bytes behind the last product meet zero weights; they only must not change while they are read.
  std::memset(args.scratch, 0, scratch_bytes(params));
  const int begin = tile.block_begin * ConvParams::kBlock,
            end = std::min(tile.block_end * ConvParams::kBlock, params.out.c);
  with_linear_types(params, [&]<class Types>(Types) {
    for (int y = tile.row_begin; y < tile.row_end; ++y)
      for (int x = 0; x < params.out.w; x += kPixels)
        for (int first = begin; first < end; first = (first / group + 1) * group)
          Strip<Types>::run(params, args, y, x, std::min(kPixels, params.out.w - x), first,
                            std::min(end, (first / group + 1) * group));
  });
}

}  // namespace

const Kernel<ConvParams> kConvWideAvx512 = {.name = "avx512_wide",
                                            .isa = Isa::kAvx512,
                                            .run = run,
                                            .accepts = accepts,
                                            .packed_bytes = packed_bytes,
                                            .pack = pack,
                                            .scratch_bytes = scratch_bytes};

}  // namespace graupel

#endif
