// nms_postprocess: a detector's output heads become one output of detections.
#pragma once

#include "compiler/detect_config.h"
#include "ir/graph.h"

namespace graupel {

struct DetectionSummary {
  std::string layer;                        ///< the new layer and output: "yolov8_nms_postprocess"
  std::vector<std::string> heads;           ///< the layers that `config` names or that were inferred, in its order
  std::vector<std::string> sigmoid_layers;  ///< those of them that were given a sigmoid
  std::vector<std::string> messages;        ///< one sentence each, for the user
};

/// Appends the Detect op to a parsed graph whose outputs are a detector's heads; they cease to be outputs, others stay.
/// Score heads without an activation get a sigmoid (yolov5: all of the head; not ssd, not yolov5_seg, whose decoder has
/// its own). Errors: not_found (a layer), invalid (heads that cannot be inferred; shapes that do not fit `config`),
/// each naming the layer or key. Leaves the graph alone on error.
Result<DetectionSummary> add_detection(Graph& graph, DetectArch arch, const DetectConfig& config);

}  // namespace graupel
