// The project's own functions of a double (N3.1): IEEE operations in a fixed order, no mathematical library, so that
// compile-time tables have the same bits on every machine. Sums of two doubles carry what one would round away.
#include <bit>
#include <cmath>
#include <limits>

#include "kernels/float/float.h"

namespace graupel {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kLn2Hi = 0x1.62e42fefa2p-1, kLn2Lo = 0x1.9ef35793c7673p-41;  // 40 bits, so n * kLn2Hi is exact
constexpr double kSqrtHalf = 0x1.6a09e667f3bcdp-1;

/// hi + lo, |lo| <= ulp(hi) / 2.
struct Pair {
  double hi, lo;
};

Pair product(double a, double b) {
  const double hi = a * b;
  return {hi, std::fma(a, b, -hi)};
}

double power_of_two(int n) { return std::bit_cast<double>(static_cast<uint64_t>(n + 1023) << 52); }

/// e^r - 1 for |r| < 0.36, by its series.
double expm1_small(double r) {
  double p = 0;
  for (int k = 15; k >= 3; --k) p = (p + 1) * r / k;
  return r + 0.5 * r * r * (p + 1);
}

double exp_pair(Pair x) {
  if (std::isnan(x.hi)) return x.hi;
  if (x.hi > 710) return kInf;
  if (x.hi < -746) return 0;
  const double n = std::floor(x.hi * 0x1.71547652b82fep+0 + 0.5);
  const double main = x.hi - n * kLn2Hi;
  const double rest = x.lo - n * kLn2Lo;
  const double r = main + rest;
  const double y = 1 + (expm1_small(r) + ((main - r) + rest));
  const int half = static_cast<int>(n) / 2;
  return y * power_of_two(half) * power_of_two(static_cast<int>(n) - half);
}

/// log x for finite x > 0, to about 2^-60 of the result.
Pair log_pair(double x) {
  double e = 0;
  if (x < std::numeric_limits<double>::min()) {
    x *= 0x1p54;
    e = -54;
  }
  const uint64_t bits = std::bit_cast<uint64_t>(x);
  e += static_cast<double>(static_cast<int>(bits >> 52) - 1022);
  double m = std::bit_cast<double>((bits & ((uint64_t{1} << 52) - 1)) | (uint64_t{1022} << 52));  // in [1/2, 1)
  if (m < kSqrtHalf) {
    m *= 2;
    e -= 1;
  }
  // log m = 2 artanh(s), s = f / (2 + f).
  const double f = m - 1;
  const double divisor = m + 1, divisor_lo = m - (divisor - 1);
  const double s = f / divisor;
  const double s_lo = (std::fma(-s, divisor, f) - s * divisor_lo) / divisor;
  const double z = s * s;
  double p = 0;
  for (int k = 27; k >= 3; k -= 2) p = p * z + 2.0 / k;
  const double tail = s * (z * p) + (2 * s_lo + e * kLn2Lo);
  const double whole = e * kLn2Hi;
  const double sum = whole + 2 * s;  // |whole| > |2 s| or whole == 0
  const double lo = ((whole - sum) + 2 * s) + tail;
  const double hi = sum + lo;
  return {hi, (sum - hi) + lo};
}

double expm1(double x) { return std::fabs(x) < 0.35 ? expm1_small(x) : exp_f64(x) - 1; }

/// For x >= 0.
double log1p(double x) {
  const double u = 1 + x;
  return u == kInf ? u : log_f64(u) + (x - (u - 1)) / u;
}

/// e^(-(a^2)) and, for `half`, e^(-(a^2) / 2): the square in two parts.
double gauss(double a, bool half) {
  Pair square = product(a, a);
  const double factor = half ? -0.5 : -1.0;
  return exp_pair({factor * square.hi, factor * square.lo});
}

/// erf(t) for |t| <= 1: 2 / sqrt(pi) t e^(-t^2) sum of (2 t^2)^k / (1 * 3 * … (2 k + 1)).
double erf_series(double t, double gauss_t) {
  double term = 1, sum = 1;
  for (int k = 1; k < 40; ++k) {
    term *= 2 * t * t / (2 * k + 1);
    sum += term;
  }
  return 0x1.20dd750429b6dp+0 * t * gauss_t * sum;
}

/// erfc(t) for t >= 0, with gauss_t = e^(-t^2); beyond 1 by its continued fraction.
double erfc(double t, double gauss_t) {
  if (t < 1) return 1 - erf_series(t, gauss_t);
  double fraction = t;
  for (int k = 400; k >= 1; --k) fraction = t + 0.5 * k / fraction;
  return 0x1.20dd750429b6dp-1 * gauss_t / fraction;
}

double erf(double x) {
  const double t = std::fabs(x);
  if (std::isnan(x)) return x;
  if (t < 1) return erf_series(x, gauss(x, false));
  return std::copysign(t > 7 ? 1 : 1 - erfc(t, gauss(t, false)), x);
}

double sigmoid(double x) {
  const double e = exp_f64(-std::fabs(x));
  return (x < 0 ? e : 1) / (1 + e);
}

double tanh(double x) {
  const double t = std::fabs(x);
  if (t > 22) return std::copysign(1.0, x);
  const double e = expm1(2 * t);
  return std::copysign(e / (e + 2), x);
}

double gelu(double x) {
  if (std::isnan(x)) return x;
  if (x > 40) return x;
  if (x < -40) return -0.0;
  const double t = std::fabs(x);
  const double lower = 0.5 * erfc(t * kSqrtHalf, gauss(t, true));
  return x * (x < 0 ? lower : 1 - lower);
}

double gelu_tanh(double x) {
  const double t = x < -40 ? -40 : x > 40 ? 40 : x;
  return (x < -800 ? -800 : x) * sigmoid(2 * 0x1.9884533d43651p-1 * t * (1 + 0.044715 * t * t));
}

double softplus(double x) { return (x > 0 ? x : std::isnan(x) ? x : 0) + log1p(exp_f64(-std::fabs(x))); }

double mish(double x) {
  if (x < -800) return -0.0;
  if (x > 40) return x;
  const double w = exp_f64(x);
  const double n = w * (w + 2);
  return x * (n / (n + 2));
}

double unit_clamp(double x) { return x < 0 ? 0 : x > 1 ? 1 : x; }

double pow(double x, double y) {
  if (y == 0 || x == 1) return 1;
  if (std::isnan(x) || std::isnan(y)) return kNan;
  if (y == 1) return x;
  if (y == 2) return x * x;
  if (y == 3) return x * x * x;
  const bool integer = std::floor(y) == y;
  const bool odd = integer && std::floor(y / 2) * 2 != y;
  const double sign = odd && std::signbit(x) ? -1 : 1;
  const double t = std::fabs(x);
  if (std::isinf(y)) return t == 1 ? 1 : (t > 1) == (y > 0) ? kInf : 0;
  if (t == 0 || t == kInf) return sign * ((t == 0) == (y > 0) ? 0 : kInf);
  if (x < 0 && !integer) return kNan;
  if (y == -1) return 1 / x;
  if (y == 0.5) return std::sqrt(x);
  const Pair log = log_pair(t);
  Pair power = product(y, log.hi);
  if (std::isinf(power.hi)) return sign * exp_f64(power.hi);
  power.lo += y * log.lo;
  return sign * exp_pair(power);
}

/// Sine and cosine of |r| <= pi / 4, by their series.
double sin_small(double r) {
  const double z = r * r;
  double p = 0;
  for (int k = 19; k >= 3; k -= 2) p = (p + 1) * -z / (k * (k - 1));
  return r + r * p;
}
double cos_small(double r) {
  const double z = r * r;
  double p = 0;
  for (int k = 20; k >= 2; k -= 2) p = (p + 1) * -z / (k * (k - 1));
  return 1 + p;
}

/// The sine of x + quarters * pi / 2. Beyond 2^30 multiples of the nearest double to 2 pi are taken off first.
double sine(double x, int quarters) {
  if (std::isnan(x) || std::isinf(x)) return kNan;
  if (std::fabs(x) > 0x1p30) x = std::remainder(x, 0x1.921fb54442d18p+2);
  const double n = std::nearbyint(x * 0x1.45f306dc9c883p-1);
  double r = std::fma(-n, 0x1.921fb54442d18p+0, x);
  r = std::fma(-n, 0x1.1a62633145c07p-54, r);
  const auto turn = static_cast<unsigned>(static_cast<int64_t>(n) + quarters) % 4;
  const double y = turn % 2 == 0 ? sin_small(r) : cos_small(r);
  return turn < 2 ? y : -y;
}

}  // namespace

double exp_f64(double x) { return exp_pair({x, 0}); }

double log_f64(double x) {
  if (std::isnan(x) || x == kInf) return x;
  if (x < 0) return kNan;
  if (x == 0) return -kInf;
  return log_pair(x).hi;
}

double unary_f64(UnaryKind kind, double alpha, double beta, double x) {
  switch (kind) {
    case UnaryKind::kIdentity: return x;
    case UnaryKind::kRelu: return x < 0 ? 0 : x;
    case UnaryKind::kLeakyRelu: return x < 0 ? alpha * x : x;
    case UnaryKind::kClip: return x > beta || alpha > beta ? beta : x < alpha ? alpha : x;
    case UnaryKind::kElu: return x > 0 ? x : alpha * expm1(x);
    case UnaryKind::kSigmoid: return sigmoid(x);
    case UnaryKind::kHardSigmoid: return unit_clamp(alpha * x + beta);
    case UnaryKind::kHardSwish: return (x < -10 ? -10 : x) * unit_clamp(x / 6 + 0.5);
    case UnaryKind::kTanh: return tanh(x);
    case UnaryKind::kSoftplus: return softplus(x);
    case UnaryKind::kMish: return mish(x);
    case UnaryKind::kSilu: return (x < -800 ? -800 : x) * sigmoid(x);
    case UnaryKind::kGelu: return gelu(x);
    case UnaryKind::kExp: return exp_f64(x);
    case UnaryKind::kLog: return log_f64(x);
    case UnaryKind::kSqrt: return std::sqrt(x);
    case UnaryKind::kReciprocal: return 1 / x;
    case UnaryKind::kAbs: return std::fabs(x);
    case UnaryKind::kNeg: return -x;
    case UnaryKind::kPow: return pow(x, alpha);
    case UnaryKind::kErf: return erf(x);
    case UnaryKind::kFloor: return std::floor(x);
    case UnaryKind::kRound: return std::nearbyint(x);
    case UnaryKind::kGeluTanh: return gelu_tanh(x);
    case UnaryKind::kSign: return x > 0 ? 1 : x < 0 ? -1 : x;
    case UnaryKind::kSin: return sine(x, 0);
    case UnaryKind::kCos: return sine(x, 1);
  }
  return kNan;
}

}  // namespace graupel
