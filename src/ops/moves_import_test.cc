// Imports of nodes that move elements, judged in ONNX order while images lie N, H, W, C.
#include "ops/import_testing.h"

namespace graupel {
namespace {

using namespace testing;

Tensor counted(Shape shape) {
  auto [tensor, data] = Tensor::make<float>(std::move(shape));
  for (int64_t i = 0; i < element_count(tensor.type.shape); ++i) data[i] = static_cast<float>(i);
  return tensor;
}

void expect_values(OneNode& node, const Shape& shape, const std::vector<float>& values) {
  const Result<Tensor> out = node.run();
  ASSERT_TRUE(out.ok()) << error_of(out);
  EXPECT_EQ(out->type.shape, shape);
  EXPECT_EQ(floats_of(*out), values);
}

void expect_refused(OneNode& node, const std::string& part) {
  const std::string text = error_of(node.run());
  EXPECT_NE(text.find(part), std::string::npos) << "'" << text << "' lacks '" << part << "'";
}

/// `count` split into random extents, some of them 1.
Shape random_factors(std::mt19937& random, int64_t count) {
  Shape shape;
  while (count > 1) {
    int64_t factor = 1 + static_cast<int64_t>(random() % static_cast<uint32_t>(count));
    while (count % factor != 0) --factor;
    shape.push_back(factor);
    count /= factor;
    if (shape.size() > 6) break;
  }
  if (count > 1 || shape.empty()) shape.push_back(count);
  return shape;
}

TEST(ImportReshape, KeepsOnnxOrderOnRandomShapes) {
  for (uint32_t seed = 1; seed <= 400; ++seed) {
    std::mt19937 random(seed);
    const auto extent = [&] { return static_cast<int64_t>(1 + random() % 6); };
    const Tensor x = counted({extent(), extent(), extent(), extent()});
    const Shape shape = random_factors(random, element_count(x.type.shape));
    auto [target, data] = Tensor::make<int64_t>({static_cast<int64_t>(shape.size())});
    std::copy(shape.begin(), shape.end(), data);
    OneNode node("Reshape", 13);
    node.input(x).file_constant(target);
    const Result<Tensor> out = node.run();
    ASSERT_TRUE(out.ok()) << "seed " << seed << ": " << error_of(out);
    ASSERT_EQ(out->type.shape, shape) << "seed " << seed;
    ASSERT_EQ(floats_of(*out), floats_of(x))
        << "seed " << seed << ": " << to_string(x.type.shape) << " to " << to_string(shape);
  }
}

TEST(ImportReshape, ReadsZeroAndMinusOne) {
  const Tensor x = counted({1, 4, 3, 2});
  OneNode node("Reshape", 13);
  node.input(x).file_constant(s64({0, 2, -1, 2}));
  expect_values(node, {1, 2, 6, 2}, floats_of(x));
  OneNode twice("Reshape", 13);
  twice.input(x).file_constant(s64({-1, -1}));
  expect_refused(twice, "-1 once");
  OneNode misfit("Reshape", 13);
  misfit.input(x).file_constant(s64({5, -1}));
  expect_refused(misfit, "cannot become");
  OneNode literal("Reshape", 14);
  literal.input(x).file_constant(s64({0, 24})).set("allowzero", int64_t{1});
  expect_refused(literal, "extent 0");
}

TEST(ImportSqueeze, DropsAndAddsExtentsOfOne) {
  const Tensor x = counted({1, 3, 1, 1});
  OneNode named("Squeeze", 13);
  named.input(x).file_constant(s64({-1}));
  expect_values(named, {1, 3, 1}, {0, 1, 2});
  OneNode all("Squeeze", 11);
  all.input(x);
  expect_values(all, {3}, {0, 1, 2});
  OneNode wrong("Squeeze", 13);
  wrong.input(x).file_constant(s64({1}));
  expect_refused(wrong, "extent 1 is 3");
  OneNode added("Unsqueeze", 13);
  added.input(counted({2, 3})).file_constant(s64({-1, 1}));
  expect_values(added, {2, 1, 3, 1}, {0, 1, 2, 3, 4, 5});
  OneNode flat("Flatten", 13);
  flat.input(counted({1, 2, 2, 2})).set("axis", int64_t{-2});
  expect_values(flat, {2, 4}, {0, 1, 2, 3, 4, 5, 6, 7});
}

TEST(ImportTranspose, MovesNothing) {
  OneNode node("Transpose", 13);
  node.input(counted({1, 2, 2, 3})).set("perm", Ints{0, 3, 1, 2});
  expect_values(node, {1, 3, 2, 2}, {0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11});
  EXPECT_EQ(node.layers(), 0);
  OneNode twice("Transpose", 13);
  twice.input(counted({2, 2})).set("perm", Ints{0, 0});
  expect_refused(twice, "named twice");
}

TEST(ImportSlice, ReadsNegativeAndHugeBounds) {
  const Tensor x = counted({1, 2, 3, 4});
  const auto sliced = [&](int64_t start, int64_t end, int64_t axis, int64_t step) {
    OneNode node("Slice", 13);
    node.input(x).file_constant(s64({start})).file_constant(s64({end}));
    node.file_constant(s64({axis})).file_constant(s64({step}));
    const Result<Tensor> out = node.run();
    return out.ok() ? floats_of(*out) : std::vector<float>{};
  };
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max(), kLeast = std::numeric_limits<int64_t>::min();
  EXPECT_EQ(sliced(-1, kMost, 3, 1), (std::vector<float>{3, 7, 11, 15, 19, 23}));
  EXPECT_EQ(sliced(-1, kLeast, 3, -2), (std::vector<float>{3, 1, 7, 5, 11, 9, 15, 13, 19, 17, 23, 21}));
  EXPECT_EQ(sliced(1, 2, -3, 1), (std::vector<float>{12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23}));
  EXPECT_EQ(sliced(0, kMost, 2, kMost), (std::vector<float>{0, 1, 2, 3, 12, 13, 14, 15}));
  EXPECT_EQ(sliced(kMost, kLeast, 2, kLeast), (std::vector<float>{8, 9, 10, 11, 20, 21, 22, 23}));
  OneNode empty("Slice", 9);
  empty.input(x).set("starts", Ints{2}).set("ends", Ints{2});
  expect_refused(empty, "is empty");
  OneNode whole("Slice", 9);
  whole.input(x).set("starts", Ints{0, 0}).set("ends", Ints{1, 2});
  expect_values(whole, {1, 2, 3, 4}, floats_of(x));
  EXPECT_EQ(whole.layers(), 0);
}

TEST(ImportSplit, FindsItsPartsInThreeWays) {
  const Tensor x = counted({1, 3, 1, 2});
  OneNode attribute("Split", 11);
  attribute.input(x).outputs({"y", "z"}).set("axis", int64_t{1}).set("split", Ints{1, 2});
  expect_values(attribute, {1, 1, 1, 2}, {0, 1});
  OneNode input("Split", 13);
  input.input(x).file_constant(s64({2, 1})).outputs({"y", "z"}).set("axis", int64_t{-3});
  expect_values(input, {1, 2, 1, 2}, {0, 1, 2, 3});
  OneNode uneven("Split", 18);
  uneven.input(x).outputs({"y", "z"}).set("axis", int64_t{1}).set("num_outputs", int64_t{2});
  expect_values(uneven, {1, 2, 1, 2}, {0, 1, 2, 3});
  OneNode wrong("Split", 13);
  wrong.input(x).file_constant(s64({2, 2})).outputs({"y", "z"}).set("axis", int64_t{1});
  expect_refused(wrong, "2x2");
}

TEST(ImportSplit, APartOfNoElementsIsAnEmptyConstant) {
  const Tensor x = counted({1, 3, 1, 2});
  OneNode rest("Split", 18);
  rest.input(x).file_constant(s64({3, 0})).outputs({"y", "z"}).set("axis", int64_t{1});
  expect_values(rest, {1, 3, 1, 2}, floats_of(x));
  EXPECT_EQ(rest.layers(), 0);
  OneNode first("Split", 18);
  first.input(x).file_constant(s64({0, 3})).outputs({"y", "z"}).set("axis", int64_t{1});
  expect_values(first, {1, 0, 1, 2}, {});
  OneNode negative("Split", 18);
  negative.input(x).file_constant(s64({4, -1})).outputs({"y", "z"}).set("axis", int64_t{1});
  expect_refused(negative, "4x-1");
}

TEST(ImportConcat, JoinsInTheFirstComputedInputsLayout) {
  OneNode node("Concat", 13);
  node.file_constant(Tensor::of<float>({1, 1, 1, 2}, {8, 9})).input(counted({1, 2, 1, 2})).set("axis", int64_t{-3});
  expect_values(node, {1, 3, 1, 2}, {8, 9, 0, 1, 2, 3});
  OneNode ranks("Concat", 13);
  ranks.input(counted({1, 2, 1, 2})).input(counted({1, 2, 2})).set("axis", int64_t{1});
  expect_refused(ranks, "1x2x2");
}

TEST(ImportPad, PlacesAmountsInTheStoredLayout) {
  OneNode node("Pad", 18);
  node.input(Tensor::of<float>({1, 1, 1, 2}, {1, 2})).file_constant(s64({1, 0, 0, 2}));
  node.file_constant(Tensor::of<float>({}, {7})).file_constant(s64({-1, 1}));
  expect_values(node, {1, 3, 1, 3}, {7, 1, 2, 7, 7, 7, 7, 7, 7});
}

TEST(ImportPad, ContinuesByMirroringOrByRepeatingTheEnds) {
  OneNode reflect("Pad", 11);
  reflect.input(counted({1, 1, 2, 3})).file_constant(s64({0, 0, 1, 2, 0, 0, 0, 1})).set("mode", std::string("reflect"));
  expect_values(reflect, {1, 1, 3, 6}, {5, 4, 3, 4, 5, 4, 2, 1, 0, 1, 2, 1, 5, 4, 3, 4, 5, 4});
  OneNode edge("Pad", 11);
  edge.input(counted({1, 2, 1, 2})).file_constant(s64({0, 1, 0, 2, 0, 0, 0, -1})).set("mode", std::string("edge"));
  expect_values(edge, {1, 3, 1, 3}, {0, 0, 0, 0, 0, 0, 2, 2, 2});
  OneNode far("Pad", 11);
  far.input(counted({1, 1, 2, 2})).file_constant(s64({0, 0, 2, 0, 0, 0, 0, 0})).set("mode", std::string("reflect"));
  expect_refused(far, "reflects 2 and 0 elements of an extent of 2");
  OneNode wrap("Pad", 19);
  wrap.input(counted({1, 1, 2, 2})).file_constant(s64({0, 0, 1, 0, 0, 0, 0, 0})).set("mode", std::string("wrap"));
  expect_refused(wrap, "'wrap' (supported: constant, reflect, edge)");
}

TEST(ImportExpand, RepeatsExtentsOfOne) {
  OneNode same("Expand", 13);
  same.input(counted({1, 2, 1, 2})).file_constant(s64({2, 1, 1}));
  expect_values(same, {1, 2, 1, 2}, {0, 1, 2, 3});
  OneNode more("Expand", 13);
  more.input(counted({1, 2, 1, 2})).file_constant(s64({1, 2, 5, 2}));
  expect_values(more, {1, 2, 5, 2}, {0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 2, 3, 2, 3, 2, 3, 2, 3, 2, 3});
  OneNode rank("Expand", 13);
  rank.input(counted({2, 1})).file_constant(s64({2, 1, 2}));
  expect_values(rank, {2, 2, 2}, {0, 0, 1, 1, 0, 0, 1, 1});
  OneNode misfit("Expand", 13);
  misfit.input(counted({2, 3})).file_constant(s64({2, 6}));
  expect_refused(misfit, "an extent of 3 cannot be expanded to 6");
  OneNode tiles("Tile", 13);
  tiles.input(counted({1, 2, 1, 2})).file_constant(s64({1, 2, 3, 1}));
  expect_values(tiles, {1, 4, 3, 2}, {0, 1, 0, 1, 0, 1, 2, 3, 2, 3, 2, 3, 0, 1, 0, 1, 0, 1, 2, 3, 2, 3, 2, 3});
}

TEST(GatherImport, TakesConstantIndicesInAnyShape) {
  const Tensor x = counted({2, 5});
  OneNode one("Gather", 13);
  one.input(x).file_constant(Tensor::of<int64_t>({}, {-2})).set("axis", int64_t{1});
  expect_values(one, {2}, {3, 8});
  OneNode many("Gather", 13);
  many.input(x).file_constant(Tensor::of<int64_t>({2, 3}, {0, 1, 2, 4, 2, 2})).set("axis", int64_t{1});
  expect_values(many, {2, 2, 3}, {0, 1, 2, 4, 2, 2, 5, 6, 7, 9, 7, 7});
  OneNode image("Gather", 13);
  image.input(counted({1, 3, 1, 2})).file_constant(s64({2, 0})).set("axis", int64_t{1});
  expect_values(image, {1, 2, 1, 2}, {4, 5, 0, 1});
  OneNode outside("Gather", 13);
  outside.input(x).file_constant(s64({5})).set("axis", int64_t{1});
  expect_refused(outside, "index 5 of an extent of 5");
}

}  // namespace
}  // namespace graupel
