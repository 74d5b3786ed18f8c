#include "ops/unary.h"

#include "ops/op_testing.h"

namespace graupel {
namespace {

using namespace testing;

TEST(Unary, EvaluatesEveryElementOnAnyThreads) {
  const Tensor x = random_reals({2, 30, 40, 7}, 1, -4, 4);
  const Tensor y = evaluate(Unary{UnaryKind::kClip, -1, 2}, {x}, 3);
  for (std::size_t i = 0; i < x.as<float>().size(); ++i)
    ASSERT_EQ(y.as<float>()[i], std::clamp(x.as<float>()[i], -1.0f, 2.0f)) << i;
  EXPECT_EQ(floats_of(evaluate(Unary{UnaryKind::kSigmoid}, {x}, 1, Isa::kRef)),
            floats_of(evaluate(Unary{UnaryKind::kSigmoid}, {x}, 4)));
}

// N3.1: the table is the function in double, rounded to the nearest code.
TEST(Unary, LowersToTheNearestCodeOfTheFunction) {
  for (const UnaryKind kind : {UnaryKind::kSigmoid, UnaryKind::kSilu, UnaryKind::kTanh, UnaryKind::kExp}) {
    auto [x, codes] = Tensor::make<uint8_t>({1, 2, 4, 32}, QuantParams::per_tensor(0.03f, 128));
    for (int i = 0; i < 256; ++i) codes[i] = static_cast<uint8_t>(i);
    const Tensor y = run_quantized(Unary{kind}, {x}, QuantParams::per_tensor(0.02f, 20), 1);
    for (int i = 0; i < 256; ++i) {
      const double real = unary_f64(kind, 0, 0, (i - 128) * static_cast<double>(0.03f)) / static_cast<double>(0.02f);
      const double expected = std::clamp(std::nearbyint(real) + 20, 0.0, 255.0);
      ASSERT_EQ(y.as<uint8_t>()[static_cast<std::size_t>(i)], expected) << to_string(kind) << " of code " << i;
    }
  }
}

TEST(Unary, TablesHoldTheCodeOfZeroForNoNumberAndSaturateAtInfinity) {
  auto [x, codes] = Tensor::make<uint8_t>({3}, QuantParams::per_tensor(1, 1));
  codes[0] = 0, codes[1] = 1, codes[2] = 2;
  const Tensor y = run_quantized(Unary{UnaryKind::kLog}, {x}, QuantParams::per_tensor(0.1f, 77), 1);
  EXPECT_EQ(y.as<uint8_t>()[0], 77);  // log(-1)
  EXPECT_EQ(y.as<uint8_t>()[1], 0);   // log(0)
  EXPECT_EQ(y.as<uint8_t>()[2], 77);  // log(1)
}

TEST(Unary, RescalesAsIdentity) {
  auto [x, codes] = Tensor::make<uint8_t>({1, 3}, QuantParams::per_tensor(0.5f, 10));
  codes[0] = 10, codes[1] = 12, codes[2] = 255;
  const Tensor y = run_quantized(Unary{}, {x}, QuantParams::per_tensor(0.25f, 3), 1);
  EXPECT_EQ(y.as<uint8_t>()[0], 3);
  EXPECT_EQ(y.as<uint8_t>()[1], 7);
  EXPECT_EQ(y.as<uint8_t>()[2], 255);
}

TEST(Unary, RefusesWhatItCannotCompute) {
  EXPECT_NE(error_of(Unary{}.infer(std::vector{TensorType{DType::kS32, {1}, {}}})).find("s32"), std::string::npos);
  const Unary nan{UnaryKind::kClip, std::nanf(""), 1};
  EXPECT_NE(error_of(nan.infer(std::vector{TensorType{DType::kF32, {1}, {}}})).find("Clip"), std::string::npos);
}

}  // namespace
}  // namespace graupel
