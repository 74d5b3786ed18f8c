// Imports of ONNX operators on images and matrices, with values worked out by hand.
#include "ops/import_testing.h"

namespace graupel {
namespace {

using namespace testing;

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

// Two channels of a 1x3 image.
const Tensor kImage = Tensor::of<float>({1, 2, 1, 3}, {1, 2, 3, 10, 20, 30});

TEST(ImportConv, ReordersWeightsAndFillsAnAbsentBias) {
  // O = 2: the first output copies channel 1, the second subtracts the left neighbour in channel 0.
  OneNode node("Conv", 11);
  node.input(kImage).file_constant(Tensor::of<float>({2, 2, 1, 2}, {0, 0, 0, 1, -1, 1, 0, 0}));
  expect_values(node, {1, 2, 1, 2}, {20, 30, 1, 1});
}

TEST(ImportConv, PutsTheOddPaddingWhereAutoPadSays) {
  const auto sums = [](const char* auto_pad) {
    OneNode node("Conv", 11);
    node.input(Tensor::of<float>({1, 1, 1, 3}, {1, 2, 3})).file_constant(Tensor::of<float>({1, 1, 1, 2}, {1, 1}));
    node.set("auto_pad", std::string(auto_pad));
    return floats_of(*node.run());
  };
  EXPECT_EQ(sums("SAME_UPPER"), (std::vector<float>{3, 5, 3}));
  EXPECT_EQ(sums("SAME_LOWER"), (std::vector<float>{1, 3, 5}));
  EXPECT_EQ(sums("VALID"), (std::vector<float>{3, 5}));
}

TEST(ImportConv, TreatsOneSpatialAxisAsHeightOne) {
  OneNode node("Conv", 13);
  node.input(Tensor::of<float>({1, 1, 4}, {1, 2, 3, 4})).file_constant(Tensor::of<float>({1, 1, 2}, {1, 10}));
  node.set("pads", Ints{1, 0}).set("strides", Ints{2});
  expect_values(node, {1, 1, 2}, {10, 32});
}

TEST(ImportConv, RefusesWhatItCannotMean) {
  OneNode computed("Conv", 11);
  computed.input(kImage).input(Tensor::of<float>({1, 2, 1, 1}, {1, 1}));
  expect_refused(computed, "input 1 (weights) is computed at run time");
  OneNode padded("Conv", 11);
  padded.input(kImage).file_constant(Tensor::of<float>({1, 2, 1, 1}, {1, 1})).set("pads", Ints{0, -1, 0, 0});
  expect_refused(padded, "attribute pads holds -1");
  OneNode grouped("Conv", 11);
  grouped.input(kImage).file_constant(Tensor::of<float>({1, 2, 1, 1}, {1, 1})).set("group", int64_t{7});
  expect_refused(grouped, "attribute group is 7 for 2 input channels");
}

TEST(ImportConvTranspose, CountsOutputsThroughTheGroups) {
  OneNode node("ConvTranspose", 11);
  node.input(kImage).file_constant(Tensor::of<float>({2, 1, 1, 1}, {2, 3})).set("group", int64_t{2});
  expect_values(node, {1, 2, 1, 3}, {2, 4, 6, 30, 60, 90});
}

TEST(ImportConvTranspose, DropsTheOddElementWhereAutoPadSays) {
  const auto spread = [](const char* auto_pad) {
    OneNode node("ConvTranspose", 11);
    node.input(Tensor::of<float>({1, 1, 1, 2}, {1, 2})).file_constant(Tensor::of<float>({1, 1, 1, 3}, {1, 10, 100}));
    node.set("strides", Ints{1, 2}).set("auto_pad", std::string(auto_pad)).set("output_shape", Ints{1, 4});
    return floats_of(*node.run());
  };
  EXPECT_EQ(spread("SAME_UPPER"), (std::vector<float>{1, 10, 102, 20}));
  EXPECT_EQ(spread("SAME_LOWER"), (std::vector<float>{10, 102, 20, 200}));
}

TEST(ImportGemm, TransposesScalesAndBroadcasts) {
  OneNode node("Gemm", 13);
  node.input(Tensor::of<float>({1, 2}, {1, 2})).file_constant(Tensor::of<float>({3, 2}, {1, 0, 0, 1, 1, 1}));
  node.file_constant(Tensor::of<float>({1}, {10})).set("transB", int64_t{1}).set("alpha", 2.0f).set("beta", 0.5f);
  expect_values(node, {1, 3}, {7, 9, 11});
}

TEST(ImportMatMul, MultipliesTheLastOnnxAxisWhateverTheLayout) {
  OneNode node("MatMul", 13);
  node.input(kImage).file_constant(Tensor::of<float>({3, 1}, {1, 1, 1}));
  expect_values(node, {1, 2, 1, 1}, {6, 60});
  OneNode computed("MatMul", 13);
  computed.input(kImage).input(kImage);
  expect_refused(computed, "have no product: 3 columns meet 1 rows");
}

TEST(ImportBatchNormalization, FoldsItsFourVectors) {
  const auto pair = [](float a, float b) { return Tensor::of<float>({2}, {a, b}); };
  OneNode node("BatchNormalization", 15);
  node.input(kImage).file_constant(pair(2, 1)).file_constant(pair(0, 5)).file_constant(pair(1, 0));
  node.file_constant(pair(4, 1)).set("epsilon", 0.0f);
  expect_values(node, {1, 2, 1, 3}, {0, 1, 2, 15, 25, 35});
}

TEST(ImportPools, ReadKernelsPadsAndModes) {
  OneNode largest("MaxPool", 12);
  largest.input(kImage).set("kernel_shape", Ints{1, 2}).set("strides", Ints{1, 2}).set("ceil_mode", int64_t{1});
  expect_values(largest, {1, 2, 1, 2}, {2, 3, 20, 30});
  OneNode mean("AveragePool", 11);
  mean.input(kImage).set("kernel_shape", Ints{1, 2}).set("pads", Ints{0, 1, 0, 0}).set("count_include_pad", int64_t{1});
  expect_values(mean, {1, 2, 1, 3}, {0.5f, 1.5f, 2.5f, 5, 15, 25});
  OneNode whole("GlobalMaxPool", 11);
  whole.input(kImage);
  expect_values(whole, {1, 2, 1, 1}, {3, 30});
  OneNode indices("MaxPool", 12);
  indices.input(kImage).set("kernel_shape", Ints{1, 2}).outputs({"y", "indices"});
  expect_refused(indices, "output 1 (Indices) is asked for");
}

TEST(ImportReductions, OfEveryKindFindOnnxAxes) {
  const Tensor x = Tensor::of<float>({1, 2, 1, 2}, {1, -2, 3, 4});
  const auto along_channels = [&](const char* op_type) {
    OneNode node(op_type, 13);
    node.input(x).set("axes", Ints{1});
    if (std::string_view(op_type) == "ReduceSum") {
      OneNode later(op_type, 13);
      return floats_of(later.input(x).file_constant(s64({1})).run().value());
    }
    return floats_of(node.run().value());
  };
  using Floats = std::vector<float>;
  EXPECT_EQ(along_channels("ReduceSum"), (Floats{4, 2}));
  EXPECT_EQ(along_channels("ReduceMax"), (Floats{3, 4}));
  EXPECT_EQ(along_channels("ReduceMin"), (Floats{1, -2}));
  EXPECT_EQ(along_channels("ReduceL1"), (Floats{4, 6}));
  EXPECT_EQ(along_channels("ReduceSumSquare"), (Floats{10, 20}));
  EXPECT_NEAR(along_channels("ReduceL2")[1], std::sqrt(20.0f), 1e-6f);
  EXPECT_NEAR(along_channels("ReduceLogSum")[0], std::log(4.0f), 1e-6f);
  EXPECT_NEAR(along_channels("ReduceLogSumExp")[1], std::log(std::exp(-2.0) + std::exp(4.0)), 1e-5);
  OneNode nothing("ReduceL2", 18);
  nothing.input(x).set("noop_with_empty_axes", int64_t{1});
  EXPECT_EQ(floats_of(nothing.run().value()), (Floats{1, 2, 3, 4}));
}

TEST(ImportReduceMean, FindsOnnxAxesInTheStoredLayout) {
  OneNode channels("ReduceMean", 13);
  channels.input(kImage).set("axes", Ints{1}).set("keepdims", int64_t{0});
  expect_values(channels, {1, 1, 3}, {5.5f, 11, 16.5f});
  OneNode apart("ReduceMean", 18);
  apart.input(Tensor::of<float>({1, 2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8})).file_constant(s64({1, -2}));
  expect_values(apart, {1, 1, 1, 2}, {4, 5});
  OneNode nothing("ReduceMean", 18);
  nothing.input(kImage).set("noop_with_empty_axes", int64_t{1});
  expect_values(nothing, {1, 2, 1, 3}, floats_of(kImage));
  OneNode global("GlobalAveragePool", 11);
  global.input(kImage);
  expect_values(global, {1, 2, 1, 1}, {2, 20});
}

TEST(ImportResize, TakesScalesOrSizesOfTheSpatialAxes) {
  OneNode scales("Resize", 13);
  scales.input(kImage).absent().file_constant(Tensor::of<float>({4}, {1, 1, 1, 2}));
  scales.set("coordinate_transformation_mode", std::string("asymmetric")).set("nearest_mode", std::string("floor"));
  expect_values(scales, {1, 2, 1, 6}, {1, 1, 2, 2, 3, 3, 10, 10, 20, 20, 30, 30});
  OneNode sizes("Resize", 18);
  sizes.input(kImage).absent().absent().file_constant(s64({5})).set("axes", Ints{3}).set("mode", std::string("linear"));
  sizes.set("coordinate_transformation_mode", std::string("align_corners"));
  expect_values(sizes, {1, 2, 1, 5}, {1, 1.5f, 2, 2.5f, 3, 10, 15, 20, 25, 30});
  OneNode old("Upsample", 7);
  old.input(kImage).set("scales", std::vector<float>{1, 1, 2, 1});
  expect_values(old, {1, 2, 2, 3}, {1, 2, 3, 1, 2, 3, 10, 20, 30, 10, 20, 30});
}

TEST(ImportResize, NamesWhatIsNotSupported) {
  OneNode sinc("Resize", 13);
  sinc.input(kImage).absent().file_constant(Tensor::of<float>({4}, {1, 1, 2, 2})).set("mode", std::string("sinc"));
  expect_refused(sinc, "attribute mode is 'sinc' (supported: nearest, linear, bilinear, cubic)");
  OneNode corners("Resize", 13);
  corners.input(kImage).absent().file_constant(Tensor::of<float>({4}, {1, 1, 1.25f, 1}));
  corners.set("coordinate_transformation_mode", std::string("align_corners"));
  expect_refused(corners, "supported: scales that give whole extents");
}

/// A row of samples 0, 1, 4, 9 as an image.
const Tensor kSquares = Tensor::of<float>({1, 1, 1, 4}, {0, 1, 4, 9});

TEST(ImportResize, TakesOtherFiltersAxisByAxis) {
  OneNode cubic("Resize", 13);
  cubic.input(kSquares).absent().file_constant(Tensor::of<float>({4}, {1, 1, 1, 2})).set("mode", std::string("cubic"));
  cubic.set("coordinate_transformation_mode", std::string("asymmetric")).set("cubic_coeff_a", -0.5f);
  // Keys' cubic with a = -1/2 meets parabolas; beyond the ends the samples go on as they end.
  const Result<Tensor> squares = cubic.run();
  ASSERT_TRUE(squares.ok()) << error_of(squares);
  EXPECT_EQ(floats_of(*squares), (std::vector<float>{0, 0.3125f, 1, 2.25f, 4, 6.6875f, 9, 9.3125f}));
  OneNode shrunk("Resize", 18);
  shrunk.input(kSquares).absent().file_constant(Tensor::of<float>({4}, {1, 1, 1, 0.5f}));
  shrunk.set("mode", std::string("linear")).set("antialias", int64_t{1});
  // Half-pixel samples 0.5 and 2.5 of triangles twice as wide: weights 1/8, 3/8, 3/8, 1/8.
  expect_values(shrunk, {1, 1, 1, 2}, {(0 + 0 + 3 + 4) / 8.0f, (1 + 12 + 27 + 9) / 8.0f});
  OneNode channels("Resize", 13);
  channels.input(Tensor::of<float>({1, 2, 1, 1}, {3, 5})).absent().file_constant(Tensor::of<float>({4}, {1, 2, 1, 1}));
  expect_values(channels, {1, 4, 1, 1}, {3, 3, 5, 5});
}

TEST(ImportResize, CropsARegionAndFillsWhatLiesOutside) {
  OneNode crop("Resize", 13);
  crop.input(Tensor::of<float>({1, 1, 1, 5}, {0, 1, 4, 9, 16}));
  crop.file_constant(Tensor::of<float>({8}, {0, 0, 0, 0.25f, 1, 1, 1, 1.25f}))
      .absent()
      .file_constant(s64({1, 1, 1, 5}));
  crop.set("mode", std::string("linear")).set("coordinate_transformation_mode", std::string("tf_crop_and_resize"));
  crop.set("extrapolation_value", -7.0f);
  expect_values(crop, {1, 1, 1, 5}, {1, 4, 9, 16, -7});
}

TEST(ImportSoftmax, FlattensBeforeOpset13) {
  const Tensor zeros = Tensor::of<float>({1, 2, 1, 2}, {0, 0, 0, 0});
  OneNode flattened("Softmax", 11);
  flattened.input(zeros);
  expect_values(flattened, {1, 2, 1, 2}, {0.25f, 0.25f, 0.25f, 0.25f});
  OneNode one_axis("Softmax", 13);
  one_axis.input(zeros).set("axis", int64_t{1});
  expect_values(one_axis, {1, 2, 1, 2}, {0.5f, 0.5f, 0.5f, 0.5f});
  EXPECT_EQ(one_axis.layers(), 1);
  OneNode outside("Softmax", 13);
  outside.input(zeros).set("axis", int64_t{4});
  expect_refused(outside, "axis 4 of a tensor of 4 extents");
}

}  // namespace
}  // namespace graupel
