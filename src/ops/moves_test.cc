// The ops that move elements: Concat, Slice, Transpose, Pad, DepthToSpace, Reshape, in float and in codes.
#include "ops/moves.h"

#include "ops/concat.h"
#include "ops/depth_to_space.h"
#include "ops/op_testing.h"
#include "ops/pad.h"
#include "ops/reshape.h"
#include "ops/slice.h"
#include "ops/transpose.h"

namespace graupel {
namespace {

using namespace testing;

int pick(std::mt19937& random, int low, int high) {
  return low + static_cast<int>(random() % static_cast<uint32_t>(high - low + 1));
}

Shape random_shape(std::mt19937& random, int rank) {
  Shape shape;
  for (int i = 0; i < rank; ++i) shape.push_back(pick(random, 1, 9));
  return shape;
}

Tensor counting(Shape shape) {
  auto [tensor, data] = Tensor::make<float>(std::move(shape));
  for (int64_t i = 0; i < element_count(tensor.type.shape); ++i) data[i] = static_cast<float>(i % 251) - 100;
  return tensor;
}

/// Codes move exactly as floats do (N5.3).
template <class T>
void expect_codes_move_alike(const T& op, const std::vector<Tensor>& reals) {
  std::vector<Tensor> codes, back;
  for (const Tensor& real : reals) codes.push_back(quantized(real, 1, 100));
  for (const Tensor& code : codes) back.push_back(dequantized(code));
  const Tensor moved = run_quantized(op, codes, QuantParams::per_tensor(9, 9), reals.size());
  EXPECT_EQ(moved.type.quant, codes[0].type.quant);
  EXPECT_EQ(floats_of(dequantized(moved)), floats_of(evaluate(op, back, 3)));
}

TEST(Transpose, EqualsTheTensorFunctionOnRandomShapes) {
  for (uint32_t seed = 1; seed <= 150; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    std::mt19937 random(seed);
    const Tensor x = counting(random_shape(random, pick(random, 1, 6)));
    Transpose op;
    for (std::size_t i = 0; i < x.type.shape.size(); ++i) op.order.push_back(static_cast<int32_t>(i));
    std::shuffle(op.order.begin(), op.order.end(), random);
    const std::vector<int> order(op.order.begin(), op.order.end());
    ASSERT_EQ(floats_of(evaluate(op, {x}, 2)), floats_of(transposed(x, order)));
    expect_codes_move_alike(op, {x});
    if (HasFailure()) return;
  }
}

TEST(Transpose, MovesLargePlanesInPartsForThreads) {
  const Tensor x = counting({1, 96, 80, 64});
  const Transpose op{{0, 3, 1, 2}};
  EXPECT_EQ(floats_of(evaluate(op, {x}, 3)), floats_of(transposed(x, std::vector<int>{0, 3, 1, 2})));
  expect_codes_move_alike(op, {x});
  const Result<Step> step = move_step(move_reordered({1, 96, 80, 64}, op.order), 0, DType::kU8);
  ASSERT_TRUE(step.ok());
  EXPECT_GT(std::get<CopyParams>(step->params).work().rows, 8);
}

TEST(Transpose, RefusesOrdersThatAreNone) {
  const std::vector<TensorType> in = {{DType::kF32, {2, 3}, {}}};
  EXPECT_NE(error_of(Transpose{{0, 0}}.infer(in)).find("each once"), std::string::npos);
  EXPECT_NE(error_of(Transpose{{0, 2}}.infer(in)).find("extent 2"), std::string::npos);
  EXPECT_NE(error_of(Transpose{{0}}.infer(in)).find("2x3"), std::string::npos);
}

TEST(Concat, JoinsAlongEveryAxis) {
  const Tensor a = Tensor::of<float>({1, 2, 2}, {1, 2, 3, 4}), b = Tensor::of<float>({1, 2, 1}, {8, 9});
  EXPECT_EQ(floats_of(evaluate(Concat{2}, {a, b})), (std::vector<float>{1, 2, 8, 3, 4, 9}));
  const Tensor c = Tensor::of<float>({1, 1, 2}, {5, 6});
  EXPECT_EQ(floats_of(evaluate(Concat{1}, {c, a})), (std::vector<float>{5, 6, 1, 2, 3, 4}));
  EXPECT_EQ(floats_of(evaluate(Concat{0}, {a, a})), (std::vector<float>{1, 2, 3, 4, 1, 2, 3, 4}));
}

// N5.3; the last operand is a constant of the graph.
TEST(Concat, LowersToOneCopyPerOperand) {
  for (uint32_t seed = 1; seed <= 60; ++seed) {
    std::mt19937 random(seed);
    const Shape shape = random_shape(random, pick(random, 1, 5));
    const auto axis = static_cast<std::size_t>(pick(random, 0, static_cast<int>(shape.size()) - 1));
    std::vector<Tensor> parts, back;
    for (int i = pick(random, 1, 4); i > 0; --i) {
      Shape part = shape;
      part[axis] = pick(random, 1, 20);
      parts.push_back(quantized(random_reals(part, seed + static_cast<uint32_t>(i)), 0.01f, 90));
      back.push_back(dequantized(parts.back()));
    }
    const Concat op{static_cast<int32_t>(axis)};
    const Tensor joined = run_quantized(op, parts, QuantParams::per_tensor(9, 9), parts.size() - 1);
    ASSERT_EQ(floats_of(dequantized(joined)), floats_of(evaluate(op, back, 2))) << "seed " << seed;
  }
}

TEST(Concat, RefusesOperandsThatDoNotFit) {
  const TensorType a{DType::kF32, {1, 2, 3}, {}}, b{DType::kF32, {1, 3, 4}, {}};
  EXPECT_NE(error_of(Concat{1}.infer(std::vector{a, b})).find("1x3x4"), std::string::npos);
  EXPECT_NE(error_of(Concat{3}.infer(std::vector{a})).find("axis 3"), std::string::npos);
  EXPECT_FALSE(Concat{0}.infer({}).ok());
  const Tensor x = quantized(random_reals({1, 2}, 1), 0.01f, 90), y = quantized(random_reals({1, 2}, 1), 0.02f, 90);
  const TensorType out{DType::kU8, {1, 4}, x.type.quant};
  EXPECT_NE(error_of(run_steps(Concat{1}, {x, y}, out, 2)).find("operand 1"), std::string::npos);
}

TEST(Slice, TakesEveryStepInBothDirections) {
  const Tensor x = Tensor::of<float>({2, 4}, {0, 1, 2, 3, 4, 5, 6, 7});
  EXPECT_EQ(floats_of(evaluate(Slice{1, 1, 2, 1}, {x})), (std::vector<float>{1, 2, 5, 6}));
  EXPECT_EQ(floats_of(evaluate(Slice{1, 0, 2, 2}, {x})), (std::vector<float>{0, 2, 4, 6}));
  EXPECT_EQ(floats_of(evaluate(Slice{1, 3, 2, -3}, {x})), (std::vector<float>{3, 0, 7, 4}));
  EXPECT_EQ(floats_of(evaluate(Slice{0, 1, 2, -1}, {x})), (std::vector<float>{4, 5, 6, 7, 0, 1, 2, 3}));
  EXPECT_EQ(floats_of(evaluate(Slice{1, 2, 3, 0}, {x})), (std::vector<float>{2, 2, 2, 6, 6, 6}));
}

TEST(Slice, MovesCodesAsItMovesFloats) {
  for (uint32_t seed = 1; seed <= 100; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    std::mt19937 random(seed);
    const Tensor x = counting(random_shape(random, pick(random, 1, 5)));
    const int axis = pick(random, 0, static_cast<int>(x.type.shape.size()) - 1);
    const int extent = static_cast<int>(x.type.shape[static_cast<std::size_t>(axis)]);
    Slice op{axis, pick(random, 0, extent - 1), 1, pick(random, -3, 3)};
    const int room = op.step > 0 ? extent - 1 - op.begin : op.begin;
    op.count = op.step == 0 ? pick(random, 1, 6) : pick(random, 1, room / std::abs(op.step) + 1);
    expect_codes_move_alike(op, {x});
    if (HasFailure()) return;
  }
}

TEST(Slice, RefusesWhatLeavesTheInput) {
  const std::vector<TensorType> in = {{DType::kF32, {2, 4}, {}}};
  for (const Slice& op : {Slice{1, 0, 5, 1}, Slice{1, 4, 1, 1}, Slice{1, 1, 3, -1}, Slice{1, 4, 3, 0},
                          Slice{2, 0, 1, 1}, Slice{1, -1, 1, 1}, Slice{1, 0, 0, 1}})
    EXPECT_FALSE(op.infer(in).ok()) << op.begin << " " << op.count << " " << op.step;
}

TEST(Pad, SurroundsTheInput) {
  const Tensor x = Tensor::of<float>({2, 2}, {1, 2, 3, 4});
  EXPECT_EQ(floats_of(evaluate(Pad{{1, 0}, {0, 2}, -1}, {x})),
            (std::vector<float>{-1, -1, -1, -1, 1, 2, -1, -1, 3, 4, -1, -1}));
}

// N5.3: the value becomes its nearest code.
TEST(Pad, FillsCodesThenLaysTheInput) {
  for (uint32_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    std::mt19937 random(seed);
    const Tensor x = counting(random_shape(random, pick(random, 1, 5)));
    Pad op;
    for (std::size_t i = 0; i < x.type.shape.size(); ++i) {
      op.before.push_back(pick(random, 0, 3));
      op.after.push_back(pick(random, 0, 3));
    }
    op.value = static_cast<float>(pick(random, -100, 155));
    expect_codes_move_alike(op, {x});
    if (HasFailure()) return;
  }
  const Tensor x = quantized(Tensor::of<float>({1}, {1}), 1, 100);
  const Tensor low = run_quantized(Pad{{1}, {0}, -__builtin_inff()}, {x}, QuantParams::per_tensor(9, 9), 1);
  EXPECT_EQ(low.as<uint8_t>()[0], 0);
}

TEST(Pad, RefusesNegativeAmounts) {
  const std::vector<TensorType> in = {{DType::kF32, {2}, {}}};
  EXPECT_NE(error_of(Pad{{-1}, {0}, 0}.infer(in)).find("-1"), std::string::npos);
  EXPECT_FALSE((Pad{{0, 0}, {0, 0}, 0}.infer(in).ok()));
}

TEST(DepthToSpace, PutsChannelsWhereItsOrderSays) {
  auto [x, data] = Tensor::make<float>({2, 3, 2, 12});
  for (int i = 0; i < 144; ++i) data[i] = static_cast<float>(i);
  for (const bool crd : {false, true}) {
    const Tensor y = evaluate(DepthToSpace{2, crd}, {x}, 2);
    ASSERT_EQ(y.type.shape, (Shape{2, 6, 4, 3}));
    for (int i = 0; i < 144; ++i) {
      const int c = i % 3, col = i / 3 % 4, row = i / 12 % 6, n = i / 72;
      const int square = row % 2 * 2 + col % 2, channel = crd ? c * 4 + square : square * 3 + c;
      ASSERT_EQ(y.as<float>()[static_cast<std::size_t>(i)], ((n * 3 + row / 2) * 2 + col / 2) * 12 + channel) << i;
    }
    expect_codes_move_alike(DepthToSpace{2, crd}, {x});
  }
}

TEST(DepthToSpace, RefusesChannelsThatAreNoMultiple) {
  const std::vector<TensorType> in = {{DType::kF32, {1, 2, 2, 6}, {}}};
  EXPECT_NE(error_of(DepthToSpace{2, false}.infer(in)).find("6 channels"), std::string::npos);
  EXPECT_FALSE((DepthToSpace{0, false}.infer(in).ok()));
}

TEST(Reshape, KeepsEveryElementInItsPlace) {
  const Tensor x = counting({1, 6, 10, 91});
  const Tensor y = evaluate(Reshape{{3, 20, 91}}, {x});
  EXPECT_EQ(y.type.shape, (Shape{3, 20, 91}));
  EXPECT_EQ(floats_of(y), floats_of(x));
  expect_codes_move_alike(Reshape{{3, 20, 91}}, {x});
  const std::vector<TensorType> in = {x.type};
  EXPECT_NE(error_of(Reshape{{3, 20}}.infer(in)).find("60"), std::string::npos);
}

}  // namespace
}  // namespace graupel
