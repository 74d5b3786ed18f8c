#include "ops/affine.h"

#include "ops/op_testing.h"

namespace graupel {
namespace {

using namespace testing;

TEST(Affine, ScalesAndShiftsPerChannelOrPerTensor) {
  const Tensor x = Tensor::of<float>({2, 2}, {1, 2, 3, 4});
  const Tensor pair = Tensor::of<float>({2}, {10, 100}), one = Tensor::of<float>({1}, {0.5f});
  EXPECT_EQ(floats_of(evaluate(Affine{}, {x, pair, one})), (std::vector<float>{10.5f, 200.5f, 30.5f, 400.5f}));
  EXPECT_EQ(floats_of(evaluate(Affine{}, {x, one, pair})), (std::vector<float>{10.5f, 101, 11.5f, 102}));
}

// N3.1
TEST(Affine, LowersToOneTablePerChannelWithinHalfAStep) {
  const Tensor x = quantized(random_reals({1, 4, 4, 6}, 1), 0.01f, 100);
  const Tensor scale = random_reals({6}, 2), shift = random_reals({6}, 3);
  const Tensor real = evaluate(Affine{}, {dequantized(x), scale, shift});
  const Tensor back = dequantized(run_quantized(Affine{}, {x, scale, shift}, QuantParams::per_tensor(0.02f, 128), 1));
  EXPECT_LE(largest_difference(real, back), 0.5001f * 0.02f);
}

// N3.1: every code of a negative scale, saturating at both ends.
TEST(Affine, SaturatesItsTable) {
  auto [x, codes] = Tensor::make<uint8_t>({1, 1, 256, 1}, QuantParams::per_tensor(1.0f, 128));
  for (int i = 0; i < 256; ++i) codes[i] = static_cast<uint8_t>(i);
  const Tensor scale = Tensor::of<float>({1}, {-2.0f}), shift = Tensor::of<float>({1}, {1.0f});
  const Tensor out = run_quantized(Affine{}, {x, scale, shift}, QuantParams::per_tensor(1.0f, 128), 1);
  const auto result = out.as<uint8_t>();
  EXPECT_EQ(result[0], 255);
  EXPECT_EQ(result[128], 129);
  EXPECT_EQ(result[140], 105);
  EXPECT_EQ(result[255], 0);
}

TEST(Affine, NamesAConstantThatDoesNotFit) {
  const auto f32 = [](Shape shape) { return TensorType{DType::kF32, std::move(shape), {}}; };
  const std::vector<TensorType> in = {f32({1, 5}), f32({4}), f32({1})};
  EXPECT_NE(error_of(Affine{}.infer(in)).find("scale has shape 4 (accepted: 1 or 5)"), std::string::npos);
}

}  // namespace
}  // namespace graupel
