#include "ops/reduce_mean.h"

#include "ops/op_testing.h"

namespace graupel {
namespace {

using namespace testing;

TEST(ReduceMean, AveragesNeighbouringAxes) {
  const Tensor x = Tensor::of<float>({1, 2, 2, 2}, {1, 10, 2, 20, 3, 30, 4, 40});
  const Tensor kept = evaluate(ReduceMean{1, 2, true}, {x});
  EXPECT_EQ(kept.type.shape, (Shape{1, 1, 1, 2}));
  EXPECT_EQ(floats_of(kept), (std::vector<float>{2.5f, 25}));
  const Tensor last = evaluate(ReduceMean{3, 3, false}, {x});
  EXPECT_EQ(last.type.shape, (Shape{1, 2, 2}));
  EXPECT_EQ(floats_of(last), (std::vector<float>{5.5f, 11, 16.5f, 22}));
  EXPECT_EQ(evaluate(ReduceMean{0, 3, false}, {x}).type.shape, Shape{});
}

// N6.1
TEST(ReduceMean, LowersToStepsWithinHalfAStepOfTheFloats) {
  const Tensor x = quantized(random_reals({1, 7, 7, 33}, 1), 0.01f, 100);
  for (const auto& [first, last] : {std::pair{1, 2}, {3, 3}, {0, 3}, {2, 2}, {1, 3}}) {
    const ReduceMean op{first, last, true};
    const Tensor real = evaluate(op, {dequantized(x)});
    const Tensor back = dequantized(run_quantized(op, {x}, QuantParams::per_tensor(0.006f, 130), 1));
    EXPECT_LE(largest_difference(real, back), 0.5001f * 0.006f) << first << " to " << last;
  }
}

TEST(ReduceMean, NamesAnAxisThatIsNotThere) {
  const std::vector<TensorType> in = {{DType::kF32, {1, 4}, {}}};
  EXPECT_NE(error_of(ReduceMean{1, 2, true}.infer(in)).find("axes 1 to 2 of shape 1x4"), std::string::npos);
}

}  // namespace
}  // namespace graupel
