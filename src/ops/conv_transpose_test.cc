#include "ops/conv_transpose.h"

#include "ops/op_testing.h"

namespace graupel {
namespace {

using namespace testing;

struct Operands {
  ConvTranspose op;
  Tensor x, weights, bias;
};

Operands random_operands(uint32_t seed) {
  std::mt19937 random(seed);
  const auto pick = [&](int low, int high) { return std::uniform_int_distribution<int>(low, high)(random); };
  Operands o;
  o.op.groups = pick(1, 2);
  const int c = o.op.groups * pick(1, 4), out = o.op.groups * pick(1, 4);
  o.op.window = {pick(1, 4), pick(1, 4), pick(1, 3), pick(1, 3), pick(1, 3), pick(1, 3), pick(0, 2), pick(0, 2)};
  o.op.pad_bottom = pick(0, 2);
  o.op.pad_right = pick(0, 2);
  o.op.output_pad_h = pick(0, 2);
  o.op.output_pad_w = pick(0, 2);
  o.x = random_reals({1, pick(5, 7), pick(5, 7), c}, seed + 1);
  o.weights = random_reals({o.op.window.kernel_h, o.op.window.kernel_w, c / o.op.groups, out}, seed + 2);
  o.bias = random_reals({out}, seed + 3);
  return o;
}

/// Every input times every tap, added where the tap lands.
std::vector<double> oracle(const Operands& o, const Shape& out) {
  const Shape& x = o.x.type.shape;
  const Shape& w = o.weights.type.shape;
  const Window2d& window = o.op.window;
  std::vector<double> result;
  for (int64_t i = 0; i < out[1] * out[2] * out[3]; ++i)
    result.push_back(static_cast<double>(o.bias.as<float>()[static_cast<std::size_t>(i % out[3])]));
  const int64_t per_group = out[3] / o.op.groups;
  for (int64_t iy = 0; iy < x[1]; ++iy)
    for (int64_t ix = 0; ix < x[2]; ++ix)
      for (int64_t ky = 0; ky < w[0]; ++ky)
        for (int64_t kx = 0; kx < w[1]; ++kx) {
          const int64_t y = iy * window.stride_h - window.pad_top + ky * window.dilation_h;
          const int64_t column = ix * window.stride_w - window.pad_left + kx * window.dilation_w;
          if (y < 0 || y >= out[1] || column < 0 || column >= out[2]) continue;
          for (int64_t i = 0; i < x[3]; ++i)
            for (int64_t c = 0; c < per_group; ++c) {
              const int64_t to = i / w[2] * per_group + c;
              result[static_cast<std::size_t>((y * out[2] + column) * out[3] + to)] +=
                  static_cast<double>(o.x.as<float>()[static_cast<std::size_t>((iy * x[2] + ix) * x[3] + i)]) *
                  o.weights.as<float>()[static_cast<std::size_t>(((ky * w[1] + kx) * w[2] + i % w[2]) * w[3] + to)];
            }
        }
  return result;
}

TEST(ConvTranspose, SpreadsEachInputOverItsWindow) {
  ConvTranspose op;
  op.window = {1, 2, 1, 2, 1, 1, 0, 0};
  const Tensor out = evaluate(op, {Tensor::of<float>({1, 1, 2, 1}, {1, 2}), Tensor::of<float>({1, 2, 1, 1}, {10, 100}),
                                   Tensor::of<float>({1}, {0.5f})});
  EXPECT_EQ(out.type.shape, (Shape{1, 1, 4, 1}));
  EXPECT_EQ(floats_of(out), (std::vector<float>{10.5f, 100.5f, 20.5f, 200.5f}));
}

TEST(ConvTranspose, GivesTheBiasWhereNoTapLands) {
  ConvTranspose op;
  op.window = {1, 1, 1, 3, 1, 1, 0, 0};
  op.output_pad_w = 1;
  const Tensor out = evaluate(op, {Tensor::of<float>({1, 1, 2, 1}, {1, 2}), Tensor::of<float>({1, 1, 1, 1}, {10}),
                                   Tensor::of<float>({1}, {7})});
  EXPECT_EQ(floats_of(out), (std::vector<float>{17, 7, 7, 27, 7}));
}

TEST(ConvTranspose, EqualsTheDefinitionOnRandomProblems) {
  for (uint32_t seed = 1; seed <= 80; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    const Operands o = random_operands(seed);
    const Tensor out = evaluate(o.op, {o.x, o.weights, o.bias});
    const std::vector<double> expected = oracle(o, out.type.shape);
    for (std::size_t i = 0; i < expected.size(); ++i) ASSERT_NEAR(out.as<float>()[i], expected[i], 2e-5) << i;
  }
}

// N10.1
TEST(ConvTranspose, HasTheSameBitsAtAnyThreadCountAndIsa) {
  for (uint32_t seed = 100; seed < 106; ++seed) {
    const Operands o = random_operands(seed);
    const auto expected = floats_of(evaluate(o.op, {o.x, o.weights, o.bias}, 1, Isa::kRef));
    for (const int threads : {1, 2, 3})
      EXPECT_EQ(floats_of(evaluate(o.op, {o.x, o.weights, o.bias}, threads)), expected) << "seed " << seed;
  }
}

// N4.1, with an input zero point that is not zero: taps without input must add nothing.
TEST(ConvTranspose, LowersToStepsWithinHalfAStepOfTheFloats) {
  for (uint32_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    Operands o = random_operands(seed);
    if (seed % 3 == 0) o.op.clamp.lo = 0;
    const Tensor x = quantized(o.x, 0.008f, 120);
    const QuantizedWeights w = quantized_weights(o.weights);
    const QuantizedWeights b = quantized_bias(o.bias, 0.008f, *w.codes.type.quant);
    const Tensor real = evaluate(o.op, {dequantized(x), w.reals, b.reals});
    const float scale = 0.05f;
    const Tensor back = dequantized(run_quantized(o.op, {x, w.codes, b.codes}, QuantParams::per_tensor(scale, 100), 1));
    for (std::size_t i = 0; i < back.as<float>().size(); ++i) {
      const float in_range = std::clamp(real.as<float>()[i], -100 * scale, 155 * scale);
      ASSERT_NEAR(back.as<float>()[i], in_range, 0.501f * scale) << i;
    }
  }
}

TEST(ConvTranspose, NamesPaddingThatLeavesNothing) {
  const auto f32 = [](Shape shape) { return TensorType{DType::kF32, std::move(shape), {}}; };
  ConvTranspose op;
  op.window.pad_top = 3;
  const std::vector<TensorType> in = {f32({1, 2, 2, 1}), f32({1, 1, 1, 1}), f32({1})};
  EXPECT_NE(error_of(op.infer(in)).find("height: padding 3 and 0 leaves -1"), std::string::npos);
}

}  // namespace
}  // namespace graupel
