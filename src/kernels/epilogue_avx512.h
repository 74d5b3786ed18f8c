// The epilogue of conv and depthwise in AVX-512 (N2.1, N3.2, N4.2). Included by *_avx512.cc only; functions have
// internal linkage, so that no other translation unit can end up with this instruction set.
#pragma once

#include <immintrin.h>

#include "kernels/kernel.h"

namespace graupel {
namespace {

/// table[code] of 64 codes.
[[gnu::always_inline]] inline __m512i lookup_avx512(const uint8_t* table, __m512i code) {
  const __m512i low = _mm512_permutex2var_epi8(_mm512_loadu_si512(table), code, _mm512_loadu_si512(table + 64));
  const __m512i high = _mm512_permutex2var_epi8(_mm512_loadu_si512(table + 128), code, _mm512_loadu_si512(table + 192));
  return _mm512_mask_mov_epi8(low, _mm512_movepi8_mask(code), high);
}

}  // namespace

struct EpilogueAvx512 {
  __m512i zero_point, lo, hi;
  __m512i residual_zero_point;
  __m512 residual_scale;
  bool residual;
  bool has_table;
  alignas(64) uint8_t table[256];  ///< clamp and table in one

  EpilogueAvx512(const Epilogue& epilogue, const std::byte* constants)
      : zero_point(_mm512_set1_epi16(static_cast<int16_t>(epilogue.zero_point))),
        lo(_mm512_set1_epi8(static_cast<int8_t>(epilogue.lo))),
        hi(_mm512_set1_epi8(static_cast<int8_t>(epilogue.hi))),
        residual_zero_point(_mm512_set1_epi32(epilogue.residual_zero_point)),
        residual_scale(_mm512_set1_ps(epilogue.residual_scale)),
        residual(epilogue.residual),
        has_table(epilogue.table) {
    if (!has_table) return;
    for (int code = 0; code < 256; ++code) table[code] = static_cast<uint8_t>(code);
    for (int code = 0; code < 256; code += 64) {
      const __m512i clamped = clamp(_mm512_load_si512(table + code));
      _mm512_store_si512(table + code, lookup_avx512(at<uint8_t>(constants, epilogue.table), clamped));
    }
  }

  __m512i clamp(__m512i code) const { return _mm512_min_epu8(_mm512_max_epu8(code, lo), hi); }
};

namespace {

/// R(fl(fl32(acc) * scale)); fits s32 by N2.3.
[[gnu::always_inline]] inline __m512i scaled_avx512(__m512i acc, __m512 scale) {
  return _mm512_cvtps_epi32(_mm512_mul_ps(_mm512_cvtepi32_ps(acc), scale));
}

/// As scaled_avx512, with 16 residual codes, one in each dword, added before the rounding (N4.2).
[[gnu::always_inline]] inline __m512i added_avx512(const EpilogueAvx512& epilogue, __m512i acc, __m512 scale,
                                                   __m512i residual) {
  const __m512i offset = _mm512_sub_epi32(residual, epilogue.residual_zero_point);
  const __m512 other = _mm512_mul_ps(_mm512_cvtepi32_ps(offset), epilogue.residual_scale);
  return _mm512_cvtps_epi32(_mm512_add_ps(_mm512_mul_ps(_mm512_cvtepi32_ps(acc), scale), other));
}

/// Clamp and table of 64 codes in any order.
[[gnu::always_inline]] inline __m512i finish_avx512(const EpilogueAvx512& epilogue, __m512i code) {
  return epilogue.has_table ? lookup_avx512(epilogue.table, code) : epilogue.clamp(code);
}

/// Zero point and saturation of 4 x 16 integers; dword 4 * i + j of the result is lane i of v[j]. Saturating early to
/// s16 changes nothing: the zero point is in [0, 255].
[[gnu::always_inline]] inline __m512i pack_avx512(const EpilogueAvx512& epilogue, __m512i v0, __m512i v1, __m512i v2,
                                                  __m512i v3) {
  const __m512i low = _mm512_adds_epi16(_mm512_packs_epi32(v0, v1), epilogue.zero_point);
  const __m512i high = _mm512_adds_epi16(_mm512_packs_epi32(v2, v3), epilogue.zero_point);
  return _mm512_packus_epi16(low, high);
}

/// The codes of four vectors of 16 integers, in order.
[[gnu::always_inline]] inline __m512i codes_avx512(const EpilogueAvx512& epilogue, __m512i v0, __m512i v1, __m512i v2,
                                                   __m512i v3) {
  const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  return finish_avx512(epilogue, _mm512_permutexvar_epi32(order, pack_avx512(epilogue, v0, v1, v2, v3)));
}

/// acc += dot product of four unsigned by four signed bytes in each dword, modulo 2^32. One instruction written out:
/// with the intrinsic GCC 12 spills the accumulators and loses half of the speed.
[[gnu::always_inline]] inline void dot_avx512(__m512i& acc, __m512i codes, __m512i weights) {
  asm("vpdpbusd %2, %1, %0" : "+v"(acc) : "v"(codes), "v"(weights));
}

}  // namespace
}  // namespace graupel
