// Table look-up, 32 codes at a time, from 16-entry shuffles.
//
// A shuffle gives 0 where the index has its top bit set. For the lower half of the table, block k holds its entries xor
// those of block k - 1, and indices fall by 16 from block to block (saturating, so that codes of the upper half stay
// negative): the blocks 0 .. code / 16 contribute, and their xor is the entry. The upper half is the same on code -
// 128.
#include "kernels/lut/lut_kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

namespace graupel {
namespace {

struct Table {
  explicit Table(const uint8_t* table) {
    for (int k = 0; k < 16; ++k) {
      __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(table + 16 * k));
      if (k % 8 != 0)
        block = _mm_xor_si128(block, _mm_loadu_si128(reinterpret_cast<const __m128i*>(table + 16 * (k - 1))));
      blocks[k] = _mm256_broadcastsi128_si256(block);
    }
  }

  __m256i operator()(__m256i codes) const {
    const __m256i step = _mm256_set1_epi8(16);
    __m256i low = codes, high = _mm256_xor_si256(codes, _mm256_set1_epi8(-128));
    __m256i result = _mm256_xor_si256(_mm256_shuffle_epi8(blocks[0], low), _mm256_shuffle_epi8(blocks[8], high));
    for (int k = 1; k < 8; ++k) {
      low = _mm256_subs_epi8(low, step);
      high = _mm256_subs_epi8(high, step);
      result = _mm256_xor_si256(result, _mm256_shuffle_epi8(blocks[k], low));
      result = _mm256_xor_si256(result, _mm256_shuffle_epi8(blocks[8 + k], high));
    }
    return result;
  }

  __m256i blocks[16];
};

void run(const LutParams& params, const KernelArgs& args, const Tile& tile) {
  if (params.tables != 1) return lut_per_channel(params, args, tile);
  const auto* codes = at<uint8_t>(args.constants, params.table);
  const Table table(codes);
  for_each_lut_run(params, args, tile, [&](const uint8_t* src, uint8_t* dst, std::ptrdiff_t count) {
    std::ptrdiff_t i = 0;
    for (; i + 32 <= count; i += 32) {
      const __m256i in = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(src + i));
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(dst + i), table(in));
    }
    for (; i < count; ++i) dst[i] = codes[src[i]];
  });
}

}  // namespace

const Kernel<LutParams> kLutAvx2 = {.name = "avx2", .isa = Isa::kAvx2, .run = run, .accepts = is_byte_look_up};

}  // namespace graupel
#endif
