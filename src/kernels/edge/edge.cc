// The definition of the edges (N9.1, N9.2) and the choice among the vectorized ones.
#include "kernels/edge/edge.h"

#include <cmath>

namespace graupel {

std::size_t quantize_u8(const float* src, std::size_t count, float scale, int32_t zero_point, uint8_t* dst, Isa isa) {
#if defined(__x86_64__)
  if (isa == Isa::kAvx512) return quantize_u8_avx512(src, count, scale, zero_point, dst);
  if (isa == Isa::kAvx2) return quantize_u8_avx2(src, count, scale, zero_point, dst);
#endif
  static_cast<void>(isa);
  return quantize_u8_ref(src, count, scale, zero_point, dst);
}

std::size_t quantize_u8_ref(const float* src, std::size_t count, float scale, int32_t zero_point, uint8_t* dst) {
  // Saturating before the rounding is the same, since the bounds are integers; and nothing overflows in the conversion.
  const float lo = static_cast<float>(-zero_point), hi = static_cast<float>(255 - zero_point);
  for (std::size_t i = 0; i < count; ++i) {
    if (std::isnan(src[i])) return i;
    const float t = src[i] / scale;
    const float inside = t < lo ? lo : t > hi ? hi : t;
    dst[i] = static_cast<uint8_t>(static_cast<int32_t>(std::nearbyint(inside)) + zero_point);
  }
  return count;
}

void dequantize_u8(const uint8_t* src, std::size_t count, float scale, int32_t zero_point, float* dst) {
  for (std::size_t i = 0; i < count; ++i) dst[i] = static_cast<float>(int32_t{src[i]} - zero_point) * scale;
}

}  // namespace graupel
