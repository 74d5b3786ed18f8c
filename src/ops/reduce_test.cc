#include "ops/reduce.h"

#include "ops/op_testing.h"

namespace graupel {
namespace {

using namespace testing;

TEST(Reduce, AveragesNeighbouringAxes) {
  const Tensor x = Tensor::of<float>({1, 2, 2, 2}, {1, 10, 2, 20, 3, 30, 4, 40});
  const Tensor kept = evaluate(Reduce{Reduce::Kind::kMean, 1, 2, true}, {x});
  EXPECT_EQ(kept.type.shape, (Shape{1, 1, 1, 2}));
  EXPECT_EQ(floats_of(kept), (std::vector<float>{2.5f, 25}));
  const Tensor last = evaluate(Reduce{Reduce::Kind::kMean, 3, 3, false}, {x});
  EXPECT_EQ(last.type.shape, (Shape{1, 2, 2}));
  EXPECT_EQ(floats_of(last), (std::vector<float>{5.5f, 11, 16.5f, 22}));
  EXPECT_EQ(evaluate(Reduce{Reduce::Kind::kMean, 0, 3, false}, {x}).type.shape, Shape{});
}

// N6.1
TEST(Reduce, LowersToStepsWithinHalfAStepOfTheFloats) {
  const Tensor x = quantized(random_reals({1, 7, 7, 33}, 1), 0.01f, 100);
  for (const auto& [first, last] : {std::pair{1, 2}, {3, 3}, {0, 3}, {2, 2}, {1, 3}}) {
    const Reduce op{Reduce::Kind::kMean, first, last, true};
    const Tensor real = evaluate(op, {dequantized(x)});
    const Tensor back = dequantized(run_quantized(op, {x}, QuantParams::per_tensor(0.006f, 130), 1));
    EXPECT_LE(largest_difference(real, back), 0.5001f * 0.006f) << first << " to " << last;
  }
}

/// The definition over [outer, n, inner] of shape [1, 7, 9, 33].
std::vector<double> expected(Reduce::Kind kind, const Tensor& x, int32_t first, int32_t last) {
  int64_t outer = 1, n = 1, inner = 1;
  for (int32_t i = 0; i < 4; ++i)
    (i < first ? outer : i <= last ? n : inner) *= x.type.shape[static_cast<std::size_t>(i)];
  std::vector<double> out;
  for (int64_t o = 0; o < outer; ++o)
    for (int64_t i = 0; i < inner; ++i) {
      double sum = 0, squares = 0, most = -1e9, least = 1e9;
      for (int64_t k = 0; k < n; ++k) {
        const double value = x.as<float>()[static_cast<std::size_t>((o * n + k) * inner + i)];
        sum += value;
        squares += value * value;
        most = std::max(most, value);
        least = std::min(least, value);
      }
      switch (kind) {
        case Reduce::Kind::kMean: out.push_back(sum / static_cast<double>(n)); break;
        case Reduce::Kind::kSum: out.push_back(sum); break;
        case Reduce::Kind::kMax: out.push_back(most); break;
        case Reduce::Kind::kMin: out.push_back(least); break;
        case Reduce::Kind::kL2: out.push_back(std::sqrt(squares)); break;
        case Reduce::Kind::kSumSquare: out.push_back(squares); break;
      }
    }
  return out;
}

// N6.1, N6.3, N5.3
TEST(Reduce, OfEveryKindFollowsItsDefinitionInFloatsAndInCodes) {
  using Kind = Reduce::Kind;
  const Tensor x = quantized(random_reals({1, 7, 9, 33}, 4), 0.01f, 110);
  const Tensor reals = dequantized(x);
  for (const Kind kind : {Kind::kMean, Kind::kSum, Kind::kMax, Kind::kMin, Kind::kL2, Kind::kSumSquare})
    for (const auto& [first, last] : {std::pair{1, 2}, {3, 3}, {2, 3}, {1, 1}}) {
      const Reduce op{kind, first, last, false};
      const std::vector<double> want = expected(kind, reals, first, last);
      const Tensor got = evaluate(op, {reals});
      const float step = kind == Kind::kMax || kind == Kind::kMin ? 0.01f : 0.3f;
      const Tensor codes = run_quantized(op, {x}, QuantParams::per_tensor(step, 120), 1);
      const Tensor back = dequantized(codes);
      ASSERT_EQ(got.as<float>().size(), want.size());
      for (std::size_t i = 0; i < want.size(); ++i) {
        ASSERT_NEAR(got.as<float>()[i], want[i], 1e-6 * (1 + std::abs(want[i])));
        const double kept = std::clamp(want[i], -120.0 * double{step}, 135.0 * double{step});
        ASSERT_NEAR(back.as<float>()[i], kept, 0.5001 * double{step}) << static_cast<int>(kind) << " " << i;
      }
    }
}

// N10.1
TEST(Reduce, HasTheSameBitsAtAnyThreadCount) {
  const Tensor x = random_reals({3, 5, 600}, 5);
  for (const auto kind : {Reduce::Kind::kMean, Reduce::Kind::kL2, Reduce::Kind::kMax}) {
    const auto once = floats_of(evaluate(Reduce{kind, 1, 1, true}, {x}, 1, Isa::kRef));
    for (const int threads : {2, 3}) EXPECT_EQ(floats_of(evaluate(Reduce{kind, 1, 1, true}, {x}, threads)), once);
  }
}

TEST(Reduce, NamesAnAxisThatIsNotThere) {
  const std::vector<TensorType> in = {{DType::kF32, {1, 4}, {}}};
  EXPECT_NE(error_of(Reduce{Reduce::Kind::kMean, 1, 2, true}.infer(in)).find("axes 1 to 2 of shape 1x4"),
            std::string::npos);
}

}  // namespace
}  // namespace graupel
