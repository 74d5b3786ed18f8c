// Convolution of 16-bit types with AVX-512 VNNI.
#include "kernels/conv/conv_kernels.h"

#if defined(__x86_64__)

#include "kernels/conv/conv_wide_vector.h"
#include "kernels/epilogue_avx512.h"

namespace graupel {
namespace {

/// A `Vector` of conv_wide_vector.h.
struct Avx512 {
  static constexpr int kPixels = 4, kVectors = 2, kVectorLanes = 16;
  using Ints = __m512i;
  using Codes = __m512i;
  using Weights = __m512i;

  [[gnu::always_inline]] static Codes broadcast(const uint8_t* codes) {
    int32_t dword;
    std::memcpy(&dword, codes, sizeof dword);
    return _mm512_set1_epi32(dword);
  }
  [[gnu::always_inline]] static Weights load(const std::byte* weights) { return _mm512_loadu_si512(weights); }
  [[gnu::always_inline]] static void dot(Ints& acc, const Codes& codes, const Weights& weights) {
    dot_avx512(acc, codes, weights);
  }
};

}  // namespace

const Kernel<ConvParams> kConvWideAvx512 = {.name = "avx512_wide",
                                            .isa = Isa::kAvx512,
                                            .run = WideConv<Avx512>::run,
                                            .accepts = WideConv<Avx512>::accepts,
                                            .packed_bytes = WideConv<Avx512>::packed_bytes,
                                            .pack = WideConv<Avx512>::pack,
                                            .scratch_bytes = WideConv<Avx512>::scratch_bytes};

}  // namespace graupel

#endif
