// Where to end a model whose end cannot, or should not, be computed by the device.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/detector_heads.h"

namespace graupel {

struct EndNodes {
  std::vector<std::string> nodes;         ///< names of nodes (of tensors, where a node's name would not do)
  std::optional<DetectorHeads> detector;  ///< when they are the heads of a detector, whose decoding the host does
};

/// A detector's heads, or else the last nodes that can be parsed when what follows them cannot; none when the whole
/// model parses and is no detector, or when nothing before the failure is worth keeping. What is recommended has been
/// parsed. `options`: its end nodes are not looked at.
std::optional<EndNodes> recommend_end_nodes(const onnx::Model& model, const ParseOptions& options);

/// What the vendor's tools print, word for word, since scripts look for it.
std::string detected_line(const DetectorHeads& heads);  ///< "NMS structure of yolov8 (or equivalent …) was detected."
std::string heads_line(const std::vector<std::string>& nodes);     ///< "In order to use … should be used: a b."
std::string failed_line(const std::vector<std::string>& nodes);    ///< "Parsing failed with recommendations …"
std::string retrying_line(const std::vector<std::string>& nodes);  ///< "According to recommendations, retrying …"
inline constexpr std::string_view kRetryPrompt = "Would you like to parse again with the recommendation? (y/n)";
/// "Start nodes mapped from original model: …", "End nodes mapped from original model: …"
std::vector<std::string> mapping_lines(const onnx::Model& model, const ParseOptions& options, const Graph& graph);

}  // namespace graupel
