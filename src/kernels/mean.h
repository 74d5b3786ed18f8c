// What averages share (N6.1): q = sat(R(fl(fl32(sum) * factor)) + zero_point). Internal linkage: compiled per ISA.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

namespace graupel {
namespace {

/// R(x) + zero_point saturated to u8. Beyond +-512 every zero point saturates, so x may be clamped there; then adding
/// 1.5 * 2^23 leaves R(x) in the low mantissa bits.
inline uint8_t rounded_code(float x, int32_t zero_point) {
  const float clamped = std::min(std::max(x, -512.0f), 512.0f);
  const int32_t code = std::bit_cast<int32_t>(clamped + 0x1.8p23f) - std::bit_cast<int32_t>(0x1.8p23f) + zero_point;
  return static_cast<uint8_t>(std::min(std::max(code, 0), 255));
}

inline uint8_t mean_code(int32_t sum, float factor, int32_t zero_point) {
  return rounded_code(static_cast<float>(sum) * factor, zero_point);
}

}  // namespace
}  // namespace graupel
