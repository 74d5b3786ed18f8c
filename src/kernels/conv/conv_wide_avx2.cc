// Convolution of 16-bit types with AVX2: bytes are split into even and odd s16, which vpmaddwd multiplies exactly.
#include "kernels/conv/conv_kernels.h"

#if defined(__x86_64__)

#include <immintrin.h>

#include "kernels/conv/conv_wide_vector.h"

namespace graupel {
namespace {

/// A `Vector` of conv_wide_vector.h.
struct Avx2 {
  static constexpr int kPixels = 2, kVectors = 2, kVectorLanes = 8;
  using Ints = __m256i;
  struct Halves {
    __m256i even, odd;
  };
  using Codes = Halves;
  using Weights = Halves;

  [[gnu::always_inline]] static Codes broadcast(const uint8_t* codes) {
    int32_t dword;
    std::memcpy(&dword, codes, sizeof dword);
    const __m256i all = _mm256_set1_epi32(dword);
    return {_mm256_and_si256(all, _mm256_set1_epi16(255)), _mm256_srli_epi16(all, 8)};
  }
  [[gnu::always_inline]] static Weights load(const std::byte* weights) {
    const __m256i all = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(weights));
    return {_mm256_srai_epi16(_mm256_slli_epi16(all, 8), 8), _mm256_srai_epi16(all, 8)};
  }
  [[gnu::always_inline]] static void dot(Ints& acc, const Codes& codes, const Weights& weights) {
    acc = _mm256_add_epi32(acc, _mm256_madd_epi16(codes.even, weights.even));
    acc = _mm256_add_epi32(acc, _mm256_madd_epi16(codes.odd, weights.odd));
  }
};

}  // namespace

const Kernel<ConvParams> kConvWideAvx2 = {.name = "avx2_wide",
                                          .isa = Isa::kAvx2,
                                          .run = WideConv<Avx2>::run,
                                          .accepts = WideConv<Avx2>::accepts,
                                          .packed_bytes = WideConv<Avx2>::packed_bytes,
                                          .pack = WideConv<Avx2>::pack,
                                          .scratch_bytes = WideConv<Avx2>::scratch_bytes};

}  // namespace graupel

#endif
