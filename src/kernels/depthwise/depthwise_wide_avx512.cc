// Depthwise convolution of 16-bit types with AVX-512 VNNI, 32 channels at a time.
#include "kernels/depthwise/depthwise_kernels.h"

#if defined(__x86_64__)

#include <immintrin.h>

#include "kernels/depthwise/depthwise_wide_vector.h"

namespace graupel {
namespace {

/// A `Vector` of depthwise_wide_vector.h.
struct Avx512 {
  using Ints = __m512i;
  using Floats = __m512;
  using Doubles = __m512d;
  static constexpr int kLanes = 32;
  static constexpr int pixels(int) { return 4; }

  static __mmask32 first(int count) { return ~__mmask32{0} >> (32 - count); }
  static Ints load(const uint16_t* codes, int count) { return _mm512_maskz_loadu_epi16(first(count), codes); }
  static Ints load(const uint8_t* codes, int count) {
    return _mm512_cvtepu8_epi16(_mm256_maskz_loadu_epi8(first(count), codes));
  }
  static void store(uint16_t* to, Ints codes, int count) { _mm512_mask_storeu_epi16(to, first(count), codes); }
  static void store(uint8_t* to, Ints codes, int count) {
    _mm256_mask_storeu_epi8(to, first(count), _mm512_cvtepi16_epi8(codes));
  }

  static Ints fill16(int value) { return _mm512_set1_epi16(static_cast<int16_t>(value)); }
  static Ints fill32(int value) { return _mm512_set1_epi32(value); }
  static Ints add32(Ints a, Ints b) { return _mm512_add_epi32(a, b); }
  static Ints flip(Ints codes, Ints bits) { return _mm512_xor_si512(codes, bits); }
  static void interleave(Ints a, Ints b, Ints (&pairs)[2]) {
    pairs[0] = _mm512_unpacklo_epi16(a, b);
    pairs[1] = _mm512_unpackhi_epi16(a, b);
  }
  static Ints pack(Ints a, Ints b) { return _mm512_packus_epi32(a, b); }
  static Ints clamp(Ints codes, Ints lo, Ints hi) { return _mm512_min_epu16(_mm512_max_epu16(codes, lo), hi); }
  [[gnu::always_inline]] static void dot(Ints& acc, Ints codes, Ints weights) {
    asm("vpdpwssd %2, %1, %0" : "+v"(acc) : "v"(codes), "v"(weights));
  }

  static Doubles low(Ints v) { return _mm512_cvtepi32_pd(_mm512_castsi512_si256(v)); }
  static Doubles high(Ints v) { return _mm512_cvtepi32_pd(_mm512_extracti64x4_epi64(v, 1)); }
  static Ints rounded(Doubles low, Doubles high) {
    return _mm512_inserti64x4(_mm512_castsi256_si512(_mm512_cvtpd_epi32(low)), _mm512_cvtpd_epi32(high), 1);
  }
  static Floats floats(Ints v) { return _mm512_cvtepi32_ps(v); }
  static Ints rounded(Floats real) { return _mm512_cvtps_epi32(real); }
};

}  // namespace

const Kernel<DepthwiseParams> kDepthwiseWideAvx512 = {.name = "avx512_wide",
                                                      .isa = Isa::kAvx512,
                                                      .run = WideDepthwise<Avx512>::run,
                                                      .accepts = WideDepthwise<Avx512>::accepts,
                                                      .packed_bytes = WideDepthwise<Avx512>::packed_bytes,
                                                      .pack = WideDepthwise<Avx512>::pack,
                                                      .scratch_bytes = WideDepthwise<Avx512>::scratch_bytes};

}  // namespace graupel

#endif
