// Imports of Add, Sub, Mul, Div, Sum, Min, Max: which layers they become, and their values.
#include "ops/import_testing.h"

namespace graupel {
namespace {

using namespace testing;

// Two channels of a 1x2 image; in the graph it lies N, H, W, C.
const Tensor kImage = Tensor::of<float>({1, 2, 1, 2}, {1, 2, 4, 8});

struct Pair {
  const char* op;
  Tensor constant;
  bool constant_first;
  std::vector<float> values;
  int layers;
};

TEST(ImportPairs, MakeAffineLayersOfConstantsPerChannel) {
  const Tensor one = Tensor::of<float>({}, {2}), channels = Tensor::of<float>({2, 1, 1}, {2, 4});
  const Pair pairs[] = {{"Add", one, false, {3, 4, 6, 10}, 1},       {"Add", channels, true, {3, 4, 8, 12}, 1},
                        {"Sub", channels, false, {-1, 0, 0, 4}, 1},  {"Sub", channels, true, {1, 0, 0, -4}, 1},
                        {"Mul", channels, false, {2, 4, 16, 32}, 1}, {"Div", channels, false, {0.5f, 1, 1, 2}, 1},
                        {"Div", one, true, {2, 1, 0.5f, 0.25f}, 2},  {"Sum", one, false, {3, 4, 6, 10}, 1}};
  for (const Pair& pair : pairs) {
    OneNode node(pair.op, 13);
    if (pair.constant_first) node.file_constant(pair.constant);
    node.input(kImage);
    if (!pair.constant_first) node.file_constant(pair.constant);
    const Result<Tensor> out = node.run();
    ASSERT_TRUE(out.ok()) << pair.op << ": " << error_of(out);
    EXPECT_EQ(floats_of(*out), pair.values) << pair.op;
    EXPECT_EQ(node.layers(), pair.layers) << pair.op;
  }
}

TEST(ImportPairs, BroadcastInTheModelsOrderWhateverTheLayout) {
  // [2] meets the last ONNX extent, W, not the channels that are stored last.
  OneNode node("Mul", 13);
  node.input(kImage).file_constant(Tensor::of<float>({2}, {10, 100}));
  EXPECT_EQ(floats_of(*node.run()), (std::vector<float>{10, 200, 40, 800}));
  OneNode lower_rank("Sub", 13);
  lower_rank.input(Tensor::of<float>({2, 1}, {1, 2}));
  lower_rank.input(kImage);
  const Result<Tensor> expanded = lower_rank.run();
  ASSERT_TRUE(expanded.ok()) << error_of(expanded);
  EXPECT_EQ(expanded->type.shape, (Shape{1, 2, 2, 2}));
  EXPECT_EQ(floats_of(*expanded), (std::vector<float>{0, -1, 1, 0, -3, -7, -2, -6}));
}

TEST(ImportPairs, OfHigherRankConstantsAddExtents) {
  OneNode node("Add", 13);
  node.input(kImage).file_constant(Tensor::of<float>({2, 1, 1, 1, 1}, {0, 10}));
  const Result<Tensor> out = node.run();
  ASSERT_TRUE(out.ok()) << error_of(out);
  EXPECT_EQ(out->type.shape, (Shape{2, 1, 2, 1, 2}));
  EXPECT_EQ(floats_of(*out), (std::vector<float>{1, 2, 4, 8, 11, 12, 14, 18}));
}

TEST(ImportPairs, BoundByAConstantScalar) {
  OneNode least("Max", 13);
  least.file_constant(Tensor::of<float>({1}, {3})).input(kImage).input(kImage);
  EXPECT_EQ(floats_of(*least.run()), (std::vector<float>{3, 3, 4, 8}));
  OneNode most("Min", 13);
  most.input(kImage).file_constant(Tensor::of<float>({}, {3}));
  EXPECT_EQ(floats_of(*most.run()), (std::vector<float>{1, 2, 3, 3}));
}

TEST(ImportPairs, RefuseWhatHasNoFiniteValue) {
  OneNode zero("Div", 13);
  zero.input(kImage).file_constant(Tensor::of<float>({2, 1, 1}, {1, 0}));
  EXPECT_NE(error_of(zero.run()).find("divides by 0"), std::string::npos);
  OneNode nan("Add", 13);
  nan.input(kImage).file_constant(Tensor::of<float>({}, {std::nanf("")}));
  EXPECT_NE(error_of(nan.run()).find("NaN"), std::string::npos);
  OneNode misfit("Add", 13);
  misfit.input(kImage).input(Tensor::of<float>({1, 3, 1, 2}, {1, 2, 3, 4, 5, 6}));
  EXPECT_NE(error_of(misfit.run()).find("broadcast"), std::string::npos);
}

}  // namespace
}  // namespace graupel
