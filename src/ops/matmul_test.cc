#include "ops/matmul.h"

#include "ops/import_testing.h"

namespace graupel {
namespace {

using namespace testing;

const MatMul kPlain2{{0, 1}, {0, 1}, {0, 1}};
const MatMul kPlain3{{0, 1, 2}, {0, 1, 2}, {0, 1, 2}};

/// [batch, m, k] x [batch, k, n] in doubles.
std::vector<double> oracle(const Tensor& a, const Tensor& b) {
  const Shape &x = a.type.shape, &y = b.type.shape;
  std::vector<double> out;
  for (int64_t s = 0; s < x[0]; ++s)
    for (int64_t i = 0; i < x[1]; ++i)
      for (int64_t j = 0; j < y[2]; ++j) {
        double sum = 0;
        for (int64_t k = 0; k < x[2]; ++k)
          sum += double{a.as<float>()[static_cast<std::size_t>((s * x[1] + i) * x[2] + k)]} *
                 double{b.as<float>()[static_cast<std::size_t>(((y[0] == 1 ? 0 : s) * x[2] + k) * y[2] + j)]};
        out.push_back(sum);
      }
  return out;
}

/// `tensor` of [batch.., rows, columns] stored in `order`.
Tensor stored(const Tensor& tensor, const std::vector<int>& order) { return transposed(tensor, order); }

void expect_near(const Tensor& out, const std::vector<double>& expected) {
  ASSERT_EQ(out.as<float>().size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) ASSERT_NEAR(out.as<float>()[i], expected[i], 1e-4) << i;
}

TEST(MatMul, MultipliesMatricesOfABatchAndRepeatsExtentsOfOne) {
  const Tensor a = random_reals({3, 5, 40}, 1), b = random_reals({3, 40, 70}, 2), one = random_reals({1, 40, 70}, 3);
  expect_near(evaluate(kPlain3, {a, b}), oracle(a, b));
  expect_near(evaluate(kPlain3, {a, one}), oracle(a, one));
}

// Heads beside their token, as attention has them.
TEST(MatMul, ReadsAndWritesExtentsInAnyOrder) {
  const Tensor a = random_reals({3, 5, 40}, 1), b = random_reals({3, 40, 70}, 2);
  const std::vector<double> expected = oracle(a, b);
  const std::vector<std::vector<int>> orders = {{0, 1, 2}, {1, 0, 2}, {2, 0, 1}, {0, 2, 1}, {1, 2, 0}, {2, 1, 0}};
  for (const auto& of_a : orders)
    for (const auto& of_b : orders)
      for (const auto& of_out : orders) {
        if (of_out.back() == 0) continue;
        const MatMul op{{of_a.begin(), of_a.end()}, {of_b.begin(), of_b.end()}, {of_out.begin(), of_out.end()}};
        const Tensor out = evaluate(op, {stored(a, of_a), stored(b, of_b)});
        std::vector<int> back(3);
        for (int i = 0; i < 3; ++i) back[static_cast<std::size_t>(of_out[static_cast<std::size_t>(i)])] = i;
        expect_near(transposed(out, back), expected);
      }
}

// N10.1
TEST(MatMul, HasTheSameBitsForAnyThreadsAndInstructionSet) {
  const Tensor a = random_reals({5, 67, 33}, 1), b = random_reals({5, 33, 66}, 2);
  const auto all = floats_of(evaluate(kPlain3, {a, b}, 1, Isa::kRef));
  for (const int threads : {1, 2, 3})
    for (const Isa isa : {Isa::kRef, Isa::kAvx2, detected_isa()}) {
      if (isa > detected_isa()) continue;
      EXPECT_EQ(floats_of(evaluate(kPlain3, {a, b}, threads, isa)), all);
    }
}

// N4.3
TEST(MatMul, LowersToStepsWithinHalfAStepOfTheFloats) {
  const std::vector<std::vector<int>> orders = {{0, 1, 2}, {1, 0, 2}, {0, 2, 1}, {2, 0, 1}};
  for (uint32_t seed = 1; seed <= 32; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    const Tensor a = quantized(random_reals({2, static_cast<int64_t>(seed % 9) + 1, 30}, seed), 0.008f, 100);
    const Tensor b = quantized(random_reals({2, 30, static_cast<int64_t>(seed * 7 % 80) + 1}, seed + 1), 0.009f, 140);
    const auto &of_a = orders[seed % 4], &of_b = orders[seed / 4 % 4], &of_out = orders[seed / 2 % 4];
    const MatMul op{{of_a.begin(), of_a.end()}, {of_b.begin(), of_b.end()}, {of_out.begin(), of_out.end()}};
    const std::vector<Tensor> codes = {stored(a, of_a), stored(b, of_b)};
    const Tensor real = evaluate(op, {dequantized(codes[0]), dequantized(codes[1])});
    const Tensor back = dequantized(run_quantized(op, codes, QuantParams::per_tensor(0.05f, 128), 2));
    float largest = 0;
    for (std::size_t i = 0; i < real.as<float>().size(); ++i)
      largest =
          std::max(largest, std::abs(std::clamp(real.as<float>()[i], -128 * 0.05f, 127 * 0.05f) - back.as<float>()[i]));
    EXPECT_LE(largest, 0.501f * 0.05f);
  }
}

TEST(MatMul, RefusesExtentsThatDoNotMeetAndSumsBeyondTheAccumulator) {
  const auto type = [](Shape shape) { return TensorType{DType::kU8, std::move(shape), QuantParams::per_tensor(1, 0)}; };
  const std::vector<TensorType> in = {type({2, 5}), type({4, 3})};
  EXPECT_NE(error_of(kPlain2.infer(in)).find("5 columns meet 4 rows"), std::string::npos);
  const std::vector<TensorType> batch = {type({2, 3, 5}), type({4, 5, 3})};
  EXPECT_NE(error_of(kPlain3.infer(batch)).find("batch extent 0 is 2 and 4"), std::string::npos);
  const std::vector<TensorType> long_in = {type({1, 40000}), type({40000, 1})};
  const TensorType out{DType::kU8, {1, 1}, QuantParams::per_tensor(1000, 0)};
  const std::vector<const Tensor*> none(2, nullptr);
  Constants sink;
  EXPECT_NE(error_of(kPlain2.lower({long_in, out, none, sink})).find("N4.3"), std::string::npos);
}

// Imports.

Tensor counted(Shape shape) {
  auto [tensor, data] = Tensor::make<float>(std::move(shape));
  for (int64_t i = 0; i < element_count(tensor.type.shape); ++i) data[i] = static_cast<float>(i % 7 - 3);
  return tensor;
}

void expect_values(OneNode& node, const Shape& shape, const std::vector<float>& values) {
  const Result<Tensor> out = node.run();
  ASSERT_TRUE(out.ok()) << error_of(out);
  EXPECT_EQ(out->type.shape, shape);
  EXPECT_EQ(floats_of(*out), values);
}

/// Of small integers, so that every order of sums gives one value. a [batch, m, k], b [batch or 1, k, n].
std::vector<float> product_of(const Tensor& a, const Tensor& b) {
  const std::vector<double> sums = oracle(a, b);
  return {sums.begin(), sums.end()};
}

TEST(MatMulImport, TakesMatricesVectorsAndBatches) {
  const Tensor a = counted({1, 2, 3}), b = counted({1, 3, 4}), heads_a = counted({6, 4, 5}),
               heads_b = counted({6, 5, 3});
  expect_values(OneNode("MatMul", 13).input(a.reshaped({2, 3})).input(b.reshaped({3, 4})), {2, 4}, product_of(a, b));
  expect_values(OneNode("MatMul", 13).input(heads_a.reshaped({2, 3, 4, 5})).input(heads_b.reshaped({2, 3, 5, 3})),
                {2, 3, 4, 3}, product_of(heads_a, heads_b));
  const Tensor row = counted({1, 1, 3}), column = counted({1, 3, 1});
  expect_values(OneNode("MatMul", 13).input(row.reshaped({3})).input(b.reshaped({3, 4})), {4}, product_of(row, b));
  expect_values(OneNode("MatMul", 13).input(a.reshaped({2, 3})).input(column.reshaped({3})), {2},
                product_of(a, column));
  expect_values(OneNode("MatMul", 13).input(row.reshaped({3})).input(column.reshaped({3})), {},
                product_of(row, column));
}

TEST(MatMulImport, TakesAConstantOnEitherSide) {
  const Tensor a = counted({1, 2, 3}), b = counted({1, 3, 4}), heads_a = counted({3, 4, 5}),
               heads_b = counted({3, 5, 2});
  expect_values(OneNode("MatMul", 13).input(a.reshaped({2, 3})).file_constant(b.reshaped({3, 4})), {2, 4},
                product_of(a, b));
  expect_values(OneNode("MatMul", 13).file_constant(a.reshaped({2, 3})).input(b.reshaped({3, 4})), {2, 4},
                product_of(a, b));
  expect_values(OneNode("MatMul", 13).file_constant(heads_a).input(heads_b), {3, 4, 2}, product_of(heads_a, heads_b));
  expect_values(OneNode("MatMul", 13).input(heads_a.reshaped({1, 3, 4, 5})).file_constant(heads_b), {1, 3, 4, 2},
                product_of(heads_a, heads_b));
}

TEST(GemmImport, TransposesScalesAndAdds) {
  const Tensor a = counted({1, 2, 3}), b = counted({1, 3, 4});
  const Tensor at = transposed(a.reshaped({2, 3}), std::vector{1, 0}),
               bt = transposed(b.reshaped({3, 4}), std::vector{1, 0});
  std::vector<float> expected = product_of(a, b);
  for (std::size_t i = 0; i < expected.size(); ++i) expected[i] = 2 * expected[i] + 3 * static_cast<float>(i % 4);
  const Tensor c = Tensor::of<float>({4}, {0, 1, 2, 3});
  const auto check = [&](OneNode& node) {
    node.set("alpha", 2.0f).set("beta", 3.0f).set("transA", int64_t{1}).set("transB", int64_t{1});
    expect_values(node, {2, 4}, expected);
  };
  check(OneNode("Gemm", 13).input(at).input(bt).input(c));
  check(OneNode("Gemm", 13).input(at).file_constant(bt).file_constant(c));
  check(OneNode("Gemm", 13).file_constant(at).input(bt).input(c));
  check(OneNode("Gemm", 13).input(at).file_constant(bt).input(c.reshaped({1, 4})));
}

TEST(EinsumImport, MultipliesAsTheLettersSay) {
  const Tensor a = counted({2, 4, 5}), b = counted({2, 5, 3});
  const std::vector<float> expected = product_of(a, b);
  const auto permuted = [](const Tensor& t, std::vector<int> order) { return transposed(t, order); };
  expect_values(OneNode("Einsum", 12).set("equation", std::string("bij,bjk->bik")).input(a).input(b), {2, 4, 3},
                expected);
  expect_values(
      OneNode("Einsum", 12).set("equation", std::string("bij,bkj->bik")).input(a).input(permuted(b, {0, 2, 1})),
      {2, 4, 3}, expected);
  expect_values(OneNode("Einsum", 12).set("equation", std::string("...ij, ...jk")).input(a).input(b), {2, 4, 3},
                expected);
  expect_values(OneNode("Einsum", 12)
                    .set("equation", std::string("bihd,bjhd->bhij"))
                    .input(permuted(a, {1, 0, 2}).reshaped({1, 4, 2, 5}))
                    .input(permuted(b, {2, 0, 1}).reshaped({1, 3, 2, 5})),
                {1, 2, 4, 3}, expected);
}

TEST(EinsumImport, MergesExtentsOfOneRoleAndTakesConstants) {
  const Tensor a = counted({1, 12, 10}), b = counted({1, 10, 6});
  const std::vector<float> expected = product_of(a, b);
  for (const bool constant : {false, true}) {
    OneNode node("Einsum", 12);
    node.set("equation", std::string("abcd,cdxy->abxy")).input(a.reshaped({3, 4, 2, 5}));
    if (constant)
      node.file_constant(b.reshaped({2, 5, 3, 2}));
    else
      node.input(b.reshaped({2, 5, 3, 2}));
    expect_values(node, {3, 4, 3, 2}, expected);
  }
}

TEST(EinsumImport, RefusesWhatIsNoProduct) {
  const auto refused = [](const std::string& equation) {
    return error_of(
        OneNode("Einsum", 12).set("equation", equation).input(counted({2, 2})).input(counted({2, 2})).run());
  };
  EXPECT_NE(refused("ii,ij->ij").find("names an extent twice"), std::string::npos);
  EXPECT_NE(refused("ij,jk->i").find("summed up alone"), std::string::npos);
  EXPECT_NE(refused("ij,jk->ikz").find("which no operand has"), std::string::npos);
  EXPECT_NE(refused("ijk,jk->i").find("names 3 extents of an operand that has 2"), std::string::npos);
}

}  // namespace
}  // namespace graupel
