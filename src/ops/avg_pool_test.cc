#include "ops/avg_pool.h"

#include "ops/op_testing.h"

namespace graupel {
namespace {

using namespace testing;

AvgPool padded(bool count_include_pad) {
  AvgPool op;
  op.window = {1, 3, 1, 1, 1, 1, 0, 1};
  op.pad_right = 1;
  op.count_include_pad = count_include_pad;
  return op;
}

TEST(AvgPool, DividesByWhatLiesInsideOrByTheWholeWindow) {
  const Tensor x = Tensor::of<float>({1, 1, 3, 1}, {3, 6, 9});
  EXPECT_EQ(floats_of(evaluate(padded(false), {x})), (std::vector<float>{4.5f, 6, 7.5f}));
  EXPECT_EQ(floats_of(evaluate(padded(true), {x})), (std::vector<float>{3, 6, 5}));
}

// N6.1
TEST(AvgPool, LowersToStepsWithinHalfAStepOfTheFloats) {
  for (const bool include : {false, true})
    for (const bool ceil_mode : {false, true}) {
      AvgPool op;
      op.window = {3, 2, 2, 2, 1, 1, 1, 1};
      op.pad_bottom = 1;
      op.ceil_mode = ceil_mode && !include;
      op.count_include_pad = include;
      const Tensor x = quantized(random_reals({1, 9, 8, 21}, 1), 0.01f, 100);
      const Tensor real = evaluate(op, {dequantized(x)});
      const Tensor back = dequantized(run_quantized(op, {x}, QuantParams::per_tensor(0.009f, 130), 1));
      EXPECT_LE(largest_difference(real, back), 0.5001f * 0.009f);
    }
}

TEST(AvgPool, StatesItsLimits) {
  AvgPool op = padded(true);
  op.ceil_mode = true;
  op.window.stride_w = 2;
  const std::vector<TensorType> in = {{DType::kF32, {1, 1, 4, 1}, {}}};
  int broken = 0;
  for (const auto& constraint : AvgPool::constraints()) broken += !constraint.holds(op, in);
  EXPECT_EQ(broken, 1);
  op.window.dilation_w = 2;
  EXPECT_FALSE(AvgPool::constraints()[0].holds(op, in));
}

}  // namespace
}  // namespace graupel
