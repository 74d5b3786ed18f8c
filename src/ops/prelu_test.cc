#include "ops/prelu.h"

#include "ops/op_testing.h"

namespace graupel {
namespace {

using namespace testing;

TEST(PRelu, ScalesNegativesByTheSlopeOfTheirChannel) {
  const Tensor x = Tensor::of<float>({1, 1, 2, 3}, {-1, -1, 1, 2, -2, -2});
  const Tensor slope = Tensor::of<float>({3}, {0.5f, 0, -1});
  EXPECT_EQ(floats_of(evaluate(PRelu{}, {x, slope})), (std::vector<float>{-0.5f, 0, 1, 2, 0, 2}));
  EXPECT_EQ(floats_of(evaluate(PRelu{}, {x, Tensor::of<float>({1}, {2})})), (std::vector<float>{-2, -2, 1, 2, -4, -4}));
}

// N3.1
TEST(PRelu, LowersToOneTablePerChannel) {
  const Tensor slope = Tensor::of<float>({5}, {0.25f, 0, 1, -0.5f, 0.1f});
  const Tensor x = quantized(random_reals({1, 6, 7, 5}, 3, -2, 2), 0.02f, 120);
  const Tensor codes = run_quantized(PRelu{}, {x, slope}, QuantParams::per_tensor(0.03f, 80), 1);
  const Tensor real = evaluate(PRelu{}, {dequantized(x), slope});
  EXPECT_LE(largest_difference(dequantized(codes), real), 0.0151f);
  EXPECT_GT(largest_difference(real, dequantized(x)), 0.5f);
}

TEST(PRelu, RefusesSlopesThatDoNotFit) {
  const std::vector<TensorType> in = {{DType::kF32, {1, 2, 2, 3}, {}}, {DType::kF32, {2}, {}}};
  EXPECT_NE(error_of(PRelu{}.infer(in)).find("accepted: 1 or 3"), std::string::npos);
}

}  // namespace
}  // namespace graupel
