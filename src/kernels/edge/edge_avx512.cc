// Floats to codes, 16 at a time (N9.1).
#include "kernels/edge/edge.h"

#if defined(__x86_64__)
#include <immintrin.h>

namespace graupel {

std::size_t quantize_u8_avx512(const float* src, std::size_t count, float scale, int32_t zero_point, uint8_t* dst) {
  constexpr __mmask16 kAll = 0xffff;  // full masks: GCC 12 warns of its own unmasked intrinsics
  const __m512 scales = _mm512_set1_ps(scale);
  const __m512 lo = _mm512_set1_ps(static_cast<float>(-zero_point));
  const __m512 hi = _mm512_set1_ps(static_cast<float>(255 - zero_point));
  const __m512i zero_points = _mm512_set1_epi32(zero_point);
  for (std::size_t i = 0; i < count; i += 16) {
    const std::size_t left = count - i;
    const __mmask16 mask = left >= 16 ? kAll : static_cast<__mmask16>((1u << left) - 1);
    const __m512 x = _mm512_maskz_loadu_ps(mask, src + i);
    const __mmask16 nan = _mm512_cmp_ps_mask(x, x, _CMP_UNORD_Q);
    if (nan != 0) {
      const auto before = static_cast<unsigned>(__builtin_ctz(nan));
      return i + quantize_u8_ref(src + i, before, scale, zero_point, dst + i);
    }
    const __m512 t = _mm512_maskz_min_ps(kAll, _mm512_maskz_max_ps(kAll, _mm512_div_ps(x, scales), lo), hi);
    const __m512i codes = _mm512_add_epi32(_mm512_maskz_cvtps_epi32(kAll, t), zero_points);
    _mm_mask_storeu_epi8(dst + i, mask, _mm512_maskz_cvtepi32_epi8(kAll, codes));
  }
  return count;
}

}  // namespace graupel
#endif
