// What nms_postprocess is told: the JSON file, and the keywords that override it. One struct for everyone who makes or
// reads such a configuration.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/detect/detect.h"

namespace graupel {

/// Everything that is not given is inferred from the graph's outputs or has the vendor's default.
struct DetectConfig {
  /// One head. Layers are named with or without scope; an empty name is inferred from shapes and stride.
  struct Decoder {
    std::string name;
    int32_t stride = 0;
    std::vector<float> h, w;                             ///< anchors
    std::string encoded_layer;                           ///< yolov5, yolov5_seg
    std::string reg_layer, cls_layer, objectness_layer;  ///< the others
    bool operator==(const Decoder&) const = default;
  };
  /// Prototypes of yolov5_seg.
  struct Proto {
    int32_t number = 0, stride = 0;
    std::string layer;
    bool operator==(const Proto&) const = default;
  };

  float nms_scores_th = 0.3f, nms_iou_th = 0.6f;
  std::vector<int32_t> image_dims;  ///< height, width; empty: the graph's first input
  int32_t max_proposals_per_class = 100;
  std::optional<int32_t> max_total_proposals;
  std::optional<int32_t> classes;  ///< counts the background, if there is one
  bool background_removal = false;
  int32_t background_removal_index = 0;
  std::optional<int32_t> regression_length;
  std::optional<float> centers_scale_factor, bbox_dimensions_scale_factor;
  std::optional<int32_t> input_division_factor, number_of_detection_heads;  ///< kept, without an effect here
  std::vector<Decoder> bbox_decoders;
  std::vector<Proto> proto;
  bool bbox_decoding_only = false;  ///< a keyword of the script; not in the JSON

  bool operator==(const DetectConfig&) const = default;
};

/// nms_postprocess as a whole.
struct DetectRequest {
  DetectArch arch = DetectArch::kYolov8;
  DetectConfig config;
};

/// "yolov8" and the like. Errors: unsupported, naming what can be had.
Result<DetectArch> parse_detect_arch(std::string_view name);

/// Reads the vendor's JSON schema. Errors: corrupt (JSON), invalid (an unknown key or a value of the wrong kind,
/// named).
Result<DetectConfig> read_detect_config(std::string_view json);
Result<DetectConfig> read_detect_config_file(const std::string& path);
/// The same schema; keys without a value are left out. What is written reads back the same.
std::string write_detect_config(const DetectConfig& config);

}  // namespace graupel
