// The definition of the edges (N9.1, N9.2) and the choice among the vectorized ones.
#include "kernels/edge/edge.h"

#include <cmath>
#include <limits>

namespace graupel {
namespace {

template <class T>
std::size_t quantize(const float* src, std::size_t count, float scale, int32_t zero_point, T* dst) {
  // Saturating before the rounding is the same, since the bounds are integers; and nothing overflows in the conversion.
  constexpr int32_t kMost = std::numeric_limits<T>::max();
  const float lo = static_cast<float>(-zero_point), hi = static_cast<float>(kMost - zero_point);
  for (std::size_t i = 0; i < count; ++i) {
    if (std::isnan(src[i])) return i;
    const float t = src[i] / scale;
    const float inside = t < lo ? lo : t > hi ? hi : t;
    dst[i] = static_cast<T>(static_cast<int32_t>(std::nearbyint(inside)) + zero_point);
  }
  return count;
}

template <class T>
void dequantize(const T* src, std::size_t count, float scale, int32_t zero_point, float* dst) {
  for (std::size_t i = 0; i < count; ++i) dst[i] = static_cast<float>(int32_t{src[i]} - zero_point) * scale;
}

}  // namespace

std::size_t quantize_u8(const float* src, std::size_t count, float scale, int32_t zero_point, uint8_t* dst, Isa isa) {
#if defined(__x86_64__)
  if (isa == Isa::kAvx512) return quantize_u8_avx512(src, count, scale, zero_point, dst);
  if (isa == Isa::kAvx2) return quantize_u8_avx2(src, count, scale, zero_point, dst);
#endif
  static_cast<void>(isa);
  return quantize_u8_ref(src, count, scale, zero_point, dst);
}

std::size_t quantize_u8_ref(const float* src, std::size_t count, float scale, int32_t zero_point, uint8_t* dst) {
  return quantize(src, count, scale, zero_point, dst);
}

std::size_t quantize_u16(const float* src, std::size_t count, float scale, int32_t zero_point, uint16_t* dst) {
  return quantize(src, count, scale, zero_point, dst);
}

void dequantize_u8(const uint8_t* src, std::size_t count, float scale, int32_t zero_point, float* dst) {
  dequantize(src, count, scale, zero_point, dst);
}

void dequantize_u16(const uint16_t* src, std::size_t count, float scale, int32_t zero_point, float* dst) {
  dequantize(src, count, scale, zero_point, dst);
}

}  // namespace graupel
