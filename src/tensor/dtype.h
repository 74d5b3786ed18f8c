// Element types without tensors: all that kernels need to know of data.
#pragma once

#include <cstdint>

namespace graupel {

enum class DType : uint8_t { kF32, kU8, kS8, kU16, kS16, kS32, kS64, kF64, kBool };

/// What activations may be once they are quantized (N1.1, N8.1).
constexpr bool is_codes(DType dtype) { return dtype == DType::kU8 || dtype == DType::kU16; }
/// The largest code.
constexpr int32_t most_code(DType dtype) { return dtype == DType::kU16 ? 65535 : 255; }
constexpr int32_t code_bytes(DType dtype) { return dtype == DType::kU16 ? 2 : 1; }

/// Calls f with a zero of the C++ type of codes of `dtype`.
template <class F>
[[gnu::always_inline]] inline decltype(auto) with_codes(DType dtype, F&& f) {
  if (dtype == DType::kU16) return f(uint16_t{});
  return f(uint8_t{});
}

}  // namespace graupel
