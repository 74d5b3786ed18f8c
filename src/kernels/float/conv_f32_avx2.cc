// Float convolution with 8 lanes.
#if defined(__x86_64__)
#include <immintrin.h>

#include "kernels/float/conv_f32_tables.h"
#include "kernels/float/conv_f32_tiles.h"
#include "kernels/float/depthwise_f32_tiles.h"

namespace graupel {
namespace {

struct Ymm {
  using Reg = __m256;
  static constexpr int kLanes = 8;
  static constexpr int kMaxVecs = 2;
  static constexpr std::array<int, kMaxVecs + 1> kPixels{0, 12, 6};  // 12 accumulators of 16 registers
  static constexpr int kDepthwisePixels = 4;

  static __m256i first(int count) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
  }
  static Reg set(float x) { return _mm256_set1_ps(x); }
  static Reg load(const float* from) { return _mm256_loadu_ps(from); }
  static Reg load_tail(const float* from, int count) { return _mm256_maskload_ps(from, first(count)); }
  static void store(float* to, Reg x) { _mm256_storeu_ps(to, x); }
  static void store_tail(float* to, Reg x, int count) { _mm256_maskstore_ps(to, first(count), x); }
  static Reg broadcast(const float* from) { return _mm256_broadcast_ss(from); }
  static void fma(Reg& acc, Reg x, Reg w) { acc = _mm256_fmadd_ps(x, w, acc); }
  static Reg add(Reg a, Reg b) { return _mm256_add_ps(a, b); }
  // The operand order keeps NaN and the zero of x.
  static Reg clamp(Reg x, Reg lo, Reg hi) { return _mm256_min_ps(hi, _mm256_max_ps(lo, x)); }
};

}  // namespace

constexpr ConvF32Kernel kConvF32Avx2 = DirectConvF32<Ymm>::kernel("conv_f32_avx2", Isa::kAvx2);
constexpr ConvF32Kernel kDepthwiseF32Avx2 = DepthwiseConvF32<Ymm>::kernel("depthwise_f32_avx2", Isa::kAvx2);

}  // namespace graupel
#endif
