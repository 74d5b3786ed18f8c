// The edges of a program (N9): floats become codes and codes become floats.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/cpu.h"

namespace graupel {

/// dst[i] = sat(R(src[i] / scale) + zero_point), a true division; infinities saturate (N9.1). zero_point is a u8 value.
/// Returns the index of the first NaN, or count when there is none (then all of dst is written).
std::size_t quantize_u8(const float* src, std::size_t count, float scale, int32_t zero_point, uint8_t* dst, Isa isa);
/// The same with u16 codes and a u16 zero point (N8.1).
std::size_t quantize_u16(const float* src, std::size_t count, float scale, int32_t zero_point, uint16_t* dst);
std::size_t quantize_u8_ref(const float* src, std::size_t count, float scale, int32_t zero_point, uint8_t* dst);
#if defined(__x86_64__)
std::size_t quantize_u8_avx2(const float* src, std::size_t count, float scale, int32_t zero_point, uint8_t* dst);
std::size_t quantize_u8_avx512(const float* src, std::size_t count, float scale, int32_t zero_point, uint8_t* dst);
#endif

/// dst[i] = fl(fl(src[i] - zero_point) * scale) (N9.2).
void dequantize_u8(const uint8_t* src, std::size_t count, float scale, int32_t zero_point, float* dst);
void dequantize_u16(const uint16_t* src, std::size_t count, float scale, int32_t zero_point, float* dst);

}  // namespace graupel
