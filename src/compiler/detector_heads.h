// Recognises the end of an object detector by its structure; names of nodes and layers play no part.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/parse.h"

namespace graupel {

/// One resolution of a detector. Each node is the last one that belongs on the device: a convolution, or the sigmoid
/// that is its only reader where the vendor's decoder expects probabilities. Numbers count in `DetectorHeads::nodes`.
struct DetectorLevel {
  int32_t stride = 0;
  std::optional<std::size_t> encoded;                    ///< yolov5: boxes, objectness and classes in one
  std::optional<std::size_t> boxes, scores, objectness;  ///< all others
  std::vector<float> anchor_w, anchor_h;                 ///< as the graph holds them: pixels for yolov5; may be empty
};

/// What masks are made of: `number` maps of `stride` pixels a cell.
struct DetectorPrototypes {
  std::size_t node = 0;
  int32_t number = 0, stride = 0;
};

struct DetectorHeads {
  std::string_view meta_arch;         ///< "yolov5", "yolov5_seg", "yolov6", "yolov8", "yolox" or "ssd"
  std::vector<std::string> nodes;     ///< their names, in the order in which the vendor recommends them
  std::vector<DetectorLevel> levels;  ///< finest first
  int32_t classes = 0;
  int32_t bins = 0;  ///< of a distance's distribution; 0: distances are plain
  int32_t image_h = 0, image_w = 0;
  std::optional<DetectorPrototypes> prototypes = {};  ///< of yolov5_seg
};

/// YOLOv5 and v7 (one convolution per level, with anchors or, when the decoding was left out, without), YOLOv5 with
/// masks, YOLOv6 (plain distances), YOLOv8-like (v8 to v12: distributions
/// of distances), YOLOX (boxes, objectness, classes) and SSD. None when the model ends otherwise, or when the part
/// before the heads cannot be parsed. `options`: input shapes and start nodes; its end nodes are not looked at.
std::optional<DetectorHeads> find_detector_heads(const onnx::Model& model, const ParseOptions& options);

}  // namespace graupel
