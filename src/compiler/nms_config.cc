#include "compiler/nms_config.h"

#include "har/graph_json.h"
#include "ir/layer_kind.h"

namespace graupel {
namespace {

constexpr double kScores = 0.3, kIou = 0.6;
constexpr int kProposals = 100;

/// "conv41" → "41".
std::string number_of(const std::string& layer) {
  const std::size_t digit = layer.find_first_of("0123456789");
  return digit == layer.npos ? layer : layer.substr(digit);
}

class DecoderWriter {
 public:
  explicit DecoderWriter(const Graph& graph) : graph_(graph), uses_(graph) {}

  JsonOut decoder(const DetectorLevel& level) const {
    JsonOut json = JsonOut::object();
    json["name"] = cat("bbox_decoder", number_of(layer_of(level.encoded ? *level.encoded : *level.boxes)));
    json["stride"] = level.stride;
    if (!level.anchor_w.empty()) {
      json["w"] = level.anchor_w;
      json["h"] = level.anchor_h;
    }
    if (level.encoded) json["encoded_layer"] = layer_of(*level.encoded);
    if (level.boxes) json["reg_layer"] = layer_of(*level.boxes);
    if (level.scores) json["cls_layer"] = layer_of(*level.scores);
    if (level.objectness) json["objectness_layer"] = layer_of(*level.objectness);
    return json;
  }

 private:
  std::string layer_of(std::size_t node) const {
    const auto producer = uses_.producer[static_cast<uint32_t>(graph_.outputs[node])];
    check(producer.has_value(), "nms_config_json: an output that no layer writes");
    return std::string(unit_name(graph_[*producer].name));
  }

  const Graph& graph_;
  const Uses uses_;
};

}  // namespace

std::string nms_config_json(const DetectorHeads& heads, const Graph& graph) {
  JsonOut json = JsonOut::object();
  json["nms_scores_th"] = kScores;
  json["nms_iou_th"] = kIou;
  json["image_dims"] = std::vector<int32_t>{heads.image_h, heads.image_w};
  json["max_proposals_per_class"] = kProposals;
  json["classes"] = heads.classes;
  if (heads.bins > 0) json["regression_length"] = heads.bins;
  json["background_removal"] = false;
  const DecoderWriter writer(graph);
  JsonOut decoders = JsonOut::array();
  for (const DetectorLevel& level : heads.levels) decoders.push_back(writer.decoder(level));
  json["bbox_decoders"] = std::move(decoders);
  return print_json(json);
}

}  // namespace graupel
