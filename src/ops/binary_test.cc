#include "ops/binary.h"

#include "ops/broadcast.h"
#include "ops/op_testing.h"

namespace graupel {
namespace {

using namespace testing;

using Kind = Binary::Kind;

int pick(std::mt19937& random, int low, int high) {
  return low + static_cast<int>(random() % static_cast<uint32_t>(high - low + 1));
}

float combined(Kind kind, float a, float b) {
  switch (kind) {
    case Kind::kAdd: return a + b;
    case Kind::kSub: return a - b;
    case Kind::kMul: return a * b;
    case Kind::kDiv: return a / b;
    case Kind::kMin: return std::min(a, b);
    case Kind::kMax: return std::max(a, b);
  }
  return 0;
}

/// Element `index` of a result of shape `out`, read from an operand that broadcasts to it.
float element(const Tensor& tensor, const Shape& out, int64_t index) {
  const Shape& shape = tensor.type.shape;
  int64_t at = 0, stride = 1;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::size_t axis = out.size() - 1 - i;
    const int64_t digit = index % out[axis];
    index /= out[axis];
    if (i >= shape.size()) continue;
    const int64_t extent = shape[shape.size() - 1 - i];
    if (extent != 1) at += digit * stride;
    stride *= extent;
  }
  return tensor.as<float>()[static_cast<std::size_t>(at)];
}

/// Two shapes that broadcast, of rank up to `most`.
std::pair<Shape, Shape> random_shapes(std::mt19937& random, int most) {
  Shape a, b;
  for (int i = pick(random, 0, most); i > 0; --i) {
    const int extent = pick(random, 1, 7), who = pick(random, 0, 3);
    a.push_back(who == 1 ? 1 : extent);
    b.push_back(who == 2 ? 1 : extent);
  }
  const auto drop = static_cast<std::ptrdiff_t>(b.empty() ? 0 : random() % b.size());
  if (pick(random, 0, 1) == 0) b.erase(b.begin(), b.begin() + drop);
  if (pick(random, 0, 1) == 0) std::swap(a, b);
  return {a, b};
}

TEST(Binary, EqualsANaiveBroadcastOnRandomShapes) {
  for (uint32_t seed = 1; seed <= 300; ++seed) {
    std::mt19937 random(seed);
    const auto [shape_a, shape_b] = random_shapes(random, 6);
    const Tensor a = random_reals(shape_a, seed, 1, 2), b = random_reals(shape_b, seed + 1000, 1, 2);
    const Binary op{static_cast<Kind>(pick(random, 0, 5)), {-1, 1.75f}};
    const Tensor out = evaluate(op, {a, b}, pick(random, 1, 3));
    for (int64_t i = 0; i < element_count(out.type.shape); ++i) {
      const float expected = combined(op.kind, element(a, out.type.shape, i), element(b, out.type.shape, i));
      ASSERT_EQ(out.as<float>()[static_cast<std::size_t>(i)], std::clamp(expected, -1.0f, 1.75f)) << "seed " << seed;
    }
  }
}

TEST(Binary, SplitsLargeTensorsWithoutATrace) {
  const Tensor a = random_reals({1, 37, 41, 24}, 1), b = random_reals({24}, 2), c = random_reals({1, 37, 41, 24}, 3);
  for (const Tensor& other : {b, c}) {
    const Tensor one = evaluate(Binary{Kind::kMul, {}}, {a, other}, 1);
    EXPECT_EQ(floats_of(one), floats_of(evaluate(Binary{Kind::kMul, {}}, {a, other}, 4)));
    EXPECT_EQ(one.as<float>()[30000], a.as<float>()[30000] * element(other, a.type.shape, 30000));
  }
}

/// Codes against the float result: at most half a code, plus what the multipliers' 15 bits cost.
void expect_near_float(const Binary& op, const Tensor& a, const Tensor& b, float scale, int32_t zero_point,
                       float most_codes, uint32_t seed) {
  const QuantParams quant = QuantParams::per_tensor(scale, zero_point);
  const Tensor codes = run_quantized(op, {a, b}, quant, 2);
  const Tensor real = evaluate(op, {dequantized(a), dequantized(b)});
  const Tensor got = dequantized(codes);
  const float low = scale * static_cast<float>(-zero_point), high = scale * static_cast<float>(255 - zero_point);
  for (std::size_t i = 0; i < got.as<float>().size(); ++i)
    ASSERT_LE(std::abs(got.as<float>()[i] - std::clamp(real.as<float>()[i], low, high)), most_codes * scale)
        << "seed " << seed << ", element " << i;
}

// N5.1, N5.2
TEST(Binary, LowersWithinHalfACodeOfTheFloatResult) {
  for (uint32_t seed = 1; seed <= 200; ++seed) {
    std::mt19937 random(seed);
    const auto [shape_a, shape_b] = random_shapes(random, 4);
    const float scale_a = 0.001f * static_cast<float>(pick(random, 1, 90));
    const float scale_b = 0.001f * static_cast<float>(pick(random, 1, 90));
    const Tensor a = quantized(random_reals(shape_a, seed, -3, 3), scale_a, pick(random, 0, 255));
    const Tensor b = quantized(random_reals(shape_b, seed + 1000, -3, 3), scale_b, pick(random, 0, 255));
    const Binary op{static_cast<Kind>(pick(random, 0, 2)), {}};
    expect_near_float(op, a, b, 0.001f * static_cast<float>(pick(random, 5, 90)), pick(random, 0, 255), 0.52f, seed);
  }
}

// N5.1: the integer form's multipliers lose the smaller operand beyond a ratio of 2^10.
TEST(Binary, AddsFarScalesInFloat) {
  const Tensor a = quantized(random_reals({1, 5, 5, 40}, 1, -100, 100), 1.0f, 128);
  const Tensor b = quantized(random_reals({1, 5, 5, 40}, 2, -0.05f, 0.05f), 0.0005f, 128);
  const Binary op{Kind::kSub, {}};
  const std::vector<TensorType> in = {a.type, b.type};
  const TensorType out{DType::kU8, {1, 5, 5, 40}, QuantParams::per_tensor(0.9f, 120)};
  const std::vector<const Tensor*> constants = {nullptr, nullptr};
  Constants sink;
  const auto steps = op.lower(LowerContext{in, out, constants, sink});
  ASSERT_TRUE(steps.ok()) << steps.error().text();
  EXPECT_EQ(std::get<BinaryParams>((*steps)[0].params).kind, BinaryKind::kAddFloat);
  expect_near_float(op, a, b, 0.9f, 120, 0.501f, 0);
}

TEST(Binary, GivesTheLargerScaleFifteenBits) {
  const TensorType a{DType::kU8, {1, 2, 2, 8}, QuantParams::per_tensor(0.02f, 3)};
  const TensorType b{DType::kU8, {1, 2, 2, 8}, QuantParams::per_tensor(0.011f, 200)};
  const std::vector<TensorType> in = {a, b};
  const TensorType out{DType::kU8, {1, 2, 2, 8}, QuantParams::per_tensor(0.015f, 99)};
  const std::vector<const Tensor*> constants = {nullptr, nullptr};
  Constants sink;
  const auto steps = Binary{Kind::kSub, {0, 1}}.lower(LowerContext{in, out, constants, sink});
  ASSERT_TRUE(steps.ok()) << steps.error().text();
  const auto& params = std::get<BinaryParams>((*steps)[0].params);
  EXPECT_EQ(params.kind, BinaryKind::kAddInteger);
  EXPECT_GE(params.ma, 1 << 14);
  EXPECT_LT(params.ma, 1 << 15);
  EXPECT_LT(params.mb, 0);
  EXPECT_EQ(params.lo, 99);
  EXPECT_EQ(params.hi, 99 + 67);
  EXPECT_EQ(params.extent, (std::array<int32_t, 4>{1, 2, 2, 8}));
}

// N5.3
TEST(Binary, ComparesCodesOfOneScale) {
  const Tensor a = quantized(random_reals({1, 3, 4, 9}, 1), 0.01f, 100),
               b = quantized(random_reals({9}, 2), 0.01f, 100);
  for (const Kind kind : {Kind::kMin, Kind::kMax}) {
    const Binary op{kind, {}};
    const Tensor codes = run_quantized(op, {a, b}, QuantParams::per_tensor(7, 7), 1);
    EXPECT_EQ(codes.type.quant, a.type.quant);
    EXPECT_EQ(floats_of(dequantized(codes)), floats_of(evaluate(op, {dequantized(a), dequantized(b)})));
  }
  const Tensor other = quantized(random_reals({9}, 2), 0.02f, 100);
  TensorType out = a.type;
  EXPECT_NE(error_of(run_steps(Binary{Kind::kMin, {}}, {a, other}, out, 2)).find("N5.3"), std::string::npos);
}

TEST(Binary, RefusesWhatHasNoMeaning) {
  const TensorType a{DType::kF32, {2, 3}, {}}, b{DType::kF32, {2, 4}, {}};
  EXPECT_NE(error_of(Binary{}.infer(std::vector{a, b})).find("2x3"), std::string::npos);
  const Tensor x = quantized(random_reals({1, 4}, 1), 0.01f, 100);
  TensorType out = x.type;
  EXPECT_NE(error_of(run_steps(Binary{Kind::kDiv, {}}, {x, x}, out, 2)).find("reciprocal"), std::string::npos);
  const Tensor wide = quantized(random_reals({2, 1, 2, 1, 2, 1}, 1), 0.01f, 100);
  const Tensor tall = quantized(random_reals({1, 2, 1, 2, 1, 2}, 1), 0.01f, 100);
  out.shape = {2, 2, 2, 2, 2, 2};
  EXPECT_NE(error_of(run_steps(Binary{}, {wide, tall}, out, 2)).find("supported: 4"), std::string::npos);
}

}  // namespace
}  // namespace graupel
