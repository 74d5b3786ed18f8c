#include "ops/softmax.h"

#include "ops/import_testing.h"

namespace graupel {
namespace {

using namespace testing;

TEST(Softmax, NormalizesOverAnyAxis) {
  const Tensor x = random_reals({3, 5, 300}, 1, -4, 4);
  for (const int32_t axis : {0, 1, 2}) {
    const Tensor out = evaluate(Softmax{axis}, {x});
    const int64_t inner = axis == 0 ? 1500 : axis == 1 ? 300 : 1, n = x.type.shape[static_cast<std::size_t>(axis)];
    for (int64_t i = 0; i < 4500; ++i) {
      const int64_t first = i / (n * inner) * n * inner + i % inner;
      double sum = 0;
      for (int64_t k = 0; k < n; ++k)
        sum += std::exp(static_cast<double>(x.as<float>()[static_cast<std::size_t>(first + k * inner)]));
      const auto at = static_cast<std::size_t>(i);
      ASSERT_NEAR(out.as<float>()[at], std::exp(static_cast<double>(x.as<float>()[at])) / sum, 1e-6)
          << axis << " " << i;
    }
  }
}

// N10.1
TEST(Softmax, HasTheSameBitsAtAnyThreadCountAndIsa) {
  const Tensor x = random_reals({7, 16, 33}, 2, -9, 9);
  for (const int32_t axis : {0, 1, 2}) {
    const auto expected = floats_of(evaluate(Softmax{axis}, {x}, 1, Isa::kRef));
    for (const int threads : {1, 2, 3}) EXPECT_EQ(floats_of(evaluate(Softmax{axis}, {x}, threads)), expected) << axis;
  }
}

TEST(Softmax, DictatesItsOutputsQuantization) {
  const std::vector<TensorType> in = {{DType::kU8, {1, 4}, QuantParams::per_tensor(0.1f, 3)}};
  const auto type = Softmax{1}.infer(in);
  ASSERT_TRUE(type.ok());
  EXPECT_EQ(type->quant, QuantParams::per_tensor(1.0f / 255.0f, 0));
}

// N7.1: a table of scale 2^20 is off by 2^-21 per term; the rest is the last rounding.
TEST(Softmax, LowersToStepsWithinHalfAStepOfTheFloats) {
  const Tensor x = quantized(random_reals({2, 16, 40}, 3, -5, 5), 0.04f, 128);
  for (const int32_t axis : {0, 1, 2}) {
    const Tensor real = evaluate(Softmax{axis}, {dequantized(x)});
    const Tensor back = dequantized(run_quantized(Softmax{axis}, {x}, QuantParams{}, 1));
    EXPECT_LE(largest_difference(real, back), 0.51f / 255) << axis;
  }
}

TEST(ImportLogSoftmax, KeepsWhatIsFarBelowTheLargest) {
  const Tensor x = Tensor::of<float>({2, 3}, {0, 1, -200, 3, 3, 3});
  for (const int64_t opset : {11, 13}) {
    const Result<Tensor> out = OneNode("LogSoftmax", opset).input(x).set("axis", int64_t{1}).run();
    ASSERT_TRUE(out.ok()) << error_of(out);
    const auto values = out->as<float>();
    const double sum = std::log(1 + std::exp(1.0));
    const double expected[] = {-sum, 1 - sum, -200 - sum, -std::log(3.0), -std::log(3.0), -std::log(3.0)};
    for (std::size_t i = 0; i < 6; ++i) EXPECT_NEAR(values[i], expected[i], 1e-5) << i;
  }
}

}  // namespace
}  // namespace graupel
