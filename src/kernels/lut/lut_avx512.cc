// Table look-up, 64 codes at a time: each half of the table is one two-register byte permutation.
#include "kernels/lut/lut_kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

namespace graupel {
namespace {

struct Table {
  explicit Table(const uint8_t* table)
      : t0(_mm512_loadu_si512(table)),
        t1(_mm512_loadu_si512(table + 64)),
        t2(_mm512_loadu_si512(table + 128)),
        t3(_mm512_loadu_si512(table + 192)) {}

  __m512i operator()(__m512i codes) const {
    const __m512i low = _mm512_permutex2var_epi8(t0, codes, t1);
    const __m512i high = _mm512_permutex2var_epi8(t2, codes, t3);
    return _mm512_mask_blend_epi8(_mm512_movepi8_mask(codes), low, high);
  }

  __m512i t0, t1, t2, t3;
};

void run(const LutParams& params, const KernelArgs& args, const Tile& tile) {
  if (params.tables != 1) return lut_per_channel(params, args, tile);
  const Table table(at<uint8_t>(args.constants, params.table));
  for_each_lut_run(params, args, tile, [&](const uint8_t* src, uint8_t* dst, std::ptrdiff_t count) {
    std::ptrdiff_t i = 0;
    for (; i + 64 <= count; i += 64) _mm512_storeu_si512(dst + i, table(_mm512_loadu_si512(src + i)));
    if (i == count) return;
    const __mmask64 rest = (uint64_t{1} << (count - i)) - 1;
    _mm512_mask_storeu_epi8(dst + i, rest, table(_mm512_maskz_loadu_epi8(rest, src + i)));
  });
}

}  // namespace

const Kernel<LutParams> kLutAvx512 = {.name = "avx512", .isa = Isa::kAvx512, .run = run, .accepts = is_byte_look_up};

}  // namespace graupel
#endif
