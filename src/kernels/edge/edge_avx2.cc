// Floats to codes, 8 at a time (N9.1).
#include "kernels/edge/edge.h"

#if defined(__x86_64__)
#include <immintrin.h>

namespace graupel {
namespace {

struct Rule {
  __m256 scale, lo, hi;
  __m256i zero_point;

  __m256i codes(__m256 x) const {
    const __m256 t = _mm256_min_ps(_mm256_max_ps(_mm256_div_ps(x, scale), lo), hi);
    return _mm256_add_epi32(_mm256_cvtps_epi32(t), zero_point);
  }
};

}  // namespace

std::size_t quantize_u8_avx2(const float* src, std::size_t count, float scale, int32_t zero_point, uint8_t* dst) {
  const Rule rule{_mm256_set1_ps(scale), _mm256_set1_ps(static_cast<float>(-zero_point)),
                  _mm256_set1_ps(static_cast<float>(255 - zero_point)), _mm256_set1_epi32(zero_point)};
  std::size_t i = 0;
  for (; i + 16 <= count; i += 16) {
    const __m256 x0 = _mm256_loadu_ps(src + i), x1 = _mm256_loadu_ps(src + i + 8);
    if (_mm256_movemask_ps(_mm256_cmp_ps(x0, x1, _CMP_UNORD_Q)) != 0) break;
    const __m256i words = _mm256_permute4x64_epi64(_mm256_packs_epi32(rule.codes(x0), rule.codes(x1)), 0xd8);
    const __m128i bytes = _mm_packus_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(dst + i), bytes);
  }
  return i == count ? count : i + quantize_u8_ref(src + i, count - i, scale, zero_point, dst + i);
}

}  // namespace graupel
#endif
