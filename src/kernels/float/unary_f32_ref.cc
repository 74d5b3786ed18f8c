// Element functions of floats, one lane.
#include <bit>
#include <cmath>

#include "kernels/float/unary_f32_lanes.h"
#include "kernels/float/unary_f32_tables.h"

namespace graupel {
namespace {

struct Scalar {
  using F = float;
  using I = int32_t;
  using M = bool;
  static constexpr std::size_t kLanes = 1;

  static F set(float x) { return x; }
  static I set_int(int32_t x) { return x; }
  static F load(const float* from) { return *from; }
  static void store(float* to, F x) { *to = x; }
  static F load_first(const float* from, std::size_t) { return *from; }
  static void store_first(float* to, F x, std::size_t) { *to = x; }
  static F add(F a, F b) { return a + b; }
  static F sub(F a, F b) { return a - b; }
  static F mul(F a, F b) { return a * b; }
  static F div(F a, F b) { return a / b; }
  static F fma(F a, F b, F c) { return std::fma(a, b, c); }
  static F max(F a, F b) { return a > b ? a : b; }
  static F min(F a, F b) { return a < b ? a : b; }
  static F neg(F x) { return -x; }
  static F abs(F x) { return std::fabs(x); }
  static F sqrt(F x) { return std::sqrt(x); }
  static F floor(F x) { return std::floor(x); }
  static F round_even(F x) { return std::nearbyint(x); }
  static F copy_sign(F magnitude, F sign) { return std::copysign(magnitude, sign); }
  static M less(F a, F b) { return a < b; }
  static M equal(F a, F b) { return a == b; }
  static F select(M m, F a, F b) { return m ? a : b; }
  static I as_int(F x) { return std::bit_cast<I>(x); }
  static F as_float(I x) { return std::bit_cast<F>(x); }
  static F to_float(I x) { return static_cast<F>(x); }
  static I add(I a, I b) { return static_cast<I>(static_cast<uint32_t>(a) + static_cast<uint32_t>(b)); }
  static I sub(I a, I b) { return static_cast<I>(static_cast<uint32_t>(a) - static_cast<uint32_t>(b)); }
  static I bit_and(I a, I b) { return a & b; }
  template <int kBits>
  static I shift_left(I x) {
    return static_cast<I>(static_cast<uint32_t>(x) << kBits);
  }
  template <int kBits>
  static I shift_right(I x) {
    return x >> kBits;
  }
};

}  // namespace

void unary_f32_ref(UnaryKind kind, float alpha, float beta, const float* src, float* dst, std::size_t count) {
  UnaryF32Lanes<Scalar>::run(kind, alpha, beta, src, dst, count);
}

}  // namespace graupel
