// Imports of comparisons, logic, Where and Trilu.
#include "ops/import_testing.h"

namespace graupel {
namespace {

using namespace testing;

const Tensor kRow = Tensor::of<float>({1, 4}, {-2, 0.5f, 0.5f, 4});

std::vector<float> imported(OneNode& node) {
  const Result<Tensor> out = node.run();
  EXPECT_TRUE(out.ok()) << error_of(out);
  return out.ok() ? floats_of(*out) : std::vector<float>{};
}

std::vector<float> compared(const std::string& op, bool constant_first) {
  OneNode node(op, 13);
  if (constant_first) node.file_constant(Tensor::of<float>({}, {0.5f}));
  node.input(kRow);
  if (!constant_first) node.file_constant(Tensor::of<float>({}, {0.5f}));
  return imported(node);
}

TEST(ImportComparisons, WithAConstantOnEitherSide) {
  using Row = std::vector<float>;
  EXPECT_EQ(compared("Greater", false), (Row{0, 0, 0, 1}));
  EXPECT_EQ(compared("GreaterOrEqual", false), (Row{0, 1, 1, 1}));
  EXPECT_EQ(compared("Less", false), (Row{1, 0, 0, 0}));
  EXPECT_EQ(compared("LessOrEqual", false), (Row{1, 1, 1, 0}));
  EXPECT_EQ(compared("Equal", false), (Row{0, 1, 1, 0}));
  EXPECT_EQ(compared("Greater", true), (Row{1, 0, 0, 0}));
  EXPECT_EQ(compared("LessOrEqual", true), (Row{0, 1, 1, 1}));
}

TEST(ImportComparisons, OfTensorsTakeTheSignOfTheDifference) {
  OneNode node("LessOrEqual", 13);
  node.input(kRow).input(Tensor::of<float>({1, 4}, {-2, 0.25f, 1, 4.5f}));
  EXPECT_EQ(imported(node), (std::vector<float>{1, 0, 1, 1}));
}

TEST(ImportLogic, TreatsTruthAsOneAndZero) {
  const Tensor a = Tensor::of<float>({4}, {0, 0, 1, 1}), b = Tensor::of<float>({4}, {0, 1, 0, 1});
  const auto both = [&](const std::string& op) {
    OneNode node(op, 13);
    node.input(a).input(b);
    return imported(node);
  };
  EXPECT_EQ(both("And"), (std::vector<float>{0, 0, 0, 1}));
  EXPECT_EQ(both("Or"), (std::vector<float>{0, 1, 1, 1}));
  EXPECT_EQ(both("Xor"), (std::vector<float>{0, 1, 1, 0}));
  OneNode node("Not", 13);
  node.input(a);
  EXPECT_EQ(imported(node), (std::vector<float>{1, 1, 0, 0}));
}

TEST(ImportWhere, ChoosesByAConstantOrAComputedCondition) {
  OneNode masked("Where", 13);
  masked.file_constant(Tensor::of<bool>({1, 4}, {true, false, true, false}));
  masked.file_constant(Tensor::of<float>({}, {-100})).input(kRow);
  EXPECT_EQ(imported(masked), (std::vector<float>{-100, 0.5f, -100, 4}));
  OneNode computed("Where", 13);
  computed.input(Tensor::of<float>({1, 4}, {0, 1, 1, 0})).input(kRow).input(Tensor::of<float>({1, 4}, {5, 6, 7, 8}));
  EXPECT_EQ(imported(computed), (std::vector<float>{5, 0.5f, 0.5f, 8}));
  OneNode infinite("Where", 13);
  infinite.input(kRow).file_constant(Tensor::of<float>({}, {-std::numeric_limits<float>::infinity()})).input(kRow);
  EXPECT_NE(error_of(infinite.run()).find("finite"), std::string::npos);
}

TEST(ImportTrilu, KeepsATriangle) {
  const Tensor square = Tensor::of<float>({2, 3}, {1, 2, 3, 4, 5, 6});
  OneNode upper("Trilu", 14);
  upper.input(square);
  EXPECT_EQ(imported(upper), (std::vector<float>{1, 2, 3, 0, 5, 6}));
  OneNode lower("Trilu", 14);
  lower.input(square).file_constant(s64({-1})).set("upper", int64_t{0});
  EXPECT_EQ(imported(lower), (std::vector<float>{0, 0, 0, 4, 0, 0}));
}

TEST(ImportMean, DividesTheSumByTheNumberOfInputs) {
  OneNode node("Mean", 13);
  node.input(kRow).input(kRow).input(Tensor::of<float>({1, 4}, {1, 2, 2, 1}));
  EXPECT_EQ(imported(node), (std::vector<float>{-1, 1, 1, 3}));
}

TEST(ImportCumSum, AddsInOrder) {
  OneNode node("CumSum", 14);
  node.input(kRow).file_constant(s64({1}));
  EXPECT_EQ(imported(node), (std::vector<float>{-2, -1.5f, -1, 3}));
  OneNode reverse("CumSum", 14);
  reverse.input(kRow).file_constant(s64({-1})).set("reverse", int64_t{1}).set("exclusive", int64_t{1});
  EXPECT_EQ(imported(reverse), (std::vector<float>{5, 4.5f, 4, 0}));
}

}  // namespace
}  // namespace graupel
