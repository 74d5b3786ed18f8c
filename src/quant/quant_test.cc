// Tests of ranges, calibration statistics and integer weights.
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "quant/ranges.h"
#include "quant/weights.h"

namespace graupel {
namespace {

std::vector<float> normal_values(uint32_t seed, std::size_t count, float spread) {
  std::mt19937 random(seed);
  std::vector<float> values(count);
  // Sums of uniforms: the same values in every standard library.
  for (float& v : values) {
    float sum = 0;
    for (int i = 0; i < 12; ++i) sum += static_cast<float>(random()) / 4294967296.0f;
    v = (sum - 6) * spread;
  }
  return values;
}

Histogram histogram_of(std::span<const float> values) {
  Extremes range;
  range.add(values);
  Histogram histogram(range);
  histogram.add(values);
  return histogram;
}

double squared_error(std::span<const float> values, const QuantParams& params) {
  double sum = 0;
  for (float v : values) {
    const double q =
        std::clamp(std::nearbyint(static_cast<double>(v) / params.scale[0]) + params.zero_point[0], 0.0, 255.0);
    const double error = static_cast<double>(v) - (q - params.zero_point[0]) * static_cast<double>(params.scale[0]);
    sum += error * error;
  }
  return sum;
}

TEST(Cover, MakesZeroACodeAndReachesBothEnds) {  // N1.1
  for (const auto& [lo, hi] : {std::pair{-1.0, 3.0}, {0.0, 6.0}, {-5.0, 0.0}, {2.0, 7.0}, {0.0, 0.0}}) {
    const QuantParams params = cover(lo, hi);
    const double scale = params.scale[0], zero = params.zero_point[0];
    EXPECT_GT(scale, 0);
    EXPECT_GE(zero, 0);
    EXPECT_LE(zero, 255);
    EXPECT_LE((0 - zero) * scale, std::min(lo, 0.0) + scale / 2);
    EXPECT_GE((255 - zero) * scale, std::max(hi, 0.0) - scale / 2);
  }
}

TEST(Histogram, MergesInAnyOrderToTheSameCounts) {  // N10.2
  const auto a = normal_values(1, 5000, 1), b = normal_values(2, 3000, 2), c = normal_values(3, 100, 0.1f);
  Extremes range;
  for (const auto* part : {&c, &a, &b}) range.add(*part);
  Histogram forward(range), backward(range), merged(range);
  for (const auto* part : {&a, &b, &c}) forward.add(*part);
  for (const auto* part : {&c, &b, &a}) backward.add(*part);
  for (const auto* part : {&b, &a, &c}) {
    Histogram one(range);
    one.add(*part);
    merged.merge(one);
  }
  EXPECT_TRUE(std::equal(forward.counts().begin(), forward.counts().end(), backward.counts().begin()));
  EXPECT_TRUE(std::equal(forward.counts().begin(), forward.counts().end(), merged.counts().begin()));
  EXPECT_EQ(forward.total(), 8100u);
}

TEST(ChooseRange, ClipsAnOutlierWhenThatLowersTheError) {
  auto values = normal_values(4, 100000, 1);
  values.push_back(60);
  const Histogram histogram = histogram_of(values);
  const QuantParams widest = choose_range(histogram, RangeMethod::kMinMax, 0);
  const QuantParams best = choose_range(histogram, RangeMethod::kMse, 100);
  EXPECT_LT(best.scale[0], widest.scale[0]);
  EXPECT_LT(squared_error(values, best), squared_error(values, widest));
  const QuantParams percentile = choose_range(histogram, RangeMethod::kPercentile, 99.9);
  EXPECT_LT(percentile.scale[0], widest.scale[0] / 3);
}

TEST(ChooseRange, IgnoresWhatItsReaderCannotSee) {
  // Behind a ReLU, values below zero do not matter: all codes go to the positive side.
  const auto values = normal_values(5, 100000, 3);
  const QuantParams seen =
      choose_range(histogram_of(values), RangeMethod::kMse, 100, [](double x) { return std::max(x, 0.0); });
  const QuantParams blind = choose_range(histogram_of(values), RangeMethod::kMse, 100);
  EXPECT_LT(seen.zero_point[0], blind.zero_point[0] / 4);
  EXPECT_LT(seen.scale[0], blind.scale[0]);
}

TEST(QuantizeLinear, GivesEachOutputChannelItsOwnSymmetricScale) {  // N1.2, N1.3
  const Tensor weights = Tensor::of<float>({2, 2}, {0.5f, 100.0f, -1.0f, -25.0f});
  const Tensor bias = Tensor::of<float>({2}, {0.25f, -3.0f});
  const auto codes = quantize_linear(weights, bias, 0.5f, RangeMethod::kMinMax);
  ASSERT_TRUE(codes.ok());
  const auto w = codes->weights.as<int8_t>();
  EXPECT_EQ(w[2], -127);
  EXPECT_EQ(w[1], 127);
  EXPECT_EQ(w[0], 64);
  const auto& scale = codes->weights.type.quant->scale;
  EXPECT_FLOAT_EQ(scale[0], 1.0f / 127);
  EXPECT_FLOAT_EQ(scale[1], 100.0f / 127);
  EXPECT_EQ(codes->bias.as<int32_t>()[1],
            static_cast<int32_t>(std::nearbyint(-3.0 / (0.5 * static_cast<double>(scale[1])))));
}

TEST(QuantizeLinear, WidensTheScaleWhereABiasWouldNotFit) {  // N2.3
  const Tensor weights = Tensor::of<float>({1, 2}, {1e-9f, 0.0f});
  const Tensor bias = Tensor::of<float>({2}, {1000.0f, 1000.0f});
  const auto codes = quantize_linear(weights, bias, 0.01f, RangeMethod::kMse);
  ASSERT_TRUE(codes.ok());
  for (int c : {0, 1}) {
    const double real = codes->bias.as<int32_t>()[static_cast<std::size_t>(c)] *
                        static_cast<double>(codes->bias.type.quant->scale[static_cast<std::size_t>(c)]);
    EXPECT_NEAR(real, 1000.0, 1.5);
  }
}

TEST(QuantizeLinear, RefusesWeightsThatAreNotFinite) {
  const Tensor weights = Tensor::of<float>({1, 2}, {1.0f, std::nanf("")});
  const Tensor bias = Tensor::of<float>({2}, {0.0f, 0.0f});
  const auto codes = quantize_linear(weights, bias, 1, RangeMethod::kMse);
  ASSERT_FALSE(codes.ok());
  EXPECT_NE(codes.error().message.find("channel 1"), std::string::npos);
}

}  // namespace
}  // namespace graupel
