// Element functions: the same bits on every ISA (N10.1), near the mathematical library; the ones in double too (N3.1).
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numbers>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "kernels/float/float.h"

namespace graupel {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

struct Function {
  UnaryKind kind;
  double alpha, beta;
  double ulps32;      // largest error of unary_f32, in units in the last place of a float
  double relative64;  // largest relative error of unary_f64
};

constexpr Function kFunctions[] = {
    {UnaryKind::kIdentity, 0, 0, 0, 0},
    {UnaryKind::kRelu, 0, 0, 0, 0},
    {UnaryKind::kLeakyRelu, 0.125, 0, 0.51, 2e-16},
    {UnaryKind::kClip, -1.5, 6, 0, 0},
    {UnaryKind::kElu, 1.0, 0, 1.5, 1e-15},
    {UnaryKind::kElu, 0.75, 0, 2, 1e-15},
    {UnaryKind::kSigmoid, 0, 0, 2.5, 1e-15},
    {UnaryKind::kTanh, 0, 0, 1.5, 1e-15},
    {UnaryKind::kSoftplus, 0, 0, 2.5, 1e-15},
    {UnaryKind::kMish, 0, 0, 4, 2e-15},
    {UnaryKind::kSilu, 0, 0, 3, 1e-15},
    {UnaryKind::kGelu, 0, 0, 5, 1e-14},
    {UnaryKind::kExp, 0, 0, 1, 1.8e-16},
    {UnaryKind::kLog, 0, 0, 1, 1.2e-16},
    {UnaryKind::kSqrt, 0, 0, 0.5, 1.2e-16},
    {UnaryKind::kReciprocal, 0, 0, 0.5, 1.2e-16},
    {UnaryKind::kAbs, 0, 0, 0, 0},
    {UnaryKind::kNeg, 0, 0, 0, 0},
    {UnaryKind::kPow, 2, 0, 0.5, 1.2e-16},
    {UnaryKind::kPow, 3, 0, 0.51, 4e-16},
    {UnaryKind::kPow, -1, 0, 0.51, 2e-16},
    {UnaryKind::kPow, 0.5, 0, 0.51, 2e-16},
    {UnaryKind::kPow, 1.75, 0, 0.51, 1e-15},
    {UnaryKind::kPow, -7, 0, 0.51, 1e-15},
    {UnaryKind::kErf, 0, 0, 1.5, 1e-15},
    {UnaryKind::kFloor, 0, 0, 0, 0},
    {UnaryKind::kRound, 0, 0, 0, 0},
    {UnaryKind::kSign, 0, 0, 0, 0},
    {UnaryKind::kGeluTanh, 0, 0, 200, 3e-13},  // where it vanishes, what is rounded of the exponent counts
};

// The mathematical library in 64 bits of precision. Where the limit at -inf is 0 and the formula says NaN, the limit.
long double library(const Function& f, long double x) {
  const long double a = f.alpha, b = f.beta;
  switch (f.kind) {
    case UnaryKind::kIdentity: return x;
    case UnaryKind::kRelu: return x < 0 ? 0 : x;
    case UnaryKind::kLeakyRelu: return x < 0 ? a * x : x;
    case UnaryKind::kClip: return x < a ? a : x > b ? b : x;
    case UnaryKind::kElu: return x > 0 ? x : a * std::expm1(x);
    case UnaryKind::kSigmoid: return 1 / (1 + std::exp(-x));
    case UnaryKind::kTanh: return std::tanh(x);
    case UnaryKind::kSoftplus: return x > 60 ? x : std::log1p(std::exp(x));
    case UnaryKind::kMish: return x == -kInf ? 0 : x > 60 ? x : x * std::tanh(std::log1p(std::exp(x)));
    case UnaryKind::kSilu: return x == -kInf ? 0 : x / (1 + std::exp(-x));
    case UnaryKind::kGelu: return x == -kInf ? 0 : x / 2 * std::erfc(-x / std::sqrt(2.0L));
    case UnaryKind::kExp: return std::exp(x);
    case UnaryKind::kLog: return std::log(x);
    case UnaryKind::kSqrt: return std::sqrt(x);
    case UnaryKind::kReciprocal: return 1 / x;
    case UnaryKind::kAbs: return std::fabs(x);
    case UnaryKind::kNeg: return -x;
    case UnaryKind::kPow: return std::pow(x, a);
    case UnaryKind::kErf: return std::erf(x);
    case UnaryKind::kFloor: return std::floor(x);
    case UnaryKind::kRound: return std::nearbyint(x);
    case UnaryKind::kGeluTanh:
      return x == -kInf ? 0
                        : x / (1 + std::exp(-2 * std::sqrt(2 / std::numbers::pi_v<long double>) *
                                            (x + 0.044715L * x * x * x)));
    case UnaryKind::kSign: return x > 0 ? 1 : x < 0 ? -1 : x;
    case UnaryKind::kSin: return std::sin(x);
    case UnaryKind::kCos: return std::cos(x);
    case UnaryKind::kHardSigmoid:
    case UnaryKind::kHardSwish: break;  // piecewise linear: a test of their own
  }
  return 0;
}

std::string describe(const Function& f) {
  return std::string(to_string(f.kind)) + "(alpha " + std::to_string(f.alpha) + ")";
}

std::string in_digits(double x) {
  std::ostringstream out;
  out << x;
  return out.str();
}

std::vector<float> samples(uint32_t seed) {
  std::vector<float> result{0.0f,    -0.0f, 1.0f,      -1.0f,   kInf,    -kInf,  kNan,    -kNan,   0.5f,   1.5f,
                            2.5f,    -0.5f, -1.5f,     3e38f,   -3e38f,  1e-38f, 1e-45f,  -1e-45f, 88.0f,  88.7229f,
                            88.723f, 89.0f, -87.3365f, -103.9f, -104.1f, 0.625f, -0.625f, 1e10f,   -1e10f, 0x1p-126f};
  std::mt19937 rng(seed);
  for (int i = 0; i < 60000; ++i) result.push_back(std::bit_cast<float>(uint32_t(rng())));
  for (float range : {0.01f, 1.0f, 3.0f, 12.0f, 110.0f}) {
    std::uniform_real_distribution<float> uniform(-range, range);
    for (int i = 0; i < 30000; ++i) result.push_back(uniform(rng));
  }
  return result;
}

std::vector<float> run32(const Function& f, const std::vector<float>& x, Isa isa) {
  std::vector<float> y(x.size());
  unary_f32(f.kind, float(f.alpha), float(f.beta), x.data(), y.data(), x.size(), isa);
  return y;
}

constexpr Function kPieces[] = {{UnaryKind::kHardSigmoid, 0.2, 0.5, 0, 0}, {UnaryKind::kHardSwish, 0, 0, 0, 0}};

// N10.1: the same bits on every ISA, and a NaN is always the same NaN.
TEST(UnaryF32, HasTheSameBitsOnEveryIsa) {
  const std::vector<float> x = samples(1);
  std::vector<Function> functions(std::begin(kFunctions), std::end(kFunctions));
  functions.insert(functions.end(), std::begin(kPieces), std::end(kPieces));
  for (const Function& f : functions) {
    const std::vector<float> expected = run32(f, x, Isa::kRef);
    for (float y : expected) {
      if (std::isnan(y)) {
        ASSERT_EQ(std::bit_cast<uint32_t>(y), 0x7fc00000u) << describe(f);
      }
    }
    for (Isa isa : {Isa::kAvx2, Isa::kAvx512}) {
      if (isa > detected_isa()) continue;
      const std::vector<float> y = run32(f, x, isa);
      for (std::size_t i = 0; i < x.size(); ++i)
        ASSERT_EQ(std::bit_cast<uint32_t>(expected[i]), std::bit_cast<uint32_t>(y[i]))
            << describe(f) << " of " << x[i] << " on " << to_string(isa) << ": " << expected[i] << ", " << y[i];
    }
  }
}

// A unit in the last place of the float nearest to `y`; below the normal range, the distance of denormals.
double ulp32(long double y) {
  int exponent;
  std::frexp(y, &exponent);
  return std::ldexp(1.0, std::max(exponent, -125) - 24);
}

TEST(UnaryF32, IsNearTheMathematicalLibrary) {
  const std::vector<float> x = samples(2);
  for (const Function& f : kFunctions) {
    const std::vector<float> y = run32(f, x, detected_isa());
    double worst = 0;
    float worst_at = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const long double expected = library(f, x[i]);
      const float nearest = static_cast<float>(expected);
      if (std::isnan(expected) || std::isinf(nearest)) {
        ASSERT_TRUE(std::isnan(expected) ? std::isnan(y[i])
                                         : y[i] == nearest || (std::isfinite(expected) && std::fabs(y[i]) > 3.4028e38f))
            << describe(f) << " of " << x[i] << ": " << y[i] << ", expected " << nearest;
        continue;
      }
      // Factors below the normal range cost digits when x multiplies them: those results are below 1e-35.
      const double slack = std::fabs(expected) < 1e-35L && x[i] < -12 ? 1e-43 : 0;
      const double error = (std::fabs(double(y[i] - expected)) - slack) / ulp32(expected);
      if (!(error <= worst)) worst = error, worst_at = x[i];
    }
    RecordProperty(describe(f), in_digits(worst));
    EXPECT_LE(worst, f.ulps32) << describe(f) << " of " << worst_at;
  }
}

TEST(UnaryF32, SineAndCosineAreNearTheMathematicalLibraryWhereTheyPromise) {
  std::mt19937 rng(6);
  for (const UnaryKind kind : {UnaryKind::kSin, UnaryKind::kCos}) {
    const Function f{kind, 0, 0, 0, 0};
    for (float range : {1e-3f, 1.0f, 10.0f, 1e3f, 1e6f, 0x1p30f}) {
      std::uniform_real_distribution<float> uniform(-range, range);
      std::vector<float> x(5000);
      for (float& value : x) value = uniform(rng);
      const std::vector<float> y = run32(f, x, Isa::kRef);
      EXPECT_EQ(y, run32(f, x, detected_isa())) << "N10.1";
      for (std::size_t i = 0; i < x.size(); ++i)
        ASSERT_LE(std::fabs(y[i] - library(f, x[i])), 0.51 * ulp32(library(f, x[i]))) << describe(f) << " of " << x[i];
    }
    EXPECT_TRUE(std::isnan(unary_f64(kind, 0, 0, kInf)) && std::isnan(unary_f64(kind, 0, 0, kNan)));
  }
}

TEST(UnaryF32, ComputesThePiecewiseLinearOnesInTheOrderOfTheirFormulas) {
  const std::vector<float> x = samples(3);
  const std::vector<float> sigmoid = run32(kPieces[0], x, detected_isa()), swish = run32(kPieces[1], x, detected_isa());
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (std::isnan(x[i])) {
      EXPECT_TRUE(std::isnan(sigmoid[i]) && std::isnan(swish[i]));
      continue;
    }
    EXPECT_EQ(sigmoid[i], std::max(0.0f, std::min(1.0f, 0.2f * x[i] + 0.5f)));
    EXPECT_EQ(swish[i], x[i] == -kInf ? 0.0f : x[i] * std::max(0.0f, std::min(1.0f, x[i] / 6 + 0.5f)));
  }
}

TEST(UnaryF32, WritesNothingButItsRange) {
  for (Isa isa : {Isa::kRef, Isa::kAvx2, Isa::kAvx512}) {
    if (isa > detected_isa()) continue;
    for (std::size_t count = 0; count < 40; ++count) {
      std::vector<float> in_place(50, 3.0f);
      unary_f32(UnaryKind::kNeg, 0, 0, in_place.data(), in_place.data(), count, isa);
      for (std::size_t i = 0; i < in_place.size(); ++i) ASSERT_EQ(in_place[i], i < count ? -3.0f : 3.0f);
    }
  }
}

TEST(UnaryF64, IsNearTheMathematicalLibrary) {
  std::mt19937_64 rng(4);
  std::vector<double> x{0.0,   -0.0, 1.0,   -1.0,   0.5,    2.5,    -2.5,   kInf,
                        -kInf, kNan, 1e300, -1e300, 1e-300, 5e-324, 709.78, -745.0};
  for (float sample : samples(4)) x.push_back(sample);
  for (double range : {0.01, 1.0, 3.0, 12.0, 700.0}) {
    std::uniform_real_distribution<double> uniform(-range, range);
    for (int i = 0; i < 2000; ++i) x.push_back(uniform(rng));
  }
  // The continued fraction is slow: fewer points of the functions that use it.
  for (const Function& f : kFunctions) {
    const std::size_t step = f.kind == UnaryKind::kErf || f.kind == UnaryKind::kGelu ? 31 : 3;
    double worst = 0, worst_at = 0;
    for (std::size_t i = 0; i < x.size(); i += i < 16 ? 1 : step) {
      const double y = unary_f64(f.kind, f.alpha, f.beta, x[i]);
      const long double expected = library(f, x[i]);
      const double nearest = static_cast<double>(expected);
      if (std::isnan(nearest) || std::isinf(nearest)) {
        ASSERT_TRUE(std::isnan(nearest) ? std::isnan(y) : y == nearest)
            << describe(f) << " of " << x[i] << ": " << y << ", expected " << nearest;
        continue;
      }
      const double floor = 0x1p-1022;  // below, digits are lost
      const double error = double(std::fabs(y - expected) / std::max<long double>(std::fabs(expected), floor));
      if (std::fabs(nearest) < 1e-305 && std::fabs(y - nearest) < 1e-318) continue;
      if (!(error <= worst)) worst = error, worst_at = x[i];
    }
    RecordProperty(describe(f), in_digits(worst));
    EXPECT_LE(worst, f.relative64) << describe(f) << " of " << worst_at;
  }
}

// N3.1: pinned bits, so that a machine or compiler that disagrees with the others fails here.
TEST(UnaryF64, HasTheSameBitsOnEveryMachine) {
  const auto bits = [](double x) { return std::bit_cast<uint64_t>(x); };
  uint64_t hash = 14695981039346656037u;
  std::mt19937_64 rng(5);
  for (const Function& f : kFunctions) {
    for (int i = 0; i < 300; ++i) {
      const double x = double(int64_t(rng() >> 11)) * 0x1p-48 - 16;
      const double y = unary_f64(f.kind, f.alpha, f.beta, x);
      hash = (hash ^ (std::isnan(y) ? 0 : bits(y))) * 1099511628211u;
    }
  }
  EXPECT_EQ(hash, 17790653880615330011u);
}

TEST(UnaryF64, KnowsTheSpecialPowers) {
  const auto pow = [](double x, double y) { return unary_f64(UnaryKind::kPow, y, 0, x); };
  const double values[] = {0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 0.5, 3.0, -3.0, kInf, -kInf, 7.25};
  for (double x : values)
    for (double y : values) {
      const double expected = std::pow(x, y);
      if (std::isnan(expected))
        EXPECT_TRUE(std::isnan(pow(x, y))) << x << " ^ " << y;
      else if (std::isinf(expected) || expected == 0)
        EXPECT_EQ(std::bit_cast<uint64_t>(pow(x, y)), std::bit_cast<uint64_t>(expected)) << x << " ^ " << y;
      else
        EXPECT_DOUBLE_EQ(pow(x, y), expected) << x << " ^ " << y;
    }
}

TEST(UnaryKindNames, AreDistinct) {
  std::set<std::string_view> names;
  for (int kind = 0; kind <= int(UnaryKind::kGeluTanh); ++kind) names.insert(to_string(UnaryKind(kind)));
  EXPECT_EQ(names.size(), std::size_t(UnaryKind::kGeluTanh) + 1);
  EXPECT_FALSE(names.contains("unknown"));
}

}  // namespace
}  // namespace graupel
