#include "ops/argmax.h"

#include "ops/op_testing.h"

namespace graupel {
namespace {

using namespace testing;

TEST(ArgMax, TakesTheFirstOrTheLastOfEqualElements) {
  const Tensor x = Tensor::of<float>({2, 3, 2}, {1, 5, 4, 5, 4, -2, 0, 0, 0, 7, -1, 7});
  EXPECT_EQ(floats_of(evaluate(ArgMax{1, false, false}, {x})), (std::vector<float>{1, 0, 0, 1}));
  EXPECT_EQ(floats_of(evaluate(ArgMax{1, false, true}, {x})), (std::vector<float>{2, 1, 1, 2}));
  EXPECT_EQ(floats_of(evaluate(ArgMax{1, true, false}, {x})), (std::vector<float>{0, 2, 2, 0}));
  EXPECT_EQ(floats_of(evaluate(ArgMax{2, false, false}, {x}, 3)), (std::vector<float>{1, 1, 0, 0, 1, 1}));
}

// N7.3: codes are compared as they are; the result's codes are indices.
TEST(ArgMax, FindsCodesAsItFindsFloats) {
  auto [codes, data] = Tensor::make<uint8_t>({1, 4, 3, 5}, QuantParams::per_tensor(0.25f, 7));
  for (int i = 0; i < 60; ++i) data[i] = static_cast<uint8_t>(i * 37 % 11);
  for (int32_t axis = 1; axis < 4; ++axis)
    for (const bool smallest : {false, true})
      for (const bool last : {false, true}) {
        const ArgMax op{axis, smallest, last};
        EXPECT_EQ(floats_of(dequantized(run_quantized(op, {codes}, QuantParams::per_tensor(1, 0), 1))),
                  floats_of(evaluate(op, {dequantized(codes)})));
      }
}

TEST(ArgMax, NeedsSixteenBitsBeyond256Elements) {
  const ArgMax op{0, false, false};
  const auto type = [&](int64_t extent) {
    return op.infer(std::vector{TensorType{DType::kU8, {extent, 2}, QuantParams::per_tensor(1, 0)}});
  };
  EXPECT_EQ(type(256)->dtype, DType::kU8);
  EXPECT_EQ(type(257)->dtype, DType::kU16);
  EXPECT_EQ(type(257)->shape, (Shape{1, 2}));
}

}  // namespace
}  // namespace graupel
