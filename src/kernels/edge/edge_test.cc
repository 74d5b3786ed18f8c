// Edges of a program: every ISA has the reference's codes (N9.1), and the reference does what the clauses say.
#include "kernels/edge/edge.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace graupel {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr Isa kIsas[] = {Isa::kRef, Isa::kAvx2, Isa::kAvx512};

// N9.1: q = sat(R(x / s) + z) with ties to even; written here in integers and double, apart from the reference's
// clamps.
int code(float x, float scale, int zero_point) {
  const float quotient = x / scale;
  if (std::isinf(quotient) || std::fabs(quotient) > 1e6f) return quotient > 0 ? 255 : 0;
  const double below = std::floor(double{quotient}), part = double{quotient} - below;
  long q = long(below);
  if (part > 0.5 || (part == 0.5 && q % 2 != 0)) ++q;
  q += zero_point;
  return q < 0 ? 0 : q > 255 ? 255 : int(q);
}

TEST(QuantizeU8, EqualsTheClauseOnEveryIsaForRandomValuesTiesAndInfinities) {
  for (uint32_t seed = 1; seed <= 200; ++seed) {
    std::mt19937 rng(seed);
    const int zero_point = int(rng() % 256);
    const float scale = rng() % 2 == 0 ? 0.25f : std::ldexp(1.0f + float(rng() % 1000) / 1000, int(rng() % 40) - 30);
    std::vector<float> src(rng() % 100);
    for (float& x : src) {
      const auto kind = rng() % 8;
      x = kind == 0   ? (rng() % 2 == 0 ? kInf : -kInf)
          : kind == 1 ? (rng() % 2 == 0 ? 3e38f : -3e38f)
          : kind == 2 ? -0.0f
          : kind < 5  ? scale * (float(int(rng() % 600) - 300) + 0.5f)  // a tie when the product is exact
                      : scale * (float(rng() % 100000) / 200 - 250);
    }
    for (Isa isa : kIsas) {
      if (isa > detected_isa()) continue;
      std::vector<uint8_t> dst(src.size() + 1, 77);
      ASSERT_EQ(quantize_u8(src.data(), src.size(), scale, zero_point, dst.data(), isa), src.size());
      for (std::size_t i = 0; i < src.size(); ++i)
        ASSERT_EQ(dst[i], code(src[i], scale, zero_point))
            << src[i] << " / " << scale << " + " << zero_point << " on " << to_string(isa) << ", seed " << seed;
      ASSERT_EQ(dst.back(), 77) << "written past the end on " << to_string(isa);
    }
  }
}

// N9.1 asks for a division: multiplying by the rounded reciprocal gives another code for these.
TEST(QuantizeU8, DividesInsteadOfMultiplyingByTheReciprocal) {
  int differences = 0;
  for (int scale_step = 1; scale_step < 2000; ++scale_step) {
    const float scale = float(scale_step) * 0.001f;
    for (int q = 1; q < 255; ++q) {
      const float x = scale * (float(q) + 0.5f);
      for (Isa isa : kIsas) {
        if (isa > detected_isa()) continue;
        uint8_t result = 0;
        quantize_u8(&x, 1, scale, 0, &result, isa);
        ASSERT_EQ(result, code(x, scale, 0));
      }
      if (code(x, scale, 0) != code(x * (1 / scale), 1, 0)) ++differences;
    }
  }
  EXPECT_GT(differences, 0);
}

// N9.1: NaN is an error; the caller learns where.
TEST(QuantizeU8, ReportsTheFirstNan) {
  for (Isa isa : kIsas) {
    if (isa > detected_isa()) continue;
    for (std::size_t count : {1u, 15u, 16u, 17u, 64u, 70u}) {
      for (std::size_t at = 0; at < count; ++at) {
        std::vector<float> src(count, 1.0f);
        src[at] = at % 2 == 0 ? kNan : -kNan;
        src[count - 1] = kNan;
        std::vector<uint8_t> dst(count);
        EXPECT_EQ(quantize_u8(src.data(), count, 1.0f, 0, dst.data(), isa), at) << to_string(isa) << " of " << count;
      }
    }
  }
}

// N9.2: f = fl(fl32(q - z) * s).
TEST(DequantizeU8, MultipliesTheDifferenceOnce) {
  for (int zero_point : {0, 1, 128, 255}) {
    for (float scale : {1.0f, 0.1f, 1.0f / 255, 3.7e-5f}) {
      std::vector<uint8_t> src(256);
      for (int q = 0; q < 256; ++q) src[std::size_t(q)] = uint8_t(q);
      std::vector<float> dst(256);
      dequantize_u8(src.data(), src.size(), scale, zero_point, dst.data());
      for (int q = 0; q < 256; ++q) EXPECT_EQ(dst[std::size_t(q)], float(double(q - zero_point) * double(scale)));
    }
  }
}

}  // namespace
}  // namespace graupel
