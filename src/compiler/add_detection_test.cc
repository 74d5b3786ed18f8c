#include "compiler/add_detection.h"

#include <gtest/gtest.h>

#include "ir/graph_testing.h"

namespace graupel {
namespace {

/// A picture of 64 x 96 and convolutions that stand for heads: `stride` pixels a cell.
class Heads {
 public:
  Heads() : builder_(graph) {
    graph.name = "net";
    image_ = builder_.input("input_layer1", {1, 64, 96, 3});
  }
  ValueId conv(const std::string& name, int32_t stride, int64_t channels) {
    Conv op;
    op.window.kernel_h = op.window.kernel_w = op.window.stride_h = op.window.stride_w = stride;
    const ValueId weights = builder_.constant(random_tensor({stride, stride, 3, channels}, 1), name + "/kernel");
    const ValueId bias = builder_.constant(random_tensor({channels}, 2), name + "/bias");
    return builder_.layer(name, op, {image_, weights, bias});
  }
  void head(const std::string& name, int32_t stride, int64_t channels) {
    builder_.output(conv(name, stride, channels));
  }
  void sigmoid_head(const std::string& name, int32_t stride, int64_t channels) {
    builder_.output(
        builder_.layer(name + "_activation", Unary{UnaryKind::kSigmoid, 0, 0}, {conv(name, stride, channels)}));
  }
  /// x * sigmoid(x), in two layers that are part of `name`.
  void gated_output(const std::string& name, ValueId x) {
    const ValueId gate = builder_.layer(name + "_activation", Unary{UnaryKind::kSigmoid, 0, 0}, {x});
    builder_.output(builder_.layer(name + "_activation_mul", Binary{Binary::Kind::kMul, {}}, {x, gate}));
  }
  Graph graph;

 private:
  GraphBuilder builder_;
  ValueId image_;
};

Heads yolov8_heads(int64_t classes) {
  Heads heads;
  int number = 41;
  for (int32_t stride : {8, 16, 32}) {
    heads.head(cat("conv", number++), stride, 64);
    heads.head(cat("conv", number++), stride, classes);
  }
  return heads;
}

const Detect& detect_of(const Graph& graph) { return std::get<Detect>(graph.layers.back().op); }

/// The names of what the detector reads.
std::vector<std::string> inputs_of(const Graph& graph) {
  std::vector<std::string> names;
  for (ValueId id : graph.layers.back().in) names.push_back(graph[id].name);
  return names;
}

TEST(AddDetection, HeadsOfYolov8AreInferredAndScoresGetASigmoid) {
  Heads heads = yolov8_heads(7);
  const Result<DetectionSummary> summary = add_detection(heads.graph, DetectArch::kYolov8, {});
  ASSERT_TRUE(summary.ok()) << summary.error().text();
  EXPECT_EQ(summary->layer, "yolov8_nms_postprocess");
  EXPECT_EQ(summary->heads, (std::vector<std::string>{"conv41", "conv42", "conv43", "conv44", "conv45", "conv46"}));
  EXPECT_EQ(summary->sigmoid_layers, (std::vector<std::string>{"conv42", "conv44", "conv46"}));
  ASSERT_EQ(summary->messages.size(), 3u);
  EXPECT_EQ(summary->messages[0], "The activation function of layer conv42 was replaced by a Sigmoid");
  EXPECT_EQ(inputs_of(heads.graph), (std::vector<std::string>{"conv41", "conv42_sigmoid", "conv43", "conv44_sigmoid",
                                                              "conv45", "conv46_sigmoid"}));
  const DetectParams& params = detect_of(heads.graph).params;
  EXPECT_EQ(params.classes, 7);
  EXPECT_EQ(params.bins, 16);
  EXPECT_EQ(params.image_h, 64);
  EXPECT_EQ(params.heads[1].stride, 16);
  ASSERT_EQ(heads.graph.outputs.size(), 1u);
  EXPECT_EQ(heads.graph.output_info[0].origin, "yolov8_nms_postprocess");
  EXPECT_EQ(heads.graph[heads.graph.outputs[0]].type.shape, (Shape{1, 7, 5, 100}));
}

TEST(AddDetection, AGateBehindAPrototypeIsPartOfItsLayer) {
  Heads heads;
  for (int32_t stride : {8, 16, 32}) heads.head(cat("conv", stride), stride, 3 * (5 + 2 + 4));
  const ValueId maps = heads.conv("conv1", 4, 4);
  heads.gated_output("conv1", maps);
  DetectConfig config;
  config.proto.push_back({4, 4, "conv1"});
  const Result<DetectionSummary> summary = add_detection(heads.graph, DetectArch::kYolov5Seg, config);
  ASSERT_TRUE(summary.ok()) << summary.error().text();
  EXPECT_EQ(inputs_of(heads.graph).back(), "conv1_activation_mul");
  EXPECT_EQ(detect_of(heads.graph).params.classes, 2);
  EXPECT_EQ(detect_of(heads.graph).params.prototype_h, 16);
}

TEST(AddDetection, ASigmoidThatIsThereStaysTheOnlyOne) {
  Heads heads;
  heads.head("conv1", 8, 64);
  heads.sigmoid_head("conv2", 8, 5);
  DetectConfig config;
  config.bbox_decoders = {{"one", 8, {}, {}, "", "net/conv1", "conv2", ""}};
  const Result<DetectionSummary> summary = add_detection(heads.graph, DetectArch::kYolov8, config);
  ASSERT_TRUE(summary.ok()) << summary.error().text();
  EXPECT_TRUE(summary->sigmoid_layers.empty());
  EXPECT_EQ(inputs_of(heads.graph), (std::vector<std::string>{"conv1", "conv2_activation"}));
}

TEST(AddDetection, OtherOutputsStayInTheirOrder) {
  Heads heads;
  heads.head("before", 4, 3);
  heads.head("conv1", 8, 64);
  heads.head("between", 4, 2);
  heads.head("conv2", 8, 5);
  DetectConfig config;
  config.bbox_decoders = {{"one", 8, {}, {}, "", "conv1", "conv2", ""}};
  ASSERT_TRUE(add_detection(heads.graph, DetectArch::kYolov8, config).ok());
  std::vector<std::string> names;
  for (ValueId id : heads.graph.outputs) names.push_back(heads.graph[id].name);
  EXPECT_EQ(names, (std::vector<std::string>{"before", "yolov8_nms_postprocess", "between"}));
}

TEST(AddDetection, TheConfigurationIsWhatTheDetectorDoes) {
  Heads heads = yolov8_heads(5);
  DetectConfig config;
  config.nms_scores_th = 0.01f;
  config.nms_iou_th = 0.7f;
  config.max_proposals_per_class = 9;
  config.bbox_decoding_only = true;
  ASSERT_TRUE(add_detection(heads.graph, DetectArch::kYolov8, config).ok());
  const DetectParams& params = detect_of(heads.graph).params;
  EXPECT_EQ(params.score_threshold, 0.01f);
  EXPECT_EQ(params.iou_threshold, 0.7f);
  EXPECT_EQ(params.max_per_class, 9);
  EXPECT_EQ(heads.graph[heads.graph.outputs[0]].type.shape, (Shape{1, 1, 8 * 12 + 4 * 6 + 2 * 3, 9}));
}

TEST(AddDetection, Yolov5HasItsUsualAnchorsAndASigmoidOverAll) {
  Heads heads;
  for (int32_t stride : {32, 8, 16}) heads.head(cat("conv", stride), stride, 3 * (5 + 4));
  const Result<DetectionSummary> summary = add_detection(heads.graph, DetectArch::kYolov5, {});
  ASSERT_TRUE(summary.ok()) << summary.error().text();
  EXPECT_EQ(summary->heads, (std::vector<std::string>{"conv8", "conv16", "conv32"}));
  EXPECT_EQ(summary->sigmoid_layers, summary->heads);
  const DetectParams& params = detect_of(heads.graph).params;
  EXPECT_EQ(params.classes, 4);
  EXPECT_EQ(params.heads[2].anchor_w, (std::vector<float>{116, 156, 373}));
}

TEST(AddDetection, Yolov5SegFindsItsPrototypes) {
  Heads heads;
  heads.head("proto", 4, 32);
  for (int32_t stride : {8, 16, 32}) heads.head(cat("conv", stride), stride, 3 * (5 + 4 + 32));
  const Result<DetectionSummary> summary = add_detection(heads.graph, DetectArch::kYolov5Seg, {});
  ASSERT_TRUE(summary.ok()) << summary.error().text();
  EXPECT_TRUE(summary->sigmoid_layers.empty());
  EXPECT_EQ(inputs_of(heads.graph).back(), "proto");
  EXPECT_EQ(detect_of(heads.graph).params.classes, 4);
  EXPECT_EQ(heads.graph[heads.graph.outputs[0]].type.shape, (Shape{1, 1, 6 + 64 * 96, 100}));
}

TEST(AddDetection, YoloxAndYolov6AndSsdFindTheirHeads) {
  Heads yolox;
  for (int32_t stride : {8, 16}) {
    yolox.sigmoid_head(cat("cls", stride), stride, 6);
    yolox.head(cat("reg", stride), stride, 4);
    yolox.sigmoid_head(cat("obj", stride), stride, 1);
  }
  ASSERT_TRUE(add_detection(yolox.graph, DetectArch::kYolox, {}).ok());
  EXPECT_EQ(inputs_of(yolox.graph), (std::vector<std::string>{"reg8", "cls8_activation", "obj8_activation", "reg16",
                                                              "cls16_activation", "obj16_activation"}));
  Heads yolov6;
  yolov6.head("reg", 8, 4);
  yolov6.head("cls", 8, 80);
  ASSERT_TRUE(add_detection(yolov6.graph, DetectArch::kYolov6, {}).ok());
  EXPECT_EQ(detect_of(yolov6.graph).params.bins, 0);
  Heads ssd;
  ssd.head("reg", 16, 8);
  ssd.sigmoid_head("cls", 16, 2 * 21);
  DetectConfig config;
  config.bbox_decoders = {{"one", 0, {0.1f, 0.2f}, {0.2f, 0.1f}, "", "", "", ""}};
  config.classes = 21;
  config.background_removal = true;
  config.centers_scale_factor = 10.0f;
  config.bbox_dimensions_scale_factor = 5.0f;
  const Result<DetectionSummary> summary = add_detection(ssd.graph, DetectArch::kSsd, config);
  ASSERT_TRUE(summary.ok()) << summary.error().text();
  EXPECT_EQ(detect_of(ssd.graph).params.classes, 20);
  EXPECT_EQ(detect_of(ssd.graph).params.background, 0);
}

TEST(AddDetection, AnSsdWithoutAnchorsIsToldToGiveThem) {
  Heads ssd;
  ssd.head("reg", 16, 8);
  ssd.head("cls", 16, 2 * 21);
  const auto summary = add_detection(ssd.graph, DetectArch::kSsd, {});
  ASSERT_FALSE(summary.ok());
  EXPECT_NE(summary.error().text().find("give \"w\" and \"h\""), std::string::npos) << summary.error().text();
}

TEST(AddDetection, WhatDoesNotFitIsNamedAndTheGraphStays) {
  const auto refusal = [](Heads heads, DetectArch arch, const DetectConfig& config) {
    const std::string before = print_graph(heads.graph);
    const auto summary = add_detection(heads.graph, arch, config);
    EXPECT_EQ(print_graph(heads.graph), before);
    return summary.ok() ? std::string("accepted") : summary.error().text();
  };
  const auto expect = [](const std::string& text, std::string_view part) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
  };
  expect(refusal(yolov8_heads(64), DetectArch::kYolov8, {}), "Cannot infer bbox conv layers automatically: 2 outputs");
  DetectConfig config;
  config.bbox_decoders = {{"one", 8, {}, {}, "", "conv4", "conv42", ""}};
  expect(refusal(yolov8_heads(5), DetectArch::kYolov8, config), "layer 'conv4' (most like it: 'conv4");
  config.bbox_decoders = {{"one", 8, {}, {}, "", "conv41", "conv41", ""}};
  expect(refusal(yolov8_heads(5), DetectArch::kYolov8, config), "layer 'conv41' is no output of the graph");
  config = {};
  config.classes = 80;
  expect(refusal(yolov8_heads(5), DetectArch::kYolov8, config), "0 outputs of 8 rows could be the class scores");
  config = {};
  config.bbox_decoders = {{"one", 8, {}, {}, "", "conv41", "conv42", ""}};
  config.classes = 80;
  expect(refusal(yolov8_heads(5), DetectArch::kYolov8, config), "classes is 80 but the head has 5");
  config.classes = {};
  config.regression_length = 8;
  expect(refusal(yolov8_heads(5), DetectArch::kYolov8, config), "regression_length is 8");
  config.regression_length = {};
  config.image_dims = {640, 640};
  expect(refusal(yolov8_heads(5), DetectArch::kYolov8, config), "does not cover an image of 640 rows");
  expect(refusal(yolov8_heads(5), DetectArch::kYolox, {}), "could be the boxes");
}

}  // namespace
}  // namespace graupel
