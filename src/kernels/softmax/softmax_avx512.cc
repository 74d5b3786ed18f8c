// Softmax for AVX-512: the table is held in registers as three planes of bytes and looked up 64 codes at a time.
#include "kernels/softmax/softmax_kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include <algorithm>

namespace graupel {
namespace {

constexpr int kRun = SoftmaxParams::kBlock;
// 4095 terms of at most 2^20 sum to less than 2^32.
constexpr int kMostTerms = 4095;

/// One byte of each of the 256 table entries.
struct Plane {
  __m512i part[4];

  __m512i look_up(__m512i index) const {
    const __m512i low = _mm512_permutex2var_epi8(part[0], index, part[1]);
    const __m512i high = _mm512_permutex2var_epi8(part[2], index, part[3]);
    return _mm512_mask_blend_epi8(_mm512_movepi8_mask(index), low, high);
  }
};

/// Byte `byte` of 64 entries from `table` on.
__m512i bytes_of(const uint32_t* table, unsigned byte) {
  const auto quarter = [&](int i) {
    return _mm512_cvtepi32_epi8(_mm512_srli_epi32(_mm512_loadu_si512(table + 16 * i), 8 * byte));
  };
  __m512i bytes = _mm512_castsi128_si512(quarter(0));
  bytes = _mm512_inserti32x4(bytes, quarter(1), 1);
  bytes = _mm512_inserti32x4(bytes, quarter(2), 2);
  return _mm512_inserti32x4(bytes, quarter(3), 3);
}

struct Planes {
  Plane plane[3];

  explicit Planes(const uint32_t* table) {
    for (unsigned b = 0; b < 3; ++b)
      for (int i = 0; i < 4; ++i) plane[b].part[i] = bytes_of(table + 64 * i, b);
  }
};

/// The entries of 64 codes, byte by byte; zero in lanes that are off.
struct Entries {
  __m512i byte[3];

  Entries(const Planes& planes, __m512i index, __mmask64 lanes) {
    for (int b = 0; b < 3; ++b) byte[b] = _mm512_maskz_mov_epi8(lanes, planes.plane[b].look_up(index));
  }
  /// Their sum, in eight s64 lanes.
  __m512i sums() const {
    const __m512i zero = _mm512_setzero_si512();
    const __m512i high = _mm512_slli_epi64(_mm512_sad_epu8(byte[2], zero), 16);
    const __m512i middle = _mm512_slli_epi64(_mm512_sad_epu8(byte[1], zero), 8);
    return _mm512_add_epi64(_mm512_add_epi64(high, middle), _mm512_sad_epu8(byte[0], zero));
  }
  /// Entries 16 * kQuarter to 16 * kQuarter + 15 as s32.
  template <int kQuarter>
  __m512i quarter() const {
    const auto widened = [&](int b) { return _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(byte[b], kQuarter)); };
    return _mm512_or_si512(widened(0),
                           _mm512_or_si512(_mm512_slli_epi32(widened(1), 8), _mm512_slli_epi32(widened(2), 16)));
  }
};

__m128i codes_of(__m512i entries, __m512 inverse) {
  return _mm512_cvtusepi32_epi8(_mm512_cvtps_epi32(_mm512_mul_ps(_mm512_cvtepi32_ps(entries), inverse)));
}

__mmask64 lanes_of(int count) { return ~0ULL >> (kRun - std::min(count, kRun)); }

uint8_t largest(__m512i codes) {
  const __m256i half = _mm256_max_epu8(_mm512_castsi512_si256(codes), _mm512_extracti64x4_epi64(codes, 1));
  const __m128i low = _mm_max_epu8(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
  // The smallest of the complements, first of each pair, then of the eight pairs.
  const __m128i inverted = _mm_xor_si128(low, _mm_set1_epi8(-1));
  const __m128i pairs = _mm_min_epu8(inverted, _mm_srli_epi16(inverted, 8));
  return static_cast<uint8_t>(~_mm_extract_epi8(_mm_minpos_epu16(pairs), 0));
}

template <int kQuarter>
void store_quarter(const Entries& entries, __m512 inverse, int count, uint8_t* dst) {
  const int left = count - 16 * kQuarter;
  if (left <= 0) return;
  const auto lanes = static_cast<__mmask16>(0xFFFFu >> (16 - std::min(left, 16)));
  _mm_mask_storeu_epi8(dst + 16 * kQuarter, lanes, codes_of(entries.quarter<kQuarter>(), inverse));
}

/// A row of n neighbours.
void softmax_row(const Planes& planes, const uint8_t* src, uint8_t* dst, int n) {
  __m512i best = _mm512_setzero_si512();
  for (int k = 0; k < n; k += kRun) best = _mm512_max_epu8(best, _mm512_maskz_loadu_epi8(lanes_of(n - k), src + k));
  const __m512i top = _mm512_set1_epi8(static_cast<char>(largest(best)));
  const auto entries = [&](int k) {
    const __mmask64 lanes = lanes_of(n - k);
    return Entries(planes, _mm512_sub_epi8(top, _mm512_maskz_loadu_epi8(lanes, src + k)), lanes);
  };
  __m512i sums = _mm512_setzero_si512();
  for (int k = 0; k < n; k += kRun) sums = _mm512_add_epi64(sums, entries(k).sums());
  const auto sum = static_cast<uint64_t>(_mm512_reduce_add_epi64(sums));
  const __m512 inverse = _mm512_set1_ps(255.0f / static_cast<float>(sum));
  for (int k = 0; k < n; k += kRun) {
    const Entries terms = entries(k);
    store_quarter<0>(terms, inverse, n - k, dst + k);
    store_quarter<1>(terms, inverse, n - k, dst + k);
    store_quarter<2>(terms, inverse, n - k, dst + k);
    store_quarter<3>(terms, inverse, n - k, dst + k);
  }
}

/// 64 or fewer columns of a plane of n rows, `inner` apart.
void softmax_columns(const Planes& planes, const uint8_t* src, uint8_t* dst, int n, std::ptrdiff_t inner, int count) {
  const __mmask64 lanes = lanes_of(count);
  __m512i best = _mm512_setzero_si512();
  for (int k = 0; k < n; ++k) best = _mm512_max_epu8(best, _mm512_maskz_loadu_epi8(lanes, src + k * inner));
  const auto entries = [&](int k) {
    return Entries(planes, _mm512_sub_epi8(best, _mm512_maskz_loadu_epi8(lanes, src + k * inner)), lanes);
  };
  __m512i sum0 = _mm512_setzero_si512(), sum1 = sum0, sum2 = sum0, sum3 = sum0;
  for (int k = 0; k < n; ++k) {
    const Entries terms = entries(k);
    sum0 = _mm512_add_epi32(sum0, terms.quarter<0>());
    sum1 = _mm512_add_epi32(sum1, terms.quarter<1>());
    sum2 = _mm512_add_epi32(sum2, terms.quarter<2>());
    sum3 = _mm512_add_epi32(sum3, terms.quarter<3>());
  }
  const auto inverse = [](__m512i sum) { return _mm512_div_ps(_mm512_set1_ps(255.0f), _mm512_cvtepu32_ps(sum)); };
  const __m512 inverse0 = inverse(sum0), inverse1 = inverse(sum1), inverse2 = inverse(sum2), inverse3 = inverse(sum3);
  for (int k = 0; k < n; ++k) {
    const Entries terms = entries(k);
    __m512i codes = _mm512_castsi128_si512(codes_of(terms.quarter<0>(), inverse0));
    codes = _mm512_inserti32x4(codes, codes_of(terms.quarter<1>(), inverse1), 1);
    codes = _mm512_inserti32x4(codes, codes_of(terms.quarter<2>(), inverse2), 2);
    codes = _mm512_inserti32x4(codes, codes_of(terms.quarter<3>(), inverse3), 3);
    _mm512_mask_storeu_epi8(dst + k * inner, lanes, codes);
  }
}

}  // namespace

bool softmax_avx512_accepts(const SoftmaxParams& params) {
  const bool bytes = params.in_element == DType::kU8 && params.out_element == DType::kU8;
  return bytes && (params.inner == 1 || params.n <= kMostTerms);
}

void softmax_avx512(const SoftmaxParams& params, const KernelArgs& args, const Tile& tile) {
  const Planes planes(at<uint32_t>(args.constants, params.table));
  for (int o = tile.row_begin; o < tile.row_end; ++o) {
    const std::ptrdiff_t plane = static_cast<std::ptrdiff_t>(o) * params.n * params.inner;
    const auto* src = reinterpret_cast<const uint8_t*>(args.src[0]) + plane;
    auto* dst = reinterpret_cast<uint8_t*>(args.dst) + plane;
    if (params.inner == 1) {
      softmax_row(planes, src, dst, params.n);
      continue;
    }
    const int end = std::min(tile.block_end * kRun, params.inner);
    for (int first = tile.block_begin * kRun; first < end; first += kRun)
      softmax_columns(planes, src + first, dst + first, params.n, params.inner, end - first);
  }
}

}  // namespace graupel
#endif
