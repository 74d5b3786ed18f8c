#include "compiler/end_nodes.h"

#include "compiler/model_testing.h"
#include "compiler/nms_config.h"

namespace graupel {
namespace {

ParseOptions named(const std::string& name) {
  ParseOptions options;
  options.name = name;
  return options;
}

/// A picture of 32x32 pixels, and feature maps p8 (4x4 cells) and p16 (2x2); heads are added by name.
struct DetectorBuilder : ModelBuilder {
  DetectorBuilder() {
    input("image", {1, 3, 32, 32});
    constant("w8", counted({4, 3, 8, 8})).constant("w16", counted({4, 4, 2, 2}));
    node("Conv", {"image", "w8"}, "p8", {{"strides", std::vector<int64_t>{8, 8}}});
    node("Conv", {"p8", "w16"}, "p16", {{"strides", std::vector<int64_t>{2, 2}}});
  }
  DetectorBuilder& head(const std::string& name, const std::string& from, int64_t channels) {
    constant(name + "_w", counted({channels, 4, 1, 1}));
    node("Conv", {from, name + "_w"}, name);
    return *this;
  }
  DetectorBuilder& reshape(const std::string& from, const std::string& to, std::vector<int64_t> shape) {
    integers(to + "_shape", std::move(shape));
    node("Reshape", {from, to + "_shape"}, to);
    return *this;
  }
  std::optional<EndNodes> recommended() const { return recommend_end_nodes(model, named("test")); }
  /// The configuration that the graph cut at the recommended nodes implies.
  std::string config() const {
    const auto found = recommended();
    ParseOptions options;
    options.end_nodes = found->nodes;
    return write_detect_config(detect_config_of(*found->detector, graph(options)));
  }
};

DetectorBuilder yolov8(int64_t bins = 16) {
  DetectorBuilder model;
  std::vector<float> count;
  for (int64_t i = 0; i < bins; ++i) count.push_back(static_cast<float>(i));
  model.head("r8", "p8", 4 * bins).head("c8", "p8", 3).head("c16", "p16", 3).head("r16", "p16", 4 * bins);
  for (const std::string level : {"8", "16"}) {
    model.node("Concat", {"r" + level, "c" + level}, "m" + level, {{"axis", int64_t{1}}});
    model.reshape("m" + level, "f" + level, {1, 4 * bins + 3, -1});
  }
  model.node("Concat", {"f8", "f16"}, "all", {{"axis", int64_t{2}}});
  model.integers("parts", {4 * bins, 3});
  model.model.nodes.push_back({"Split", "Split", "", {"all", "parts"}, {"boxes", "scores"}, {{"axis", int64_t{1}}}});
  model.reshape("boxes", "by_bin", {1, 4, bins, -1});
  model.node("Softmax", {"by_bin"}, "share", {{"axis", int64_t{2}}});
  model.node("Transpose", {"share"}, "bins_first", {{"perm", std::vector<int64_t>{0, 2, 1, 3}}});
  model.constant("bins", Tensor::of<float>({1, bins, 1, 1}, count));
  model.node("Conv", {"bins_first", "bins"}, "distance").node("Sigmoid", {"scores"}, "probability");
  model.output("distance").output("probability");
  return model;
}

TEST(EndNodes, AYolov8EndsAtBoxesAndScoresOfEachLevelFinestFirst) {
  const auto found = yolov8().recommended();
  ASSERT_TRUE(found && found->detector);
  EXPECT_EQ(found->nodes, (Names{"Conv_r8", "Conv_c8", "Conv_r16", "Conv_c16"}));
  EXPECT_EQ(found->detector->meta_arch, "yolov8");
  EXPECT_EQ(found->detector->classes, 3);
  EXPECT_EQ(found->detector->bins, 16);
  EXPECT_EQ(found->detector->levels[1].stride, 16);
}

TEST(EndNodes, TheConfigurationNamesTheLayersOfTheParsedGraph) {
  const std::string config = yolov8(8).config();
  for (const std::string part :
       {R"("regression_length": 8)", R"("classes": 3)", R"("nms_scores_th": 0.3)", R"("name": "bbox_decoder3")",
        R"("reg_layer": "conv3")", R"("cls_layer": "conv4")", R"("stride": 16)"})
    EXPECT_NE(config.find(part), std::string::npos) << part << " is not in\n" << config;
}

TEST(EndNodes, ASoftmaxWithoutItsBinsIsNoYolov8) {
  DetectorBuilder model = yolov8();
  model.model.initializers.at("bins") = counted({1, 16, 1, 1});
  const auto found = model.recommended();
  EXPECT_FALSE(found && found->detector);
}

DetectorBuilder yolox() {
  DetectorBuilder model;
  for (const std::string level : {"8", "16"}) {
    model.head("c" + level, "p" + level, 3).head("r" + level, "p" + level, 4).head("o" + level, "p" + level, 1);
    model.node("Sigmoid", {"c" + level}, "cs" + level).node("Sigmoid", {"o" + level}, "os" + level);
    model.node("Concat", {"r" + level, "os" + level, "cs" + level}, "m" + level, {{"axis", int64_t{1}}});
    model.output("m" + level);
  }
  return model;
}

TEST(EndNodes, AYoloxEndsAtTheSigmoidsOfScoresAndObjectness) {
  const auto found = yolox().recommended();
  ASSERT_TRUE(found && found->detector);
  EXPECT_EQ(found->detector->meta_arch, "yolox");
  EXPECT_EQ(found->nodes, (Names{"Sigmoid_cs8", "Conv_r8", "Sigmoid_os8", "Sigmoid_cs16", "Conv_r16", "Sigmoid_os16"}));
  const std::string config = yolox().config();
  for (const std::string part :
       {R"("cls_layer": "conv3")", R"("reg_layer": "conv4")", R"("objectness_layer": "conv5")"})
    EXPECT_NE(config.find(part), std::string::npos) << part << " is not in\n" << config;
}

TEST(EndNodes, OneLevelAloneIsNoYolox) {
  DetectorBuilder model = yolox();
  model.model.outputs.pop_back();
  EXPECT_FALSE(model.recommended().has_value());
}

TEST(EndNodes, AYolov5BringsItsAnchors) {
  DetectorBuilder model;
  for (const std::string level : {"8", "16"}) {
    const int64_t cells = level == "8" ? 4 : 2;
    model.head("e" + level, "p" + level, 2 * 8);
    model.reshape("e" + level, "v" + level, {1, 2, 8, cells, cells});
    model.node("Transpose", {"v" + level}, "t" + level, {{"perm", std::vector<int64_t>{0, 1, 3, 4, 2}}});
    model.node("Sigmoid", {"t" + level}, "s" + level);
    model.constant("a" + level, Tensor::of<float>({1, 2, 1, 1, 2}, {10, 13, 16, 30}));
    model.node("Mul", {"s" + level, "a" + level}, "d" + level).output("d" + level);
  }
  const auto found = model.recommended();
  ASSERT_TRUE(found && found->detector);
  EXPECT_EQ(found->detector->meta_arch, "yolov5");
  EXPECT_EQ(found->detector->classes, 3);
  EXPECT_EQ(found->nodes, (Names{"Conv_e8", "Conv_e16"}));
  EXPECT_EQ(found->detector->levels[0].anchor_w, (std::vector<float>{10, 16}));
  EXPECT_EQ(found->detector->levels[0].anchor_h, (std::vector<float>{13, 30}));
}

/// Three levels that are reshaped and transposed as YOLOv5 does, without any decoding.
DetectorBuilder raw_yolov5(int64_t masks = 0) {
  DetectorBuilder model;
  for (const std::string level : {"8", "16"}) {
    const int64_t cells = level == "8" ? 4 : 2;
    model.head("e" + level, "p" + level, 2 * (8 + masks));
    model.reshape("e" + level, "v" + level, {1, 2, 8 + masks, cells, cells});
    model.node("Transpose", {"v" + level}, "t" + level, {{"perm", std::vector<int64_t>{0, 1, 3, 4, 2}}});
    model.output("t" + level);
  }
  return model;
}

TEST(EndNodes, AYolov5WithoutItsDecodingIsOneToo) {
  const auto found = raw_yolov5().recommended();
  ASSERT_TRUE(found && found->detector);
  EXPECT_EQ(found->detector->meta_arch, "yolov5");
  EXPECT_EQ(found->nodes, (Names{"Conv_e8", "Conv_e16"}));
  EXPECT_EQ(found->detector->classes, 3);
  EXPECT_TRUE(found->detector->levels[0].anchor_w.empty());
}

TEST(EndNodes, AYolov5WithMasksEndsAtItsPrototypesToo) {
  DetectorBuilder model = raw_yolov5(6);
  model.constant("w4", counted({6, 3, 4, 4}));
  model.node("Conv", {"image", "w4"}, "maps", {{"strides", std::vector<int64_t>{4, 4}}});
  model.node("Sigmoid", {"maps"}, "gate").node("Mul", {"maps", "gate"}, "prototypes").output("prototypes");
  const auto found = model.recommended();
  ASSERT_TRUE(found && found->detector);
  EXPECT_EQ(found->detector->meta_arch, "yolov5_seg");
  EXPECT_EQ(found->nodes, (Names{"Conv_e8", "Conv_e16", "Mul_prototypes"}));
  EXPECT_EQ(found->detector->classes, 3);
  EXPECT_EQ(found->detector->levels[1].stride, 16);
  const std::string config = model.config();
  for (const std::string part :
       {R"("number": 6)", R"("stride": 4)", R"("encoded_layer": "conv4")", R"("layer": "conv2")"})
    EXPECT_NE(config.find(part), std::string::npos) << part << " is not in\n" << config;
}

TEST(EndNodes, AYolov6IsKnownByPlainDistances) {
  DetectorBuilder model;
  for (const std::string level : {"8", "16"}) {
    const int64_t cells = level == "8" ? 16 : 4;
    model.head("c" + level, "p" + level, 3).head("r" + level, "p" + level, 4);
    model.node("Sigmoid", {"c" + level}, "s" + level);
    model.reshape("s" + level, "cf" + level, {1, 3, cells}).reshape("r" + level, "rf" + level, {1, 4, cells});
  }
  model.node("Concat", {"cf8", "cf16"}, "scores", {{"axis", int64_t{2}}}).output("scores");
  model.node("Concat", {"rf8", "rf16"}, "distances", {{"axis", int64_t{2}}});
  model.constant("middles", Tensor::of<float>({1, 4, 20}, std::vector<float>(80, 3)));
  model.node("Sub", {"middles", "distances"}, "boxes").output("boxes");
  const auto found = model.recommended();
  ASSERT_TRUE(found && found->detector);
  EXPECT_EQ(found->detector->meta_arch, "yolov6");
  EXPECT_EQ(found->nodes, (Names{"Conv_r8", "Sigmoid_s8", "Conv_r16", "Sigmoid_s16"}));
}

TEST(EndNodes, AnSsdIsKnownByItsLayout) {
  DetectorBuilder model;
  for (const std::string level : {"8", "16"}) {
    model.head("c" + level, "p" + level, 6).head("r" + level, "p" + level, 8);
    for (const std::string kind : {"c", "r"}) {
      model.node("Transpose", {kind + level}, kind + "t" + level, {{"perm", std::vector<int64_t>{0, 2, 3, 1}}});
      model.reshape(kind + "t" + level, kind + "f" + level, {1, -1, kind == "c" ? 3 : 4});
    }
  }
  model.node("Concat", {"cf8", "cf16"}, "scores", {{"axis", int64_t{1}}});
  model.node("Softmax", {"scores"}, "share", {{"axis", int64_t{2}}});
  model.node("Concat", {"rf8", "rf16"}, "boxes", {{"axis", int64_t{1}}}).output("share").output("boxes");
  const auto found = model.recommended();
  ASSERT_TRUE(found && found->detector);
  EXPECT_EQ(found->detector->meta_arch, "ssd");
  EXPECT_EQ(found->nodes, (Names{"Conv_r8", "Conv_c8", "Conv_r16", "Conv_c16"}));
}

TEST(EndNodes, WhatCanBeParsedBeforeAnUnsupportedNodeIsRecommended) {
  DetectorBuilder model;
  model.node("Relu", {"p8"}, "act").node("NoSuchOperator", {"act", "p16"}, "y").output("y");
  const auto found = model.recommended();
  ASSERT_TRUE(found.has_value());
  EXPECT_FALSE(found->detector.has_value());
  EXPECT_EQ(found->nodes, (Names{"Conv_p16", "Relu_act"}));
}

TEST(EndNodes, NothingIsRecommendedWhereAllParsesOrNothingDoes) {
  DetectorBuilder whole;
  whole.output("p16");
  EXPECT_FALSE(whole.recommended().has_value());
  ModelBuilder nothing;
  nothing.input("x", {1, 3, 4, 4}).node("NoSuchOperator", {"x"}, "y").output("y");
  EXPECT_FALSE(recommend_end_nodes(nothing.model, named("test")).has_value());
}

TEST(EndNodes, ItsLinesAreTheVendors) {
  const auto found = yolov8().recommended();
  EXPECT_EQ(detected_line(*found->detector), "NMS structure of yolov8 (or equivalent architecture) was detected.");
  EXPECT_EQ(heads_line({"a", "b"}),
            "In order to use HailoRT post-processing capabilities, these end node names should be used: a b.");
  EXPECT_EQ(failed_line({"a", "b"}), "Parsing failed with recommendations for end node names: ['a', 'b'].");
  EXPECT_EQ(retrying_line({"a"}), "According to recommendations, retrying parsing with end node names: ['a'].");
  ParseOptions options = named("net");
  options.end_nodes = found->nodes;
  const DetectorBuilder model = yolov8();
  EXPECT_EQ(mapping_lines(model.model, options, model.graph(options)),
            (Names{"Start nodes mapped from original model: 'image': 'net/input_layer1'.",
                   "End nodes mapped from original model: 'Conv_r8', 'Conv_c8', 'Conv_r16', 'Conv_c16'."}));
}

}  // namespace
}  // namespace graupel
