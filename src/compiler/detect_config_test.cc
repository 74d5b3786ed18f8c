#include "compiler/detect_config.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/file.h"
#include "compiler/detect_command.h"
#include "har/archive.h"

namespace graupel {
namespace {

TEST(DetectConfig, EveryKeyReadsBackTheSame) {
  const char* const text = R"({
    "nms_scores_th": 0.2, "nms_iou_th": 0.7, "image_dims": [640, 320], "max_proposals_per_class": 80,
    "max_total_proposals": 50, "classes": 91, "regression_length": 16, "background_removal": true,
    "background_removal_index": 0, "centers_scale_factor": 10, "bbox_dimensions_scale_factor": 5.0,
    "input_division_factor": 2, "number_of_detection_heads": 3,
    "bbox_decoders": [
      {"name": "a", "stride": 8, "w": [10, 16.5], "h": [13, 0.25], "encoded_layer": "net/conv1"},
      {"name": "b", "reg_layer": "conv2", "cls_layer": "conv3", "objectness_layer": ""}],
    "proto": [{"number": 32, "stride": 4}]})";
  const Result<DetectConfig> config = read_detect_config(text);
  ASSERT_TRUE(config.ok()) << config.error().text();
  EXPECT_EQ(config->nms_scores_th, 0.2f);
  EXPECT_EQ(config->image_dims, (std::vector<int32_t>{640, 320}));
  EXPECT_EQ(config->max_proposals_per_class, 80);
  EXPECT_EQ(config->classes, 91);
  EXPECT_TRUE(config->background_removal);
  EXPECT_EQ(config->centers_scale_factor, 10.0f);
  ASSERT_EQ(config->bbox_decoders.size(), 2u);
  EXPECT_EQ(config->bbox_decoders[0].h, (std::vector<float>{13, 0.25f}));
  EXPECT_EQ(config->bbox_decoders[0].encoded_layer, "net/conv1");
  EXPECT_EQ(config->bbox_decoders[1].cls_layer, "conv3");
  ASSERT_EQ(config->proto.size(), 1u);
  EXPECT_EQ(config->proto[0].number, 32);
  const Result<DetectConfig> again = read_detect_config(write_detect_config(*config));
  ASSERT_TRUE(again.ok()) << again.error().text();
  EXPECT_EQ(*again, *config);
  EXPECT_EQ(write_detect_config(*again), write_detect_config(*config));
}

TEST(DetectConfig, NothingGivenHasTheDocumentedDefaults) {
  const Result<DetectConfig> config = read_detect_config("{}");
  ASSERT_TRUE(config.ok());
  EXPECT_EQ(config->nms_scores_th, 0.3f);
  EXPECT_EQ(config->nms_iou_th, 0.6f);
  EXPECT_TRUE(config->bbox_decoders.empty());
  EXPECT_EQ(*config, DetectConfig{});
}

TEST(DetectConfig, WhatIsWrongIsNamed) {
  const auto refusal = [](std::string_view text) {
    const auto config = read_detect_config(text);
    return config.ok() ? std::string() : config.error().text();
  };
  EXPECT_NE(refusal(R"({"nms_score_th": 0.2})").find("'nms_score_th' is unknown (most like it: 'nms_scores_th'"),
            std::string::npos)
      << refusal(R"({"nms_score_th": 0.2})");
  EXPECT_NE(refusal(R"({"classes": "80"})").find("key 'classes' is \"80\""), std::string::npos);
  EXPECT_NE(refusal(R"({"bbox_decoders": [{"combined_layer": "x"}]})").find("'combined_layer' is unknown"),
            std::string::npos);
  EXPECT_NE(refusal(R"({"image_dims": [640]})").find("height and width"), std::string::npos);
  EXPECT_NE(refusal("{").find("JSON"), std::string::npos);
}

TEST(DetectConfig, KindsAreChecked) {
  EXPECT_EQ(*parse_detect_arch("yolov5_seg"), DetectArch::kYolov5Seg);
  EXPECT_EQ(*parse_detect_arch("yolov7"), DetectArch::kYolov5);
  EXPECT_EQ(parse_detect_arch("centernet").error().code, ErrorCode::kUnsupported);
  EXPECT_NE(parse_detect_arch("centernet").error().text().find("yolov5, yolov5_seg, yolov6, yolov8, yolox, ssd"),
            std::string::npos);
}

Result<DetectRequest> request_of(const std::string& line, const std::string& stored = {}) {
  GRAUPEL_TRY(const Recipe recipe, parse_recipe(line));
  return detect_request(recipe.commands[0], stored);
}

TEST(DetectCommand, KeywordsOverrideTheFile) {
  const std::string path = (std::filesystem::temp_directory_path() / "graupel_detect_command.json").string();
  ASSERT_TRUE(write_file(path, to_bytes(R"({"nms_scores_th": 0.2, "nms_iou_th": 0.7, "classes": 80})")).ok());
  const auto request = request_of("nms_postprocess(\"" + path +
                                  "\", meta_arch=yolov8, engine=cpu, nms_scores_th=0.05, bbox_decoding_only=True)");
  std::filesystem::remove(path);
  ASSERT_TRUE(request.ok()) << request.error().text();
  EXPECT_EQ(request->arch, DetectArch::kYolov8);
  EXPECT_EQ(request->config.nms_scores_th, 0.05f);
  EXPECT_EQ(request->config.nms_iou_th, 0.7f);
  EXPECT_EQ(request->config.classes, 80);
  EXPECT_TRUE(request->config.bbox_decoding_only);
}

TEST(DetectCommand, WithoutAFileTheModelsOwnConfigurationCounts) {
  const auto request = request_of("nms_postprocess(yolov5, image_dims=[320, 640], max_proposals_per_class=20)",
                                  R"({"nms_scores_th": 0.125})");
  ASSERT_TRUE(request.ok()) << request.error().text();
  EXPECT_EQ(request->arch, DetectArch::kYolov5);
  EXPECT_EQ(request->config.nms_scores_th, 0.125f);
  EXPECT_EQ(request->config.image_dims, (std::vector<int32_t>{320, 640}));
  EXPECT_EQ(request->config.max_proposals_per_class, 20);
  EXPECT_EQ(request_of("nms_postprocess(centernet)").error().code, ErrorCode::kUnsupported);
}

}  // namespace
}  // namespace graupel
