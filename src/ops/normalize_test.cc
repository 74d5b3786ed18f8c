#include "ops/normalize.h"

#include "ops/op_testing.h"

namespace graupel {
namespace {

using namespace testing;
using Kind = Normalize::Kind;

/// The definition over [outer, rows, groups, channels], in double.
Tensor expected(const Normalize& op, const Tensor& x, const Tensor& scale, const Tensor& shift) {
  const Shape& shape = x.type.shape;
  int64_t outer = 1, rows = 1;
  for (std::size_t i = 0; i + 1 < shape.size(); ++i)
    (static_cast<int32_t>(i) < op.first_axis ? outer : rows) *= shape[i];
  const int64_t width = shape.back(), channels = width / op.groups;
  auto [out, data] = Tensor::make<float>(shape);
  const auto in = x.as<float>();
  for (int64_t o = 0; o < outer; ++o)
    for (int64_t c = 0; c < width; ++c) {
      const auto each = [&](auto f) {
        double sum = 0;
        for (int64_t r = 0; r < rows; ++r)
          for (int64_t k = 0; k < channels; ++k)
            sum += f(static_cast<double>(
                in[static_cast<std::size_t>((o * rows + r) * width + c / channels * channels + k)]));
        return sum;
      };
      const auto n = static_cast<double>(rows * channels);
      const double mean = op.kind == Kind::kStandard ? each([](double v) { return v; }) / n : 0;
      const double squares = each([&](double v) { return (v - mean) * (v - mean); });
      const double eps = static_cast<double>(op.epsilon);
      const double deviation = op.kind == Kind::kL2 ? std::sqrt(squares + eps * eps) : std::sqrt(squares / n + eps);
      const auto entry = [&](const Tensor& t) {
        return static_cast<double>(t.as<float>()[t.type.shape[0] == 1 ? 0 : static_cast<std::size_t>(c)]);
      };
      for (int64_t r = 0; r < rows; ++r) {
        const int64_t at = (o * rows + r) * width + c;
        data[at] = static_cast<float>(
            (static_cast<double>(in[static_cast<std::size_t>(at)]) - mean) / deviation * entry(scale) + entry(shift));
      }
    }
  return out;
}

struct Case {
  Normalize op;
  Shape shape;
};
const Case kCases[] = {
    {{Kind::kStandard, 2, 1, 1e-5f}, {1, 7, 33}},     {{Kind::kStandard, 3, 1, 1e-6f}, {1, 5, 4, 96}},
    {{Kind::kStandard, 1, 12, 1e-5f}, {1, 6, 5, 12}}, {{Kind::kStandard, 1, 4, 1e-5f}, {1, 6, 5, 12}},
    {{Kind::kStandard, 1, 1, 1e-5f}, {2, 6, 5, 12}},  {{Kind::kStandard, 1, 2, 1e-5f}, {1, 3, 3, 140}},
    {{Kind::kRms, 2, 1, 1e-6f}, {1, 7, 33}},          {{Kind::kL2, 2, 1, 1e-12f}, {1, 7, 33}},
    {{Kind::kL2, 3, 1, 1e-12f}, {1, 3, 2, 64}},
};

Tensor random_scale(int64_t channels) { return random_reals({channels}, 4, 0.3f, 2); }
Tensor random_shift(int64_t channels) { return random_reals({channels}, 5, -1, 1); }

TEST(Normalize, FollowsItsDefinition) {
  for (const Case& c : kCases) {
    const Tensor x = random_reals(c.shape, 1, -3, 5);
    for (const int64_t channels : {int64_t{1}, c.shape.back()}) {
      const Tensor scale = random_scale(channels), shift = random_shift(channels);
      const Tensor out = evaluate(c.op, {x, scale, shift});
      EXPECT_LE(largest_difference(out, expected(c.op, x, scale, shift)), 2e-6f) << to_string(c.shape);
    }
  }
}

// N10.1
TEST(Normalize, HasTheSameBitsAtAnyThreadCountAndIsa) {
  for (const Case& c : kCases) {
    const std::vector<Tensor> in = {random_reals(c.shape, 2, -9, 9), random_scale(c.shape.back()),
                                    random_shift(c.shape.back())};
    const auto once = floats_of(evaluate(c.op, in, 1, Isa::kRef));
    for (const int threads : {1, 2, 3}) EXPECT_EQ(floats_of(evaluate(c.op, in, threads)), once) << to_string(c.shape);
  }
}

TEST(Normalize, LeavesEqualElementsAtTheShift) {
  const Tensor x = Tensor::of<float>({1, 4}, {5, 5, 5, 5});
  const std::vector<Tensor> in = {x, Tensor::of<float>({1}, {2}), Tensor::of<float>({1}, {0.25f})};
  EXPECT_EQ(floats_of(evaluate(Normalize{Kind::kStandard, 1, 1, 1e-5f}, in)), std::vector<float>(4, 0.25f));
  const Tensor zeros = Tensor::of<float>({1, 4}, {0, 0, 0, 0});
  EXPECT_EQ(floats_of(evaluate(Normalize{Kind::kL2, 1, 1, 1e-12f}, {zeros, in[1], in[2]})),
            std::vector<float>(4, 0.25f));
}

// N7.2: statistics of codes are exact, so that only the last rounding is left.
TEST(Normalize, LowersToStepsWithinHalfAStepOfTheFloats) {
  for (const Case& c : kCases) {
    const Tensor x = quantized(random_reals(c.shape, 3, -3, 5), 0.035f, 90);
    const Tensor scale = random_scale(c.shape.back()), shift = random_shift(c.shape.back());
    const Tensor real = evaluate(c.op, {dequantized(x), scale, shift});
    const Tensor back = dequantized(run_quantized(c.op, {x, scale, shift}, QuantParams::per_tensor(0.05f, 120), 1));
    EXPECT_LE(largest_difference(real, back), 0.501f * 0.05f) << to_string(c.shape);
  }
}

TEST(Normalize, NamesWhatDoesNotFit) {
  const TensorType x{DType::kF32, {1, 6, 12}, {}}, one{DType::kF32, {1}, {}}, three{DType::kF32, {3}, {}};
  EXPECT_NE(error_of(Normalize{Kind::kStandard, 3, 1, 0}.infer(std::vector{x, one, one})).find("axis 3"),
            std::string::npos);
  EXPECT_NE(error_of(Normalize{Kind::kStandard, 2, 5, 0}.infer(std::vector{x, one, one})).find("5 groups"),
            std::string::npos);
  EXPECT_NE(error_of(Normalize{Kind::kStandard, 2, 1, -1}.infer(std::vector{x, one, one})).find("epsilon"),
            std::string::npos);
  EXPECT_NE(error_of(Normalize{Kind::kStandard, 2, 1, 0}.infer(std::vector{x, one, three})).find("shift has shape 3"),
            std::string::npos);
}

// N7.2: 16-bit sums of more elements than fit are refused with the way out.
TEST(Normalize, RefusesRunsOf16BitCodesThatAreTooLong) {
  const TensorType x{DType::kU16, {1, 40000}, QuantParams::per_tensor(0.001f, 0)};
  const Tensor one = Tensor::of<float>({1}, {1});
  const Tensor codes{x, std::make_shared<Bytes>(x.bytes())};
  const std::string text = error_of(run_steps(Normalize{Kind::kStandard, 1, 1, 1e-5f}, {codes, one, one}, x, 1));
  EXPECT_NE(text.find("40000 16-bit codes"), std::string::npos) << text;
}

}  // namespace
}  // namespace graupel
