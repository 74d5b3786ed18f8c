#include "ops/resize.h"

#include "ops/op_testing.h"

namespace graupel {
namespace {

using namespace testing;

using Mode = Resize::Mode;
using Coordinates = Resize::Coordinates;
using Rounding = Resize::Rounding;

/// One row of samples 0, 10, 20, ... resized to `width`.
std::vector<float> resized(Mode mode, Coordinates coordinates, Rounding rounding, int in, int width, float scale) {
  auto [x, data] = Tensor::make<float>({1, 1, in, 1});
  for (int i = 0; i < in; ++i) data[i] = static_cast<float>(10 * i);
  return floats_of(evaluate(Resize{mode, coordinates, rounding, 1, width, 1, scale}, {x}));
}

TEST(Resize, DoublesByTheNearestSample) {
  const std::vector<float> doubled = {0, 0, 10, 10, 20, 20};
  EXPECT_EQ(resized(Mode::kNearest, Coordinates::kAsymmetric, Rounding::kFloor, 3, 6, 2), doubled);
  EXPECT_EQ(resized(Mode::kNearest, Coordinates::kHalfPixel, Rounding::kRoundPreferFloor, 3, 6, 2), doubled);
}

TEST(Resize, RoundsTiesAsItsModeSays) {
  // Asymmetric, factor 2: odd outputs lie half-way.
  const auto at = [](Rounding rounding) {
    return resized(Mode::kNearest, Coordinates::kAsymmetric, rounding, 2, 4, 2);
  };
  EXPECT_EQ(at(Rounding::kRoundPreferFloor), (std::vector<float>{0, 0, 10, 10}));
  EXPECT_EQ(at(Rounding::kRoundPreferCeil), (std::vector<float>{0, 10, 10, 10}));
  EXPECT_EQ(at(Rounding::kFloor), (std::vector<float>{0, 0, 10, 10}));
  EXPECT_EQ(at(Rounding::kCeil), (std::vector<float>{0, 10, 10, 10}));
}

TEST(Resize, BlendsNeighboursInEachCoordinateMode) {
  const auto at = [](Coordinates coordinates, int width, float scale) {
    return resized(Mode::kLinear, coordinates, Rounding::kFloor, 2, width, scale);
  };
  EXPECT_EQ(at(Coordinates::kHalfPixel, 4, 2), (std::vector<float>{0, 2.5f, 7.5f, 10}));
  EXPECT_EQ(at(Coordinates::kAsymmetric, 4, 2), (std::vector<float>{0, 5, 10, 10}));
  EXPECT_EQ(at(Coordinates::kAlignCorners, 5, 2.5f), (std::vector<float>{0, 2.5f, 5, 7.5f, 10}));
  EXPECT_EQ(at(Coordinates::kPytorchHalfPixel, 1, 0.5f), (std::vector<float>{0}));
  EXPECT_EQ(at(Coordinates::kHalfPixel, 1, 0.5f), (std::vector<float>{5}));
}

TEST(Resize, KeepsTiesThatARoundedScaleWouldMove) {
  // 3 to 10: output 5 of an asymmetric resize lies at 1.5; factor 2.3: output 11 of a half-pixel resize at 4.5.
  const auto row = resized(Mode::kNearest, Coordinates::kAsymmetric, Rounding::kRoundPreferCeil, 3, 10, 10.0f / 3.0f);
  EXPECT_EQ(row[5], 20);
  EXPECT_EQ(resized(Mode::kNearest, Coordinates::kHalfPixel, Rounding::kRoundPreferFloor, 6, 13, 2.3f)[11], 40);
}

// N5.3
TEST(Resize, LowersNearestToTheSameCodes) {
  const Resize op{Mode::kNearest, Coordinates::kHalfPixel, Rounding::kRoundPreferFloor, 9, 5, 9.0f / 4, 5.0f / 6};
  const Tensor x = quantized(random_reals({1, 4, 6, 70}, 1), 0.01f, 100);
  const Tensor codes = run_quantized(op, {x}, QuantParams::per_tensor(9, 9), 1);
  EXPECT_EQ(codes.type.quant, x.type.quant);
  EXPECT_EQ(floats_of(dequantized(codes)), floats_of(evaluate(op, {dequantized(x)})));
}

// N6.2: weights of 11 bits are off by at most 2^-12 each, twice, over a range of 255 codes.
TEST(Resize, LowersBilinearWithinHalfAStepAndItsWeights) {
  for (const Coordinates coordinates : {Coordinates::kHalfPixel, Coordinates::kAsymmetric, Coordinates::kAlignCorners,
                                        Coordinates::kPytorchHalfPixel}) {
    const Resize op{Mode::kLinear, coordinates, Rounding::kFloor, 11, 5, 11.0f / 4, 5.0f / 6};
    const Tensor x = quantized(random_reals({1, 4, 6, 30}, 1), 0.01f, 100);
    const Tensor real = evaluate(op, {dequantized(x)});
    const Tensor back = dequantized(run_quantized(op, {x}, QuantParams::per_tensor(9, 9), 1));
    EXPECT_LE(largest_difference(real, back), (0.5f + 2 * 255.0f / 4096) * 0.01f);
  }
}

TEST(Resize, NamesAnEmptyOutput) {
  const std::vector<TensorType> in = {{DType::kF32, {1, 4, 4, 1}, {}}};
  EXPECT_NE(error_of(Resize{}.infer(in)).find("an output of 0x0"), std::string::npos);
}

}  // namespace
}  // namespace graupel
