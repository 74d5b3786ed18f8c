// Scalar requantization, written so that a compiler can vectorize it at baseline x86-64 and Arm.
#include "kernels/epilogue_ref.h"

#include <algorithm>
#include <bit>

namespace graupel {
namespace {

constexpr int kChunk = 64;

/// R of N2.1 for |x| < 2^51: adding 1.5 * 2^52 leaves the integer nearest to x, ties to even, in the low mantissa bits.
int32_t round_to_even(double x) { return static_cast<int32_t>(std::bit_cast<int64_t>(x + 0x1.8p52)); }

/// Accumulators as the integers they stand for.
int32_t value_of(uint32_t acc) { return static_cast<int32_t>(acc); }
int64_t value_of(int64_t acc) { return acc; }

/// acc -> code before any table. Real: binary32 of narrow accumulators, binary64 of wide ones.
template <class Real, class Sum>
void codes_of(const Epilogue& epilogue, const float* scale, int count, const Sum* acc, const std::byte* residual,
              int32_t* codes) {
  Real real[kChunk];
  for (int c = 0; c < count; ++c) real[c] = static_cast<Real>(value_of(acc[c])) * static_cast<Real>(scale[c]);
  if (epilogue.residual) {
    const int32_t zero_point = epilogue.residual_zero_point;
    const Real residual_scale = epilogue.residual_scale;
    with_codes(epilogue.residual_element, [&]<class T>(T) {
      const T* code = reinterpret_cast<const T*>(residual);
      for (int c = 0; c < count; ++c) {
        const Real other = static_cast<Real>(code[c] - zero_point) * residual_scale;
        real[c] = real[c] + other;
      }
    });
  }
  const auto zero_point = static_cast<uint32_t>(epilogue.zero_point);
  const int32_t lo = epilogue.lo, hi = epilogue.hi;
  for (int c = 0; c < count; ++c) {
    const auto code =
        static_cast<int32_t>(static_cast<uint32_t>(round_to_even(static_cast<double>(real[c]))) + zero_point);
    codes[c] = std::min(std::max(code, lo), hi);
  }
}

template <class Real, class Sum>
void requantize(const Epilogue& epilogue, const std::byte* constants, int first_channel, int count, const Sum* acc,
                const std::byte* residual, DType out, std::byte* dst) {
  const float* scale = at<float>(constants, epilogue.scale) + first_channel;
  for (int c = 0; c < count; c += kChunk) {
    const int n = std::min(kChunk, count - c);
    int32_t codes[kChunk];
    codes_of<Real>(epilogue, scale + c, n, acc + c,
                   epilogue.residual ? residual + c * code_bytes(epilogue.residual_element) : nullptr, codes);
    with_codes(out, [&]<class T>(T) {
      T* to = reinterpret_cast<T*>(dst) + c;
      if (epilogue.table) {
        const T* table = at<T>(constants, epilogue.table);
        for (int i = 0; i < n; ++i) to[i] = table[codes[i]];
      } else {
        for (int i = 0; i < n; ++i) to[i] = static_cast<T>(codes[i]);
      }
    });
  }
}

}  // namespace

void requantize_ref(const Epilogue& epilogue, const std::byte* constants, int first_channel, int count,
                    const uint32_t* acc, const std::byte* residual, DType out, std::byte* dst) {
  requantize<float>(epilogue, constants, first_channel, count, acc, residual, out, dst);
}

void requantize_ref(const Epilogue& epilogue, const std::byte* constants, int first_channel, int count,
                    const int64_t* acc, const std::byte* residual, DType out, std::byte* dst) {
  requantize<double>(epilogue, constants, first_channel, count, acc, residual, out, dst);
}

}  // namespace graupel
