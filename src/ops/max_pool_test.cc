#include "ops/max_pool.h"

#include "ops/op_testing.h"

namespace graupel {
namespace {

using namespace testing;

Shape shape_of(const MaxPool& op, Shape in) {
  const std::vector<TensorType> types = {{DType::kF32, std::move(in), {}}};
  const auto type = op.infer(types);
  return type.ok() ? type->shape : Shape{};
}

TEST(MaxPool, TakesTheLargestAndNeverThePadding) {
  MaxPool op;
  op.window = {2, 2, 2, 2, 1, 1, 1, 1};
  op.pad_bottom = op.pad_right = 1;
  const Tensor out = evaluate(op, {Tensor::of<float>({1, 2, 2, 1}, {-1, -2, -3, -4})});
  EXPECT_EQ(floats_of(out), (std::vector<float>{-1, -2, -3, -4}));
}

TEST(MaxPool, SkipsElementsByItsDilation) {
  MaxPool op;
  op.window = {1, 2, 1, 1, 1, 2, 0, 0};
  const Tensor out = evaluate(op, {Tensor::of<float>({1, 1, 4, 1}, {1, 9, 3, 4})});
  EXPECT_EQ(floats_of(out), (std::vector<float>{3, 9}));
}

TEST(MaxPool, RoundsItsExtentUpWithoutStartingBehindTheInput) {
  MaxPool op;
  op.window = {3, 3, 2, 2, 1, 1, 0, 0};
  EXPECT_EQ(shape_of(op, {1, 6, 7, 4}), (Shape{1, 2, 3, 4}));
  op.ceil_mode = true;
  EXPECT_EQ(shape_of(op, {1, 6, 7, 4}), (Shape{1, 3, 3, 4}));
  op.window = {1, 1, 3, 3, 1, 1, 0, 0};
  EXPECT_EQ(shape_of(op, {1, 5, 4, 4}), (Shape{1, 2, 2, 4}));
}

// N5.3: codes are compared, scale and zero point pass through, and no accuracy is lost.
TEST(MaxPool, LowersToTheSameCodesAsTheFloats) {
  MaxPool op;
  op.window = {5, 5, 1, 1, 1, 1, 2, 2};
  op.pad_bottom = op.pad_right = 2;
  const Tensor x = quantized(random_reals({1, 9, 8, 70}, 1), 0.01f, 100);
  const Tensor codes = run_quantized(op, {x}, QuantParams::per_tensor(9, 9), 1);
  EXPECT_EQ(codes.type.quant, x.type.quant);
  EXPECT_EQ(floats_of(dequantized(codes)), floats_of(evaluate(op, {dequantized(x)})));
}

TEST(MaxPool, RefusesAWindowInThePaddingAlone) {
  MaxPool op;
  op.window = {1, 2, 1, 1, 1, 3, 0, 2};
  op.pad_right = 2;
  const std::vector<TensorType> in = {{DType::kF32, {1, 1, 2, 1}, {}}};
  EXPECT_NE(error_of(op.infer(in)).find("lies in the padding alone"), std::string::npos) << error_of(op.infer(in));
}

}  // namespace
}  // namespace graupel
