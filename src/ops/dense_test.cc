#include "ops/dense.h"

#include "ops/op_testing.h"

namespace graupel {
namespace {

using namespace testing;

TEST(Dense, MultipliesTheLastExtent) {
  const Tensor out =
      evaluate(Dense{{0, 100}}, {Tensor::of<float>({2, 1, 2}, {1, 2, 3, 4}),
                                 Tensor::of<float>({2, 3}, {1, 0, -1, 0, 1, -1}), Tensor::of<float>({3}, {0, 10, 0})});
  EXPECT_EQ(out.type.shape, (Shape{2, 1, 3}));
  EXPECT_EQ(floats_of(out), (std::vector<float>{1, 12, 0, 3, 14, 0}));
}

// N10.1, and the split of rows into images must not show.
TEST(Dense, HasTheSameBitsForAnyNumberOfRowsAndThreads) {
  const Tensor x = random_reals({67, 33}, 1), w = random_reals({33, 130}, 2), b = random_reals({130}, 3);
  const auto all = floats_of(evaluate(Dense{}, {x, w, b}, 1, Isa::kRef));
  for (const int threads : {1, 2, 3}) EXPECT_EQ(floats_of(evaluate(Dense{}, {x, w, b}, threads)), all);
  const auto values = x.as<float>();
  const Tensor first = Tensor::of<float>({1, 33}, values.subspan(0, 33));
  const auto row = floats_of(evaluate(Dense{}, {first, w, b}));
  EXPECT_TRUE(std::equal(row.begin(), row.end(), all.begin()));
}

// N4.1
TEST(Dense, LowersToStepsWithinHalfAStepOfTheFloats) {
  for (uint32_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    const Tensor x = quantized(random_reals({static_cast<int64_t>(seed % 5) + 1, 40}, seed), 0.008f, 128);
    const QuantizedWeights w = quantized_weights(random_reals({40, 70}, seed + 1));
    const QuantizedWeights b = quantized_bias(random_reals({70}, seed + 2), 0.008f, *w.codes.type.quant);
    const Tensor real = evaluate(Dense{}, {dequantized(x), w.reals, b.reals});
    const Tensor back =
        dequantized(run_quantized(Dense{}, {x, w.codes, b.codes}, QuantParams::per_tensor(0.1f, 128), 1));
    EXPECT_LE(largest_difference(real, back), 0.501f * 0.1f);
  }
}

TEST(Dense, NamesAWrongInnerExtent) {
  const auto f32 = [](Shape shape) { return TensorType{DType::kF32, std::move(shape), {}}; };
  const std::vector<TensorType> in = {f32({1, 5}), f32({4, 3}), f32({3})};
  EXPECT_NE(error_of(Dense{}.infer(in)).find("its last extent must be 4"), std::string::npos);
}

}  // namespace
}  // namespace graupel
