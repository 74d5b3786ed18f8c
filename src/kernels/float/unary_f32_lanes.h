// Element functions of floats over a lane type `V`, shared by the files that bring one; equal bits, because each lane
// does the same IEEE operations in the same order.
//
// V: F (floats), I (s32), M (a condition per lane); max(a, b) is a > b ? a : b and min(a, b) is a < b ? a : b, so that
// a NaN in b stays. Polynomials are weighted minimax fits with coefficients rounded to float one after the other.
#pragma once

#include <cstddef>
#include <limits>

#include "kernels/float/float.h"

namespace graupel {

template <class V>
struct UnaryF32Lanes {
  using F = typename V::F;
  using I = typename V::I;
  using M = typename V::M;

  static constexpr float kInf = std::numeric_limits<float>::infinity();
  static constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  static constexpr float kLog2E = 0x1.715476p+0f, kLn2Hi = 0x1.62e4p-1f, kLn2Lo = 0x1.7f7d1cp-20f;
  static constexpr float kMagic = 0x1.8p+23f;  // x + kMagic is x rounded to an integer, in the low bits
  static constexpr int32_t kMagicBits = 0x4b400000;

  static F set(float x) { return V::set(x); }

  /// c0 + z * (c1 + z * (…))
  static F poly(F, float c0) { return set(c0); }
  template <class... C>
  static F poly(F z, float c0, C... c) {
    return V::fma(poly(z, c...), z, set(c0));
  }

  /// 2^i for -127 < i < 128.
  static F power_of_two(I i) { return V::as_float(V::template shift_left<23>(V::add(i, V::set_int(127)))); }

  /// x = n ln 2 + r, |r| <= ln 2 / 2; returns e^r - 1.
  static F reduced_expm1(F x, I& n) {
    const F t = V::fma(x, set(kLog2E), set(kMagic));
    n = V::sub(V::as_int(t), V::set_int(kMagicBits));
    const F whole = V::sub(t, set(kMagic));
    F r = V::fma(whole, set(-kLn2Hi), x);
    r = V::fma(whole, set(-kLn2Lo), r);
    const F p = poly(r, 0x1.fffffcp-2f, 0x1.555492p-3f, 0x1.5558b4p-5f, 0x1.12399ep-7f, 0x1.6a4954p-10f);
    return V::fma(V::mul(r, r), p, r);
  }

  static F exp(F x) {
    x = V::min(set(89.0f), V::max(set(-105.0f), x));
    I n;
    const F y = V::add(reduced_expm1(x, n), set(1.0f));
    const I half = V::template shift_right<1>(n);
    return V::mul(V::mul(y, power_of_two(half)), power_of_two(V::sub(n, half)));
  }

  /// e^x - 1 for x <= 0.
  static F expm1_negative(F x) {
    I n;
    const F y = reduced_expm1(V::max(set(-30.0f), x), n);
    const F scale = power_of_two(n);
    return V::fma(scale, y, V::sub(scale, set(1.0f)));
  }

  static F sigmoid(F x) {
    const F e = exp(V::neg(V::abs(x)));
    return V::div(V::select(V::less(x, set(0)), e, set(1.0f)), V::add(e, set(1.0f)));
  }

  // Products of x with a factor that vanishes at -inf: the factor is 0 below -150, x is kept finite.
  static F silu(F x) { return V::mul(V::max(set(-200.0f), x), sigmoid(x)); }

  static F tanh(F x) {
    const F a = V::abs(x);
    const F z = V::mul(x, x);
    const F p = poly(z, -0x1.555532p-2f, 0x1.1106f6p-3f, -0x1.b835a4p-5f, 0x1.51f8cep-6f, -0x1.750ce4p-8f);
    const F near = V::fma(V::mul(z, p), x, x);
    const F e = exp(V::add(a, a));
    const F far = V::sub(set(1.0f), V::div(set(2.0f), V::add(e, set(1.0f))));
    return V::select(V::less(a, set(0.625f)), near, V::copy_sign(far, x));
  }

  /// log(1 + e) for 0 <= e <= 1: 2 artanh(s), s = e / (2 + e).
  static F log1p_unit(F e) {
    const F s = V::div(e, V::add(e, set(2.0f)));
    const F z = V::mul(s, s);
    const F p = poly(z, 0x1.555558p-1f, 0x1.9996d8p-2f, 0x1.25051p-2f, 0x1.b72bb8p-3f, 0x1.f08af8p-3f);
    return V::fma(V::mul(z, p), s, V::add(s, s));
  }

  static F softplus(F x) { return V::add(V::max(set(0), x), log1p_unit(exp(V::neg(V::abs(x))))); }

  /// tanh(softplus(x)) = n / (n + 2), n = w^2 + 2 w, w = e^x.
  static F mish(F x) {
    const F w = exp(V::min(set(30.0f), x));
    const F n = V::fma(w, w, V::add(w, w));
    return V::mul(V::max(set(-200.0f), x), V::div(n, V::add(n, set(2.0f))));
  }

  /// erfc(t) for t >= 0 whose square is square + rest: e^-square (1 - rest) p((t - 2) / (t + 2)) / (1 + 2 t).
  static F erfc(F t, F square, F rest) {
    const F q = V::div(V::sub(t, set(2.0f)), V::add(t, set(2.0f)));
    const F p =
        poly(q, 0x1.46e80ep+0f, -0x1.7bf5ecp-4f, -0x1.540776p-3f, 0x1.4ffa1ep-3f, -0x1.bc37c6p-5f, -0x1.07433ep-7f,
             0x1.1e836p-7f, 0x1.4cf898p-10f, -0x1.850ea6p-10f, -0x1.cd01c8p-12f, 0x1.bbb236p-13f, 0x1.cd517cp-14f);
    const F scaled = V::div(p, V::fma(t, set(2.0f), set(1.0f)));
    const F y = V::mul(exp(V::neg(square)), scaled);
    return V::fma(V::neg(rest), y, y);
  }

  static F erf(F x) {
    const F a = V::min(set(12.0f), V::abs(x));
    const F z = V::mul(a, a);
    const F p = poly(z, 0x1.06eba8p-3f, -0x1.81273ep-2f, 0x1.ce2ce6p-4f, -0x1.b7f71ap-6f, 0x1.53f224p-8f,
                     -0x1.a3515ep-11f, 0x1.4771fep-14f);
    const F near = V::fma(x, p, x);
    const F far = V::sub(set(1.0f), erfc(a, z, V::fma(a, a, V::neg(z))));
    return V::select(V::less(a, set(1.0f)), near, V::copy_sign(far, x));
  }

  /// x Phi(x), Phi(-a) = erfc(a / sqrt 2) / 2.
  static F gelu(F x) {
    const F a = V::min(set(20.0f), V::abs(x));
    const F square = V::mul(a, a);
    const F rest = V::fma(a, a, V::neg(square));
    const F lower =
        V::mul(set(0.5f), erfc(V::mul(a, set(0x1.6a09e6p-1f)), V::mul(square, set(0.5f)), V::mul(rest, set(0.5f))));
    return V::mul(V::max(set(-200.0f), x), V::select(V::less(x, set(0)), lower, V::sub(set(1.0f), lower)));
  }

  /// x / 2 * (1 + tanh(u)) = x sigmoid(2 u).
  static F gelu_tanh(F x) {
    const F t = V::min(set(20.0f), V::max(set(-20.0f), x));
    const F slope = V::fma(V::mul(t, t), set(0x1.2444f2p-4f), set(0x1.988454p+0f));
    return V::mul(V::max(set(-200.0f), x), sigmoid(V::mul(t, slope)));
  }

  /// x = 2^e (1 + f), sqrt 1/2 <= 1 + f < sqrt 2; log(1 + f) = f - s (f - R), s = f / (2 + f), R = s^2 p(s^2).
  static F log(F x) {
    constexpr int32_t kSqrtHalf = 0x3f3504f3;
    const M tiny = V::less(x, set(0x1p-126f));
    const I bits = V::sub(V::as_int(V::select(tiny, V::mul(x, set(0x1p+23f)), x)), V::set_int(kSqrtHalf));
    const F e = V::sub(V::to_float(V::template shift_right<23>(bits)), V::select(tiny, set(23.0f), set(0)));
    const F m = V::as_float(V::add(V::bit_and(bits, V::set_int(0x7fffff)), V::set_int(kSqrtHalf)));
    const F f = V::sub(m, set(1.0f));
    const F s = V::div(f, V::add(f, set(2.0f)));
    const F z = V::mul(s, s);
    const F p = V::mul(z, poly(z, 0x1.555554p-1f, 0x1.999c26p-2f, 0x1.23d3dcp-2f, 0x1.f13cfep-3f));
    const F fraction = V::sub(f, V::mul(s, V::sub(f, p)));
    F y = V::fma(e, set(kLn2Hi), V::fma(e, set(kLn2Lo), fraction));
    y = V::select(V::less(x, set(kInf)), y, x);  // +inf and NaN are their own
    y = V::select(V::equal(x, set(0)), set(-kInf), y);
    return V::select(V::less(x, set(0)), set(kNan), y);
  }

  static F elu(F x, F alpha) { return V::select(V::less(set(0), x), x, V::mul(alpha, expm1_negative(x))); }

  static F unit_clamp(F x) { return V::max(set(0), V::min(set(1.0f), x)); }

  static F hard_swish(F x) {
    return V::mul(V::max(set(-10.0f), x), unit_clamp(V::add(V::div(x, set(6.0f)), set(0.5f))));
  }

  static F sign(F x) { return V::select(V::less(set(0), x), set(1.0f), V::select(V::less(x, set(0)), set(-1.0f), x)); }

  // Which NaN an operation returns depends on the order of its operands, which compilers may change: all become one.
  static F one_nan(F y) { return V::select(V::equal(y, y), y, set(kNan)); }

  template <class Function>
  static void each(const float* src, float* dst, std::size_t count, const Function& f) {
    std::size_t i = 0;
    for (; i + V::kLanes <= count; i += V::kLanes) V::store(dst + i, one_nan(f(V::load(src + i))));
    if (i < count) V::store_first(dst + i, one_nan(f(V::load_first(src + i, count - i))), count - i);
  }

  static void run(UnaryKind kind, float alpha, float beta, const float* src, float* dst, std::size_t count) {
    const F a = set(alpha), b = set(beta);
    switch (kind) {
      case UnaryKind::kIdentity: return each(src, dst, count, [](F x) { return x; });
      case UnaryKind::kRelu: return each(src, dst, count, [](F x) { return V::max(set(0), x); });
      case UnaryKind::kLeakyRelu:
        return each(src, dst, count, [=](F x) { return V::select(V::less(x, set(0)), V::mul(a, x), x); });
      case UnaryKind::kClip: return each(src, dst, count, [=](F x) { return V::min(b, V::max(a, x)); });
      case UnaryKind::kElu: return each(src, dst, count, [=](F x) { return elu(x, a); });
      case UnaryKind::kSigmoid: return each(src, dst, count, [](F x) { return sigmoid(x); });
      case UnaryKind::kHardSigmoid:
        return each(src, dst, count, [=](F x) { return unit_clamp(V::add(V::mul(a, x), b)); });
      case UnaryKind::kHardSwish: return each(src, dst, count, [](F x) { return hard_swish(x); });
      case UnaryKind::kTanh: return each(src, dst, count, [](F x) { return tanh(x); });
      case UnaryKind::kSoftplus: return each(src, dst, count, [](F x) { return softplus(x); });
      case UnaryKind::kMish: return each(src, dst, count, [](F x) { return mish(x); });
      case UnaryKind::kSilu: return each(src, dst, count, [](F x) { return silu(x); });
      case UnaryKind::kGelu: return each(src, dst, count, [](F x) { return gelu(x); });
      case UnaryKind::kExp: return each(src, dst, count, [](F x) { return exp(x); });
      case UnaryKind::kLog: return each(src, dst, count, [](F x) { return log(x); });
      case UnaryKind::kSqrt: return each(src, dst, count, [](F x) { return V::sqrt(x); });
      case UnaryKind::kReciprocal: return each(src, dst, count, [](F x) { return V::div(set(1.0f), x); });
      case UnaryKind::kAbs: return each(src, dst, count, [](F x) { return V::abs(x); });
      case UnaryKind::kNeg: return each(src, dst, count, [](F x) { return V::neg(x); });
      case UnaryKind::kErf: return each(src, dst, count, [](F x) { return erf(x); });
      case UnaryKind::kFloor: return each(src, dst, count, [](F x) { return V::floor(x); });
      case UnaryKind::kRound: return each(src, dst, count, [](F x) { return V::round_even(x); });
      case UnaryKind::kSign: return each(src, dst, count, [](F x) { return sign(x); });
      case UnaryKind::kGeluTanh: return each(src, dst, count, [](F x) { return gelu_tanh(x); });
      case UnaryKind::kPow:
      case UnaryKind::kSin:
      case UnaryKind::kCos: return;
    }
  }
};

}  // namespace graupel
