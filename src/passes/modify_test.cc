// Tests of what users put in front of and behind a network.
#include "passes/modify.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "ir/evaluate.h"
#include "ir/graph_testing.h"
#include "passes/pipeline.h"

namespace graupel {
namespace {

// Pictures straight to an output, so that what is put in front shows.
Graph copies(Shape picture) {
  Graph graph;
  graph.name = "copies";
  GraphBuilder builder(graph);
  builder.output(builder.layer("copy1", Unary{UnaryKind::kAbs}, {builder.input("input_layer1", std::move(picture))}));
  return graph;
}

// A padded 3x3 convolution of pictures.
Graph padded_conv(Shape picture) {
  Graph graph;
  graph.name = "padded";
  GraphBuilder builder(graph);
  const int64_t channels = picture.back();
  const ValueId x = builder.input("input_layer1", std::move(picture));
  Conv conv;
  conv.window.kernel_h = conv.window.kernel_w = 3;
  conv.window.pad_top = conv.window.pad_left = conv.pad_bottom = conv.pad_right = 1;
  const ValueId w = builder.constant(random_tensor({3, 3, channels, 4}, 1), "conv1/kernel");
  const ValueId b = builder.constant(random_tensor({4}, 2), "conv1/bias");
  builder.output(builder.layer("conv1", conv, {x, w, b}));
  return graph;
}

std::vector<float> run(const Graph& graph, const std::vector<float>& input) {
  Evaluator evaluator(graph, 1, Isa::kRef);
  const Tensor in = Tensor::of<float>(graph[graph.inputs[0]].type.shape, input);
  const auto out = evaluator.run(std::span(&in, 1));
  EXPECT_TRUE(out.ok()) << out.error().text();
  if (!out.ok()) return {};
  const auto values = (*out)[0].as<float>();
  return {values.begin(), values.end()};
}

std::vector<float> pixels(std::size_t count) {
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<float>((i * 37 + 11) % 256);
  return values;
}

void expect_near(const std::vector<float>& a, const std::vector<float>& b, float tolerance) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) ASSERT_NEAR(a[i], b[i], tolerance) << "element " << i;
}

void expect_ok(const Result<std::string>& result, const std::string& name) {
  ASSERT_TRUE(result.ok()) << result.error().text();
  EXPECT_EQ(*result, name);
}

TEST(Normalization, GivesRawPixelsTheMeaningOfNormalizedOnes) {
  Graph graph = padded_conv({1, 4, 4, 3});
  const Graph plain = graph;
  Preprocess& declared = graph.input_info[0].preprocess;
  declared.declared = true;
  const Preprocess pixels_declared = declared;
  declared.scale = 255;
  declared.mean = {0.5f};
  declared.std = {0.2f};
  const std::vector<double> mean{123.675, 116.28, 103.53}, std{58.395, 57.12, 57.375};
  expect_ok(add_normalization(graph, 0, mean, std, "normalization1"), "normalization1");
  EXPECT_EQ(graph.layers[0].name, "normalization1");
  EXPECT_EQ(graph.input_info[0].preprocess, pixels_declared) << "declared pixels stay pixels";
  std::vector<float> raw = pixels(48), normalized(48);
  for (std::size_t i = 0; i < raw.size(); ++i) normalized[i] = static_cast<float>((raw[i] - mean[i % 3]) / std[i % 3]);
  expect_near(run(graph, raw), run(plain, normalized), 1e-4f);
  ASSERT_TRUE(optimize_graph(graph).ok());
  expect_near(run(graph, raw), run(plain, normalized), 1e-4f);
}

TEST(Normalization, WithoutAMeanFoldsIntoAPaddedConvolutionThatRemembersIt) {
  Graph graph = padded_conv({1, 4, 4, 3});
  expect_ok(add_normalization(graph, 0, std::vector<double>{0}, std::vector<double>{255}, "input_normalization"),
            "input_normalization");
  ASSERT_TRUE(optimize_graph(graph).ok());
  ASSERT_EQ(graph.layers.size(), 1u);
  EXPECT_EQ(graph.layers[0].origins, (std::vector<std::string>{"node_conv1", "input_normalization"}));
}

TEST(Normalization, RefusesWhatDoesNotFit) {
  Graph graph = padded_conv({1, 4, 4, 3});
  const std::string before = print_graph(graph);
  EXPECT_FALSE(add_normalization(graph, 0, std::vector<double>{1, 2}, std::vector<double>{1}, "n").ok());
  EXPECT_FALSE(add_normalization(graph, 0, std::vector<double>{1}, std::vector<double>{0}, "n").ok());
  EXPECT_FALSE(add_normalization(graph, 0, std::vector<double>{NAN}, std::vector<double>{1}, "n").ok());
  EXPECT_EQ(print_graph(graph), before);
}

TEST(ReverseChannels, SwapsTheOuterTwoAndVanishesInTheConvolution) {
  Graph graph = padded_conv({1, 4, 4, 3});
  const Graph plain = graph;
  expect_ok(add_normalization(graph, 0, std::vector<double>{1, 2, 3}, std::vector<double>{4, 5, 6}, "norm"), "norm");
  const Graph normalized = graph;
  expect_ok(reverse_channels(graph, 0, "bgr_to_rgb1"), "bgr_to_rgb1");
  EXPECT_EQ(graph.layers[0].name, "bgr_to_rgb1");
  EXPECT_EQ(graph.input_info[0].preprocess.color, Preprocess::Color::kBgr);
  const std::vector<float> rgb = pixels(48);
  std::vector<float> bgr = rgb;
  for (std::size_t i = 0; i < bgr.size(); i += 3) std::swap(bgr[i], bgr[i + 2]);
  EXPECT_EQ(run(graph, bgr), run(normalized, rgb));
  ASSERT_TRUE(optimize_graph(graph).ok());
  for (const Layer& layer : graph.layers) EXPECT_FALSE(std::holds_alternative<Slice>(layer.op)) << layer.name;
  expect_near(run(graph, bgr), run(normalized, rgb), 1e-4f);
}

TEST(Yuv, IsTheInverseOfThePublishedMatrix) {
  Graph to_rgb = copies({1, 2, 2, 3}), to_bgr = copies({1, 2, 2, 3});
  expect_ok(convert_from_yuv(to_rgb, 0, false, "yuv_to_rgb1"), "yuv_to_rgb1");
  expect_ok(convert_from_yuv(to_bgr, 0, true, "yuv_to_bgr1"), "yuv_to_bgr1");
  const std::vector<float> rgb = pixels(12);
  std::vector<float> yuv(12), bgr = rgb;
  for (std::size_t i = 0; i < 12; i += 3) {
    std::swap(bgr[i], bgr[i + 2]);
    for (std::size_t c = 0; c < 3; ++c) {
      double sum = kYuvOffset[c];
      for (std::size_t k = 0; k < 3; ++k) sum += static_cast<double>(rgb[i + k]) * kYuvOfRgb[k][c];
      yuv[i + c] = static_cast<float>(sum);
    }
  }
  expect_near(run(to_rgb, yuv), rgb, 1e-3f);
  expect_near(run(to_bgr, yuv), bgr, 1e-3f);
}

// A picture whose U and V are constant over 2 x 2 pixels, so that no format loses anything.
constexpr int kHeight = 4, kWidth = 6;
float y_at(int h, int w) { return static_cast<float>(10 + h * kWidth + w); }
float u_at(int h, int w) { return static_cast<float>(100 + h / 2 * 10 + w / 2); }
float v_at(int h, int w) { return static_cast<float>(200 + h / 2 * 10 + w / 2); }

std::vector<float> yuv_picture() {
  std::vector<float> values;
  for (int h = 0; h < kHeight; ++h)
    for (int w = 0; w < kWidth; ++w)
      for (float value : {y_at(h, w), u_at(h, w), v_at(h, w)}) values.push_back(value);
  return values;
}

std::vector<float> luma() {
  std::vector<float> values;
  for (int h = 0; h < kHeight; ++h)
    for (int w = 0; w < kWidth; ++w) values.push_back(y_at(h, w));
  return values;
}

void expect_unpacks(PictureFormat format, const Shape& stored, const std::vector<float>& packed) {
  Graph graph = copies({1, kHeight, kWidth, 3});
  expect_ok(unpack_picture(graph, 0, format, "format1"), "format1");
  EXPECT_EQ(graph[graph.inputs[0]].type.shape, stored);
  EXPECT_EQ(graph[graph.inputs[0]].name, "input_layer1");
  EXPECT_EQ(run(graph, packed), yuv_picture());
  ASSERT_TRUE(optimize_graph(graph).ok());
  EXPECT_EQ(run(graph, packed), yuv_picture());
}

TEST(Formats, Nv12) {
  std::vector<float> packed = luma();
  for (int h = 0; h < kHeight; h += 2)
    for (int w = 0; w < kWidth; w += 2) packed.insert(packed.end(), {u_at(h, w), v_at(h, w)});
  expect_unpacks(PictureFormat::kNv12, {1, kHeight / 2, kWidth, 3}, packed);
}

TEST(Formats, I420) {
  std::vector<float> packed = luma();
  for (auto* plane : {&u_at, &v_at})
    for (int h = 0; h < kHeight; h += 2)
      for (int w = 0; w < kWidth; w += 2) packed.push_back((*plane)(h, w));
  expect_unpacks(PictureFormat::kI420, {1, kHeight / 2, kWidth, 3}, packed);
}

TEST(Formats, Yuy2) {
  std::vector<float> packed;
  for (int h = 0; h < kHeight; ++h)
    for (int w = 0; w < kWidth; ++w) packed.insert(packed.end(), {y_at(h, w), w % 2 == 0 ? u_at(h, w) : v_at(h, w)});
  expect_unpacks(PictureFormat::kYuy2, {1, kHeight, kWidth, 2}, packed);
}

TEST(Formats, Rgbx) {
  std::vector<float> packed;
  const std::vector<float> picture = yuv_picture();
  for (std::size_t i = 0; i < picture.size(); i += 3)
    packed.insert(packed.end(), {picture[i], picture[i + 1], picture[i + 2], 77.0f});
  expect_unpacks(PictureFormat::kRgbx, {1, kHeight, kWidth, 4}, packed);
}

TEST(Formats, RefuseOddPictures) {
  Graph graph = copies({1, 3, 4, 3});
  EXPECT_FALSE(unpack_picture(graph, 0, PictureFormat::kNv12, "format1").ok());
  EXPECT_TRUE(unpack_picture(graph, 0, PictureFormat::kYuy2, "format1").ok());
}

TEST(ResizeInput, TakesPicturesOfTheGivenSize) {
  Graph graph = copies({1, 2, 2, 1});
  expect_ok(resize_input(graph, 0, 4, 4, Resize::Mode::kLinear, Resize::Coordinates::kHalfPixel, "resize1"), "resize1");
  EXPECT_EQ(graph[graph.inputs[0]].type.shape, (Shape{1, 4, 4, 1}));
  EXPECT_EQ(run(graph, {0, 2, 4, 6, 0, 2, 4, 6, 8, 8, 8, 8, 8, 8, 8, 8}), (std::vector<float>{1, 5, 8, 8}));
}

TEST(TransposeNetwork, TurnsInputAndImageOutputs) {
  Graph graph = padded_conv({1, 2, 3, 1});
  const std::vector<float> picture = pixels(6);
  const std::vector<float> plain = run(graph, picture);
  ASSERT_TRUE(transpose_network(graph, 0).ok());
  EXPECT_EQ(graph[graph.inputs[0]].type.shape, (Shape{1, 3, 2, 1}));
  EXPECT_EQ(graph[graph.outputs[0]].type.shape, (Shape{1, 3, 2, 4}));
  const std::vector<float> turned =
      run(graph, {picture[0], picture[3], picture[1], picture[4], picture[2], picture[5]});
  for (std::size_t h = 0; h < 2; ++h)
    for (std::size_t w = 0; w < 3; ++w)
      for (std::size_t c = 0; c < 4; ++c) EXPECT_EQ(turned[(w * 2 + h) * 4 + c], plain[(h * 3 + w) * 4 + c]);
}

TEST(OutputActivation, IsAddedReplacedAndTakenAway) {
  Graph graph = conv_chain();
  const std::vector<float> x = {0.1f, -0.7f, 0.3f, 0.9f, -0.2f, 0.4f, 0.8f, -0.5f};
  expect_ok(set_output_activation(graph, 0, Unary{UnaryKind::kIdentity}), "conv1");
  ASSERT_EQ(graph.layers.size(), 1u);
  const std::vector<float> linear = run(graph, x);
  expect_ok(set_output_activation(graph, 0, Unary{UnaryKind::kSigmoid}), "activation_conv1");
  expect_ok(set_output_activation(graph, 0, Unary{UnaryKind::kTanh}), "activation_conv1");
  ASSERT_EQ(graph.layers.size(), 2u);
  const std::vector<float> tanh = run(graph, x);
  for (std::size_t i = 0; i < tanh.size(); ++i) EXPECT_NEAR(tanh[i], std::tanh(linear[i]), 1e-6f);
}

TEST(OutputActivation, LeavesOtherReadersAlone) {
  Graph graph = conv_chain();
  GraphBuilder builder(graph);
  builder.output(builder.layer("activation2", Unary{UnaryKind::kNeg}, {graph.outputs[0]}));
  const std::vector<float> x(8, 1.0f);
  Graph only_second = graph;
  only_second.outputs.erase(only_second.outputs.begin());
  only_second.output_info.erase(only_second.output_info.begin());
  const std::vector<float> before = run(only_second, x);
  expect_ok(set_output_activation(graph, 0, Unary{UnaryKind::kSigmoid}), "activation_conv1");
  graph.outputs.erase(graph.outputs.begin());
  graph.output_info.erase(graph.output_info.begin());
  EXPECT_EQ(run(graph, x), before);
}

TEST(Softmax, StandsBehindTheOutput) {
  Graph graph = conv_chain();
  expect_ok(add_softmax(graph, 0, -1, "logits_layer1"), "logits_layer1");
  const std::vector<float> y = run(graph, std::vector<float>(8, 0.5f));
  EXPECT_NEAR(y[0] + y[1] + y[2], 1, 1e-6f);
  EXPECT_FALSE(add_softmax(graph, 0, 4, "logits_layer2").ok());
}

TEST(ArgMax, StandsBehindTheOutput) {
  Graph graph = conv_chain();
  const std::vector<float> x(8, 0.5f), y = run(graph, x);
  expect_ok(add_argmax(graph, 0, -1, "logits_layer1"), "logits_layer1");
  const std::vector<float> index = run(graph, x);
  ASSERT_EQ(index.size() * 3, y.size());
  EXPECT_EQ(index[0], static_cast<float>(std::max_element(y.begin(), y.begin() + 3) - y.begin()));
  EXPECT_FALSE(add_argmax(graph, 0, 4, "logits_layer2").ok());
}

TEST(RemoveLayer, OnlyWhereTheShapeStays) {
  Graph graph = conv_chain();
  EXPECT_FALSE(remove_layer(graph, "conv1").ok());
  EXPECT_FALSE(remove_layer(graph, "conv2").ok());
  ASSERT_TRUE(remove_layer(graph, "activation1").ok());
  EXPECT_EQ(graph.layers.size(), 1u);
}

}  // namespace
}  // namespace graupel
