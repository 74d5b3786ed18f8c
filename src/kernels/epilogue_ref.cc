// Scalar requantization, written so that a compiler can vectorize it at baseline x86-64 and Arm.
#include "kernels/epilogue_ref.h"

#include <algorithm>
#include <bit>

namespace graupel {
namespace {

constexpr int kChunk = 64;

/// R of N2.1 for |x| < 2^51: adding 1.5 * 2^52 leaves the integer nearest to x, ties to even, in the low mantissa bits.
int32_t round_to_even(float x) {
  return static_cast<int32_t>(std::bit_cast<int64_t>(static_cast<double>(x) + 0x1.8p52));
}

void requantize_chunk(const Epilogue& epilogue, const float* scale, const uint8_t* table, int count,
                      const uint32_t* acc, const uint8_t* residual, uint8_t* dst) {
  float real[kChunk];
  for (int c = 0; c < count; ++c) real[c] = static_cast<float>(static_cast<int32_t>(acc[c])) * scale[c];
  if (epilogue.residual) {
    const int32_t zero_point = epilogue.residual_zero_point;
    const float residual_scale = epilogue.residual_scale;
    for (int c = 0; c < count; ++c) {
      const float other = static_cast<float>(residual[c] - zero_point) * residual_scale;
      real[c] = real[c] + other;
    }
  }
  const auto zero_point = static_cast<uint32_t>(epilogue.zero_point);
  const int32_t lo = epilogue.lo, hi = epilogue.hi;
  for (int c = 0; c < count; ++c) {
    const auto code = static_cast<int32_t>(static_cast<uint32_t>(round_to_even(real[c])) + zero_point);
    dst[c] = static_cast<uint8_t>(std::min(std::max(code, lo), hi));
  }
  if (table != nullptr)
    for (int c = 0; c < count; ++c) dst[c] = table[dst[c]];
}

}  // namespace

void requantize_ref(const Epilogue& epilogue, const std::byte* constants, int first_channel, int count,
                    const uint32_t* acc, const uint8_t* residual, uint8_t* dst) {
  const float* scale = at<float>(constants, epilogue.scale) + first_channel;
  const uint8_t* table = epilogue.table ? at<uint8_t>(constants, epilogue.table) : nullptr;
  for (int c = 0; c < count; c += kChunk)
    requantize_chunk(epilogue, scale + c, table, std::min(kChunk, count - c), acc + c,
                     epilogue.residual ? residual + c : nullptr, dst + c);
}

}  // namespace graupel
