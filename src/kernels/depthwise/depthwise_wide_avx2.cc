// Depthwise convolution of 16-bit types with AVX2, 16 channels at a time.
#include "kernels/depthwise/depthwise_kernels.h"

#if defined(__x86_64__)

#include <immintrin.h>

#include "kernels/depthwise/depthwise_wide_vector.h"
#include "kernels/epilogue_avx2.h"

namespace graupel {
namespace {

/// A `Vector` of depthwise_wide_vector.h.
struct Avx2 {
  using Ints = __m256i;
  using Floats = __m256;
  using Doubles = __m256d;
  static constexpr int kLanes = 16;
  static constexpr int pixels(int planes) { return 4 / planes; }

  static Ints load(const uint16_t* codes, int count) {
    if (count == kLanes) return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(codes));
    alignas(32) uint16_t copy[kLanes] = {};
    for (int i = 0; i < count; ++i) copy[i] = codes[i];
    return _mm256_load_si256(reinterpret_cast<const __m256i*>(copy));
  }
  static Ints load(const uint8_t* codes, int count) { return _mm256_cvtepu8_epi16(load_avx2(codes, count)); }
  static void store(uint16_t* to, Ints codes, int count) {
    if (count == kLanes) return _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), codes);
    alignas(32) uint16_t copy[kLanes];
    _mm256_store_si256(reinterpret_cast<__m256i*>(copy), codes);
    for (int i = 0; i < count; ++i) to[i] = copy[i];
  }
  static void store(uint8_t* to, Ints codes, int count) {
    const __m128i bytes = _mm_packus_epi16(_mm256_castsi256_si128(codes), _mm256_extracti128_si256(codes, 1));
    if (count == kLanes) return _mm_storeu_si128(reinterpret_cast<__m128i*>(to), bytes);
    alignas(16) uint8_t copy[kLanes];
    _mm_store_si128(reinterpret_cast<__m128i*>(copy), bytes);
    for (int i = 0; i < count; ++i) to[i] = copy[i];
  }

  static Ints fill16(int value) { return _mm256_set1_epi16(static_cast<int16_t>(value)); }
  static Ints fill32(int value) { return _mm256_set1_epi32(value); }
  static Ints add32(Ints a, Ints b) { return _mm256_add_epi32(a, b); }
  static Ints flip(Ints codes, Ints bits) { return _mm256_xor_si256(codes, bits); }
  static void interleave(Ints a, Ints b, Ints (&pairs)[2]) {
    pairs[0] = _mm256_unpacklo_epi16(a, b);
    pairs[1] = _mm256_unpackhi_epi16(a, b);
  }
  static Ints pack(Ints a, Ints b) { return _mm256_packus_epi32(a, b); }
  static Ints clamp(Ints codes, Ints lo, Ints hi) { return _mm256_min_epu16(_mm256_max_epu16(codes, lo), hi); }
  static void dot(Ints& acc, Ints codes, Ints weights) {
    acc = _mm256_add_epi32(acc, _mm256_madd_epi16(codes, weights));
  }

  static Doubles low(Ints v) { return _mm256_cvtepi32_pd(_mm256_castsi256_si128(v)); }
  static Doubles high(Ints v) { return _mm256_cvtepi32_pd(_mm256_extracti128_si256(v, 1)); }
  static Ints rounded(Doubles low, Doubles high) {
    return _mm256_set_m128i(_mm256_cvtpd_epi32(high), _mm256_cvtpd_epi32(low));
  }
  static Floats floats(Ints v) { return _mm256_cvtepi32_ps(v); }
  static Ints rounded(Floats real) { return _mm256_cvtps_epi32(real); }
};

}  // namespace

const Kernel<DepthwiseParams> kDepthwiseWideAvx2 = {.name = "avx2_wide",
                                                    .isa = Isa::kAvx2,
                                                    .run = WideDepthwise<Avx2>::run,
                                                    .accepts = WideDepthwise<Avx2>::accepts,
                                                    .packed_bytes = WideDepthwise<Avx2>::packed_bytes,
                                                    .pack = WideDepthwise<Avx2>::pack,
                                                    .scratch_bytes = WideDepthwise<Avx2>::scratch_bytes};

}  // namespace graupel

#endif
