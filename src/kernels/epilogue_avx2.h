// The epilogue of conv and depthwise in AVX2 (N2.1, N3.2, N4.2). Included by *_avx2.cc only; functions have
// internal linkage, so that no other translation unit can end up with this instruction set.
#pragma once

#include <immintrin.h>

#include "kernels/kernel.h"

namespace graupel {
struct EpilogueAvx2 {
  __m256i zero_point;
  __m128i lo, hi;
  __m256i residual_zero_point;
  __m256 residual_scale;
  bool residual;
  bool has_table;
  alignas(32) uint8_t table[8][32];  ///< clamp and table in one, as lookup_avx2 wants it

  EpilogueAvx2(const Epilogue& epilogue, const std::byte* constants)
      : zero_point(_mm256_set1_epi16(static_cast<int16_t>(epilogue.zero_point))),
        lo(_mm_set1_epi8(static_cast<int8_t>(epilogue.lo))),
        hi(_mm_set1_epi8(static_cast<int8_t>(epilogue.hi))),
        residual_zero_point(_mm256_set1_epi32(epilogue.residual_zero_point)),
        residual_scale(_mm256_set1_ps(epilogue.residual_scale)),
        residual(epilogue.residual),
        has_table(epilogue.table) {
    if (!has_table) return;
    const auto entry = [&](int code) {
      return at<uint8_t>(constants, epilogue.table)[code < epilogue.lo   ? epilogue.lo
                                                    : code > epilogue.hi ? epilogue.hi
                                                                         : code];
    };
    for (int code = 0; code < 256; ++code) {
      const int before = code % 128 < 16 ? 0 : entry(code - 16);
      table[code % 128 / 16][code / 128 * 16 + code % 16] = static_cast<uint8_t>(entry(code) ^ before);
    }
  }
};

namespace {

/// R(fl(fl32(acc) * scale)); fits s32 by N2.3.
[[gnu::always_inline]] inline __m256i scaled_avx2(__m256i acc, __m256 scale) {
  return _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_cvtepi32_ps(acc), scale));
}

/// As scaled_avx2, with the low 8 residual codes added before the rounding (N4.2).
[[gnu::always_inline]] inline __m256i added_avx2(const EpilogueAvx2& epilogue, __m256i acc, __m256 scale,
                                                 __m128i residual) {
  const __m256i offset = _mm256_sub_epi32(_mm256_cvtepu8_epi32(residual), epilogue.residual_zero_point);
  const __m256 other = _mm256_mul_ps(_mm256_cvtepi32_ps(offset), epilogue.residual_scale);
  return _mm256_cvtps_epi32(_mm256_add_ps(_mm256_mul_ps(_mm256_cvtepi32_ps(acc), scale), other));
}

/// The first `count` <= 16 bytes; no byte beyond them is read.
[[gnu::always_inline]] inline __m128i load_avx2(const uint8_t* bytes, int count) {
  if (count == 16) return _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes));
  alignas(16) uint8_t copy[16] = {};
  for (int i = 0; i < count; ++i) copy[i] = bytes[i];
  return _mm_load_si128(reinterpret_cast<const __m128i*>(copy));
}

/// The table's entries for 16 codes, those below 128 in the low lane. Row i holds entries 16 * i + j, each combined by
/// xor with the entry 16 before: a code collects all rows up to its own, because a shuffle index that has become
/// negative gives zero.
[[gnu::always_inline]] inline __m128i lookup_avx2(const EpilogueAvx2& epilogue, __m128i codes) {
  const __m256i row = _mm256_set1_epi8(16);
  __m256i index = _mm256_xor_si256(_mm256_broadcastsi128_si256(codes),
                                   _mm256_set_m128i(_mm_set1_epi8(static_cast<char>(0x80)), _mm_setzero_si128()));
  __m256i found = _mm256_setzero_si256();
  for (int i = 0; i < 8; ++i) {
    const __m256i entries = _mm256_load_si256(reinterpret_cast<const __m256i*>(epilogue.table[i]));
    found = _mm256_xor_si256(found, _mm256_shuffle_epi8(entries, index));
    index = _mm256_subs_epi8(index, row);
  }
  return _mm_xor_si128(_mm256_castsi256_si128(found), _mm256_extracti128_si256(found, 1));
}

/// Requantizes 16 accumulators and stores the first `count` codes. `scale` has 16 entries; `residual` is read only when
/// the epilogue has one.
[[gnu::always_inline]] inline void finish_avx2(const EpilogueAvx2& epilogue, __m256i acc0, __m256i acc1,
                                               const float* scale, int count, const uint8_t* residual, uint8_t* out) {
  const __m256 scale0 = _mm256_loadu_ps(scale), scale1 = _mm256_loadu_ps(scale + 8);
  if (epilogue.residual) {
    const __m128i codes = load_avx2(residual, count);
    acc0 = added_avx2(epilogue, acc0, scale0, codes);
    acc1 = added_avx2(epilogue, acc1, scale1, _mm_srli_si128(codes, 8));
  } else {
    acc0 = scaled_avx2(acc0, scale0);
    acc1 = scaled_avx2(acc1, scale1);
  }
  // Saturating early to s16 changes nothing: the zero point is in [0, 255].
  const __m256i wide = _mm256_adds_epi16(_mm256_packs_epi32(acc0, acc1), epilogue.zero_point);
  const __m256i ordered = _mm256_permute4x64_epi64(wide, 0xD8);
  __m128i codes = _mm_packus_epi16(_mm256_castsi256_si128(ordered), _mm256_extracti128_si256(ordered, 1));
  codes =
      epilogue.has_table ? lookup_avx2(epilogue, codes) : _mm_min_epu8(_mm_max_epu8(codes, epilogue.lo), epilogue.hi);
  if (count == 16) return _mm_storeu_si128(reinterpret_cast<__m128i*>(out), codes);
  alignas(16) uint8_t copy[16];
  _mm_store_si128(reinterpret_cast<__m128i*>(copy), codes);
  for (int i = 0; i < count; ++i) out[i] = copy[i];
}

}  // namespace
}  // namespace graupel
