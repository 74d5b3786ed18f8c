// Pooling for AVX-512: the largest codes of 64 channels stay in one register over the whole window.
#include "kernels/pool/pool_kernels.h"
#include "kernels/pool/pool_loops.h"

#if defined(__x86_64__)
#include <immintrin.h>

namespace graupel {

void max_pool_avx512(const MaxPoolParams& params, const KernelArgs& args, const Tile& tile) {
  if (params.in.element != DType::kU8) return max_pool_loops(params, args, tile);
  for (int y = tile.row_begin; y < tile.row_end; ++y)
    for (int x = 0; x < params.out.w; ++x) {
      const Patch<uint8_t> patch = patch_of<uint8_t>(params.in, params.window, args, y, x);
      uint8_t* dst = pixel_of<uint8_t>(params.out, args, y, x);
      for (int first = 0; first < params.out.c; first += kRun) {
        const int count = std::min(kRun, params.out.c - first);
        const __mmask64 lanes = ~0ULL >> (kRun - count);
        __m512i best = _mm512_setzero_si512();
        for (int ky = 0; ky < patch.rows; ++ky) {
          const uint8_t* src = patch.src + ky * patch.row + first;
          for (int kx = 0; kx < patch.columns; ++kx, src += patch.column)
            best = _mm512_max_epu8(best, _mm512_maskz_loadu_epi8(lanes, src));
        }
        _mm512_mask_storeu_epi8(dst + first, lanes, best);
      }
    }
}

void avg_pool_avx512(const AvgPoolParams& params, const KernelArgs& args, const Tile& tile) {
  avg_pool_loops(params, args, tile);
}

}  // namespace graupel
#endif
