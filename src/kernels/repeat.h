// Loops unrolled by the language, for arrays of vector registers.
#pragma once

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

}  // namespace graupel
