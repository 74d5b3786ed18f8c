// Element functions of floats, 8 lanes.
#include "kernels/float/unary_f32_tables.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include "kernels/float/unary_f32_lanes.h"

namespace graupel {
namespace {

struct Ymm {
  using F = __m256;
  struct I {
    __m256i v;
  };
  struct M {
    __m256 v;
  };
  static constexpr std::size_t kLanes = 8;

  static __m256i first(std::size_t count) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(count)), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
  }
  static F set(float x) { return _mm256_set1_ps(x); }
  static I set_int(int32_t x) { return {_mm256_set1_epi32(x)}; }
  static F load(const float* from) { return _mm256_loadu_ps(from); }
  static void store(float* to, F x) { _mm256_storeu_ps(to, x); }
  static F load_first(const float* from, std::size_t count) { return _mm256_maskload_ps(from, first(count)); }
  static void store_first(float* to, F x, std::size_t count) { _mm256_maskstore_ps(to, first(count), x); }
  static F add(F a, F b) { return _mm256_add_ps(a, b); }
  static F sub(F a, F b) { return _mm256_sub_ps(a, b); }
  static F mul(F a, F b) { return _mm256_mul_ps(a, b); }
  static F div(F a, F b) { return _mm256_div_ps(a, b); }
  static F fma(F a, F b, F c) { return _mm256_fmadd_ps(a, b, c); }
  static F max(F a, F b) { return _mm256_max_ps(a, b); }
  static F min(F a, F b) { return _mm256_min_ps(a, b); }
  static F neg(F x) { return _mm256_xor_ps(x, set(-0.0f)); }
  static F abs(F x) { return _mm256_andnot_ps(set(-0.0f), x); }
  static F sqrt(F x) { return _mm256_sqrt_ps(x); }
  static F floor(F x) { return _mm256_round_ps(x, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC); }
  static F round_even(F x) { return _mm256_round_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
  static F copy_sign(F magnitude, F sign) { return _mm256_or_ps(abs(magnitude), _mm256_and_ps(set(-0.0f), sign)); }
  static M less(F a, F b) { return {_mm256_cmp_ps(a, b, _CMP_LT_OQ)}; }
  static M equal(F a, F b) { return {_mm256_cmp_ps(a, b, _CMP_EQ_OQ)}; }
  static F select(M m, F a, F b) { return _mm256_blendv_ps(b, a, m.v); }
  static I as_int(F x) { return {_mm256_castps_si256(x)}; }
  static F as_float(I x) { return _mm256_castsi256_ps(x.v); }
  static F to_float(I x) { return _mm256_cvtepi32_ps(x.v); }
  static I add(I a, I b) { return {_mm256_add_epi32(a.v, b.v)}; }
  static I sub(I a, I b) { return {_mm256_sub_epi32(a.v, b.v)}; }
  static I bit_and(I a, I b) { return {_mm256_and_si256(a.v, b.v)}; }
  template <int kBits>
  static I shift_left(I x) {
    return {_mm256_slli_epi32(x.v, kBits)};
  }
  template <int kBits>
  static I shift_right(I x) {
    return {_mm256_srai_epi32(x.v, kBits)};
  }
};

}  // namespace

void unary_f32_avx2(UnaryKind kind, float alpha, float beta, const float* src, float* dst, std::size_t count) {
  UnaryF32Lanes<Ymm>::run(kind, alpha, beta, src, dst, count);
}

}  // namespace graupel
#endif
