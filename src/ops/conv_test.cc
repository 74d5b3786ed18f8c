#include "ops/conv.h"

#include "ops/op_testing.h"

namespace graupel {
namespace {

using namespace testing;

struct Operands {
  Conv op;
  Tensor x, weights, bias;
};

Operands random_operands(uint32_t seed) {
  std::mt19937 random(seed);
  const auto pick = [&](int low, int high) { return std::uniform_int_distribution<int>(low, high)(random); };
  Operands o;
  o.op.groups = pick(1, 3);
  const int c = o.op.groups * pick(1, 5), out = o.op.groups * pick(1, 5);
  o.op.window = {pick(1, 3), pick(1, 3), pick(1, 2), pick(1, 2), pick(1, 2), pick(1, 2), pick(0, 2), pick(0, 2)};
  o.op.pad_bottom = pick(0, 2);
  o.op.pad_right = pick(0, 2);
  o.x = random_reals({pick(1, 2), pick(6, 9), pick(6, 9), c}, seed + 1);
  o.weights = random_reals({o.op.window.kernel_h, o.op.window.kernel_w, c / o.op.groups, out}, seed + 2);
  o.bias = random_reals({out}, seed + 3);
  return o;
}

/// The definition in double, without clamp or residual.
std::vector<double> oracle(const Operands& o, const Shape& out) {
  const Shape& x = o.x.type.shape;
  const Shape& w = o.weights.type.shape;
  const Window2d& window = o.op.window;
  std::vector<double> result;
  for (int64_t n = 0; n < out[0]; ++n)
    for (int64_t y = 0; y < out[1]; ++y)
      for (int64_t column = 0; column < out[2]; ++column)
        for (int64_t c = 0; c < out[3]; ++c) {
          double acc = o.bias.as<float>()[static_cast<std::size_t>(c)];
          const int64_t first = c / (out[3] / o.op.groups) * w[2];
          for (int64_t ky = 0; ky < w[0]; ++ky)
            for (int64_t kx = 0; kx < w[1]; ++kx)
              for (int64_t i = 0; i < w[2]; ++i) {
                const int64_t iy = y * window.stride_h - window.pad_top + ky * window.dilation_h;
                const int64_t ix = column * window.stride_w - window.pad_left + kx * window.dilation_w;
                if (iy < 0 || iy >= x[1] || ix < 0 || ix >= x[2]) continue;
                acc +=
                    static_cast<double>(
                        o.x.as<float>()[static_cast<std::size_t>(((n * x[1] + iy) * x[2] + ix) * x[3] + first + i)]) *
                    o.weights.as<float>()[static_cast<std::size_t>(((ky * w[1] + kx) * w[2] + i) * w[3] + c)];
              }
          result.push_back(acc);
        }
  return result;
}

TEST(Conv, SumsOnesUnderTheWindowAndReadsPaddingAsZero) {
  Conv op;
  op.window = {3, 3, 1, 1, 1, 1, 1, 1};
  op.pad_bottom = op.pad_right = 1;
  const Tensor ones = Tensor::of<float>({1, 3, 3, 1}, {1, 1, 1, 1, 1, 1, 1, 1, 1});
  const Tensor out = evaluate(op, {ones, ones.reshaped({3, 3, 1, 1}), Tensor::of<float>({1}, {0.5f})});
  EXPECT_EQ(floats_of(out), (std::vector<float>{4.5f, 6.5f, 4.5f, 6.5f, 9.5f, 6.5f, 4.5f, 6.5f, 4.5f}));
}

TEST(Conv, EqualsTheDefinitionOnRandomProblems) {
  for (uint32_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    const Operands o = random_operands(seed);
    const Tensor out = evaluate(o.op, {o.x, o.weights, o.bias});
    const std::vector<double> expected = oracle(o, out.type.shape);
    for (std::size_t i = 0; i < expected.size(); ++i) ASSERT_NEAR(out.as<float>()[i], expected[i], 2e-5) << i;
  }
}

// N10.1
TEST(Conv, HasTheSameBitsAtAnyThreadCountAndIsa) {
  for (uint32_t seed = 50; seed < 60; ++seed) {
    const Operands o = random_operands(seed);
    const auto expected = floats_of(evaluate(o.op, {o.x, o.weights, o.bias}, 1, Isa::kRef));
    for (const int threads : {1, 2, 3})
      for (const Isa isa : {Isa::kRef, Isa::kAvx2, Isa::kAvx512}) {
        if (isa > detected_isa()) continue;
        EXPECT_EQ(floats_of(evaluate(o.op, {o.x, o.weights, o.bias}, threads, isa)), expected) << "seed " << seed;
      }
  }
}

TEST(Conv, AddsTheResidualBeforeItsClamp) {
  Conv op;
  op.residual = true;
  op.clamp = {0, 6};
  const Tensor out = evaluate(op, {Tensor::of<float>({1, 1, 3, 1}, {1, 2, 3}), Tensor::of<float>({1, 1, 1, 1}, {2}),
                                   Tensor::of<float>({1}, {1}), Tensor::of<float>({1, 1, 3, 1}, {-4, 0, 1})});
  EXPECT_EQ(floats_of(out), (std::vector<float>{0, 5, 6}));
}

// N4.1: integer sums are exact, so only the last rounding separates the steps from the reals they stand for.
TEST(Conv, LowersToStepsWithinHalfAStepOfTheFloats) {
  for (uint32_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    Operands o = random_operands(seed);
    if (seed % 4 == 0) {  // depthwise
      o.op.groups = 3;
      o.x = random_reals({1, 7, 7, 3}, seed);
      o.weights = random_reals({o.op.window.kernel_h, o.op.window.kernel_w, 1, 3}, seed);
      o.bias = random_reals({3}, seed);
    }
    if (seed % 3 == 0) o.op.clamp = {0, 0.75f};
    o.x = random_reals({1, o.x.type.shape[1], o.x.type.shape[2], o.x.type.shape[3]}, seed, -0.4f, 1);
    const Tensor x = quantized(o.x, 0.006f, 67);
    const QuantizedWeights w = quantized_weights(o.weights);
    const QuantizedWeights b = quantized_bias(o.bias, 0.006f, *w.codes.type.quant);
    const Tensor real = evaluate(o.op, {dequantized(x), w.reals, b.reals});
    const float scale = 0.05f;
    const Tensor codes = run_quantized(o.op, {x, w.codes, b.codes}, QuantParams::per_tensor(scale, 100), 1);
    const Tensor back = dequantized(codes);
    for (std::size_t i = 0; i < back.as<float>().size(); ++i) {
      const float in_range = std::clamp(real.as<float>()[i], -100 * scale, 155 * scale);
      ASSERT_NEAR(back.as<float>()[i], in_range, 0.501f * scale) << i;
    }
  }
}

// N4.2
TEST(Conv, LowersAResidualIntoTheSameRounding) {
  Conv op;
  op.residual = true;
  op.clamp.lo = 0;
  const Tensor x = quantized(random_reals({1, 4, 4, 8}, 1), 0.008f, 128);
  const Tensor added = quantized(random_reals({1, 4, 4, 5}, 2), 0.009f, 120);
  const QuantizedWeights w = quantized_weights(random_reals({1, 1, 8, 5}, 3));
  const QuantizedWeights b = quantized_bias(random_reals({5}, 4), 0.008f, *w.codes.type.quant);
  const Tensor real = evaluate(op, {dequantized(x), w.reals, b.reals, dequantized(added)});
  Result<TensorType> type = op.infer(types_of(std::vector{x, w.codes, b.codes, added}));
  ASSERT_TRUE(type.ok());
  type->quant = QuantParams::per_tensor(0.03f, 0);
  const std::vector<TensorType> types = types_of(std::vector{x, w.codes, b.codes, added});
  const std::vector<const Tensor*> constants = {nullptr, &w.codes, &b.codes, nullptr};
  Constants sink;
  const auto steps = op.lower({types, *type, constants, sink});
  ASSERT_TRUE(steps.ok()) << error_of(steps);
  ASSERT_EQ(steps->size(), 1u);
  ASSERT_EQ((*steps)[0].src.size(), 2u);
  EXPECT_EQ((*steps)[0].src[1].input, 3);
  const auto& params = std::get<ConvParams>((*steps)[0].params);
  std::vector<uint8_t> out(80);
  KernelArgs args;
  args.src[0] = x.data->data();
  args.src[1] = added.data->data();
  args.dst = reinterpret_cast<std::byte*>(out.data());
  args.constants = sink.bytes().data();
  conv_ref(params, args, {0, 4, 0, 1});
  for (std::size_t i = 0; i < out.size(); ++i) EXPECT_NEAR(out[i] * 0.03f, real.as<float>()[i], 0.5002f * 0.03f) << i;
}

TEST(Conv, ChoosesTheDepthwiseFamilyForOneFilterPerChannel) {
  Conv op;
  op.groups = 3;
  const Tensor x = quantized(random_reals({1, 2, 2, 3}, 1), 0.01f, 0);
  const QuantizedWeights w = quantized_weights(random_reals({1, 1, 1, 3}, 2));
  const QuantizedWeights b = quantized_bias(random_reals({3}, 3), 0.01f, *w.codes.type.quant);
  const std::vector<TensorType> types = types_of(std::vector{x, w.codes, b.codes});
  const std::vector<const Tensor*> constants = {nullptr, &w.codes, &b.codes};
  const TensorType out{DType::kU8, {1, 2, 2, 3}, QuantParams::per_tensor(0.01f, 0)};
  Constants sink;
  const auto steps = op.lower({types, out, constants, sink});
  ASSERT_TRUE(steps.ok()) << error_of(steps);
  EXPECT_TRUE(std::holds_alternative<DepthwiseParams>((*steps)[0].params));
}

// N2.3
TEST(Conv, RefusesAChannelWhoseAccumulatorCanOverflow) {
  const Tensor x = quantized(random_reals({1, 1, 1, 2}, 1), 0.01f, 0);
  auto [w, weights] = Tensor::make<int8_t>({1, 1, 2, 2}, QuantParams{{0.01f, 0.01f}, {0, 0}, 3});
  std::fill_n(weights, 4, int8_t{127});
  const Tensor b = Tensor::of<int32_t>({2}, {0, 2147483647});
  const TensorType out{DType::kU8, {1, 1, 1, 2}, QuantParams::per_tensor(0.01f, 0)};
  const std::string text = error_of(run_steps(Conv{}, {x, w, b}, out, 1));
  EXPECT_NE(text.find("output channel 1"), std::string::npos) << text;
  EXPECT_NE(text.find("2147548417"), std::string::npos) << text;
  const Tensor large = Tensor::of<int32_t>({2}, {2000000000, 0});
  const TensorType coarse{DType::kU8, {1, 1, 1, 2}, QuantParams::per_tensor(1e-4f, 0)};
  EXPECT_NE(error_of(run_steps(Conv{}, {x, w, large}, coarse, 1)).find("output channel 0"), std::string::npos);
}

TEST(Conv, NamesWhatDoesNotFit) {
  const auto f32 = [](Shape shape) { return TensorType{DType::kF32, std::move(shape), {}}; };
  const std::vector<TensorType> wrong_channels = {f32({1, 8, 8, 3}), f32({3, 3, 4, 8}), f32({8})};
  Conv op;
  op.window.kernel_h = op.window.kernel_w = 3;
  EXPECT_NE(error_of(op.infer(wrong_channels)).find("3x3x4x8"), std::string::npos);
  const std::vector<TensorType> too_small = {f32({1, 2, 8, 3}), f32({3, 3, 3, 8}), f32({8})};
  EXPECT_NE(error_of(op.infer(too_small)).find("height: a window of 3 does not fit an input of 2"), std::string::npos);
  const std::vector<TensorType> wrong_bias = {f32({1, 8, 8, 3}), f32({3, 3, 3, 8}), f32({7})};
  EXPECT_NE(error_of(op.infer(wrong_bias)).find("bias has shape 7"), std::string::npos);
  const std::vector<TensorType> mixed = {{DType::kU8, {1, 8, 8, 3}, {}}, f32({3, 3, 3, 8}), f32({8})};
  EXPECT_NE(error_of(op.infer(mixed)).find("must be s8"), std::string::npos);
}

}  // namespace
}  // namespace graupel
