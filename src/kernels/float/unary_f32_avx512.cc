// Element functions of floats, 16 lanes.
#include "kernels/float/unary_f32_tables.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include "kernels/float/unary_f32_lanes.h"

namespace graupel {
namespace {

struct Zmm {
  using F = __m512;
  struct I {
    __m512i v;
  };
  using M = __mmask16;
  static constexpr std::size_t kLanes = 16;
  static constexpr __mmask16 kAll = 0xffff;  // full masks: GCC 12 warns of its own unmasked intrinsics

  static __mmask16 first(std::size_t count) { return static_cast<__mmask16>((1u << count) - 1); }
  static F set(float x) { return _mm512_set1_ps(x); }
  static I set_int(int32_t x) { return {_mm512_set1_epi32(x)}; }
  static F load(const float* from) { return _mm512_loadu_ps(from); }
  static void store(float* to, F x) { _mm512_storeu_ps(to, x); }
  static F load_first(const float* from, std::size_t count) { return _mm512_maskz_loadu_ps(first(count), from); }
  static void store_first(float* to, F x, std::size_t count) { _mm512_mask_storeu_ps(to, first(count), x); }
  static F add(F a, F b) { return _mm512_add_ps(a, b); }
  static F sub(F a, F b) { return _mm512_sub_ps(a, b); }
  static F mul(F a, F b) { return _mm512_mul_ps(a, b); }
  static F div(F a, F b) { return _mm512_div_ps(a, b); }
  static F fma(F a, F b, F c) { return _mm512_fmadd_ps(a, b, c); }
  static F max(F a, F b) { return _mm512_maskz_max_ps(kAll, a, b); }
  static F min(F a, F b) { return _mm512_maskz_min_ps(kAll, a, b); }
  static F neg(F x) { return _mm512_xor_ps(x, set(-0.0f)); }
  static F abs(F x) { return _mm512_andnot_ps(set(-0.0f), x); }
  static F sqrt(F x) { return _mm512_maskz_sqrt_ps(kAll, x); }
  static F floor(F x) { return _mm512_maskz_roundscale_ps(kAll, x, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC); }
  static F round_even(F x) {
    return _mm512_maskz_roundscale_ps(kAll, x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  }
  static F copy_sign(F magnitude, F sign) { return _mm512_or_ps(abs(magnitude), _mm512_and_ps(set(-0.0f), sign)); }
  static M less(F a, F b) { return _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ); }
  static M equal(F a, F b) { return _mm512_cmp_ps_mask(a, b, _CMP_EQ_OQ); }
  static F select(M m, F a, F b) { return _mm512_mask_blend_ps(m, b, a); }
  static I as_int(F x) { return {_mm512_castps_si512(x)}; }
  static F as_float(I x) { return _mm512_castsi512_ps(x.v); }
  static F to_float(I x) { return _mm512_maskz_cvtepi32_ps(kAll, x.v); }
  static I add(I a, I b) { return {_mm512_add_epi32(a.v, b.v)}; }
  static I sub(I a, I b) { return {_mm512_sub_epi32(a.v, b.v)}; }
  static I bit_and(I a, I b) { return {_mm512_and_si512(a.v, b.v)}; }
  template <int kBits>
  static I shift_left(I x) {
    return {_mm512_maskz_slli_epi32(kAll, x.v, kBits)};
  }
  template <int kBits>
  static I shift_right(I x) {
    return {_mm512_maskz_srai_epi32(kAll, x.v, kBits)};
  }
};

}  // namespace

void unary_f32_avx512(UnaryKind kind, float alpha, float beta, const float* src, float* dst, std::size_t count) {
  UnaryF32Lanes<Zmm>::run(kind, alpha, beta, src, dst, count);
}

}  // namespace graupel
#endif
