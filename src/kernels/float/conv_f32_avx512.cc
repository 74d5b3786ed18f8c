// Float convolution with 16 lanes.
#if defined(__x86_64__)
#include <immintrin.h>

#include "kernels/float/conv_f32_tables.h"
#include "kernels/float/conv_f32_tiles.h"
#include "kernels/float/depthwise_f32_tiles.h"

namespace graupel {
namespace {

struct Zmm {
  using Reg = __m512;
  static constexpr int kLanes = 16;
  static constexpr int kMaxVecs = 4;
  static constexpr std::array<int, kMaxVecs + 1> kPixels{0, 16, 12, 8, 6};  // 16 to 24 accumulators of 32 registers
  static constexpr int kDepthwisePixels = 6;

  static __mmask16 first(int count) { return static_cast<__mmask16>((1u << count) - 1); }
  static Reg set(float x) { return _mm512_set1_ps(x); }
  static Reg load(const float* from) { return _mm512_loadu_ps(from); }
  static Reg load_tail(const float* from, int count) { return _mm512_maskz_loadu_ps(first(count), from); }
  static void store(float* to, Reg x) { _mm512_storeu_ps(to, x); }
  static void store_tail(float* to, Reg x, int count) { _mm512_mask_storeu_ps(to, first(count), x); }
  static Reg broadcast(const float* from) { return _mm512_set1_ps(*from); }
  static void fma(Reg& acc, Reg x, Reg w) { acc = _mm512_fmadd_ps(x, w, acc); }
  static Reg add(Reg a, Reg b) { return _mm512_add_ps(a, b); }
  // The operand order keeps NaN and the zero of x; full masks, since GCC 12 warns of its own unmasked ones.
  static Reg clamp(Reg x, Reg lo, Reg hi) {
    return _mm512_maskz_min_ps(0xffff, hi, _mm512_maskz_max_ps(0xffff, lo, x));
  }
};

}  // namespace

constexpr ConvF32Kernel kConvF32Avx512 = DirectConvF32<Zmm>::kernel("conv_f32_avx512", Isa::kAvx512);
constexpr ConvF32Kernel kDepthwiseF32Avx512 = DepthwiseConvF32<Zmm>::kernel("depthwise_f32_avx512", Isa::kAvx512);

}  // namespace graupel
#endif
