// What averages and softmax share (N6.1, N8.4): q = sat(R(fl(fl32(sum) * factor)) + zero_point). Internal linkage:
// compiled per ISA.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>

namespace graupel {
namespace {

/// R(x) + zero_point saturated to codes of type T. Beyond twice the largest code every zero point saturates, so x may
/// be clamped there; then adding 1.5 * 2^23 leaves R(x) in the low mantissa bits.
template <class T>
inline T rounded_code(float x, int32_t zero_point) {
  constexpr int32_t kMost = std::numeric_limits<T>::max();
  constexpr float kBound = 2 * (kMost + 1);
  const float clamped = std::min(std::max(x, -kBound), kBound);
  const int32_t code = std::bit_cast<int32_t>(clamped + 0x1.8p23f) - std::bit_cast<int32_t>(0x1.8p23f) + zero_point;
  return static_cast<T>(std::min(std::max(code, 0), kMost));
}

template <class T>
inline T mean_code(int32_t sum, float factor, int32_t zero_point) {
  return rounded_code<T>(static_cast<float>(sum) * factor, zero_point);
}

}  // namespace
}  // namespace graupel
