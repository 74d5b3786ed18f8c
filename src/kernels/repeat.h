// Loops unrolled by the language, for arrays of vector registers.
#pragma once

#include <cstddef>
#include <cstring>
#include <utility>

namespace graupel {

/// Calls f(integral_constant 0) … f(integral_constant N - 1).
template <int N, class F>
[[gnu::always_inline]] inline void repeat(F&& f) {
  [&]<int... i>(std::integer_sequence<int, i...>) __attribute__((always_inline)) {
    (f(std::integral_constant<int, i>{}), ...);
  }
  (std::make_integer_sequence<int, N>{});
}

/// Vectors that lie one after another, at any alignment; copied one by one, so that they stay in registers.
template <class Vector, int N>
[[gnu::always_inline]] inline void read_vectors(Vector (&to)[N], const std::byte* from) {
  repeat<N>([&](auto i)
                __attribute__((always_inline)) { std::memcpy(&to[i], from + i * sizeof(Vector), sizeof(Vector)); });
}
template <class Vector, int N>
[[gnu::always_inline]] inline void write_vectors(std::byte* to, const Vector (&from)[N]) {
  repeat<N>([&](auto i)
                __attribute__((always_inline)) { std::memcpy(to + i * sizeof(Vector), &from[i], sizeof(Vector)); });
}

}  // namespace graupel
