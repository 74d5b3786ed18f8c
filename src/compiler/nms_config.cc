#include "compiler/nms_config.h"

#include "ir/layer_kind.h"

namespace graupel {
namespace {

/// "conv41" → "41".
std::string number_of(const std::string& layer) {
  const std::size_t digit = layer.find_first_of("0123456789");
  return digit == layer.npos ? layer : layer.substr(digit);
}

class DecoderMaker {
 public:
  explicit DecoderMaker(const Graph& graph) : graph_(graph), uses_(graph) {}

  DetectConfig::Decoder decoder(const DetectorLevel& level) const {
    DetectConfig::Decoder decoder;
    decoder.name = cat("bbox_decoder", number_of(layer_of(level.encoded ? level.encoded : level.boxes)));
    decoder.stride = level.stride;
    decoder.w = level.anchor_w;
    decoder.h = level.anchor_h;
    decoder.encoded_layer = layer_of(level.encoded);
    decoder.reg_layer = layer_of(level.boxes);
    decoder.cls_layer = layer_of(level.scores);
    decoder.objectness_layer = layer_of(level.objectness);
    return decoder;
  }

  std::string layer_of(std::optional<std::size_t> node) const {
    if (!node) return {};
    const auto producer = uses_.producer[static_cast<uint32_t>(graph_.outputs[*node])];
    check(producer.has_value(), "detect_config_of: an output that no layer writes");
    return std::string(unit_name(graph_[*producer].name));
  }

 private:
  const Graph& graph_;
  const Uses uses_;
};

}  // namespace

DetectConfig detect_config_of(const DetectorHeads& heads, const Graph& graph) {
  DetectConfig config;
  config.image_dims = {heads.image_h, heads.image_w};
  config.classes = heads.classes;
  if (heads.bins > 0) config.regression_length = heads.bins;
  const DecoderMaker maker(graph);
  for (const DetectorLevel& level : heads.levels) config.bbox_decoders.push_back(maker.decoder(level));
  if (heads.prototypes)
    config.proto.push_back(
        {heads.prototypes->number, heads.prototypes->stride, maker.layer_of(heads.prototypes->node)});
  return config;
}

}  // namespace graupel
