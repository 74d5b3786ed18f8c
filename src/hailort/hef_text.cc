// A HEF as text, in the lines of `hailortcli parse-hef`.
#include "hailo/hailort_common.hpp"
#include "hailort/hef_impl.h"
#include "hailort/log.h"

namespace hailort {
namespace {

using graupel::cat;

std::string shape_text(hailo_format_order_t order, const hailo_3d_image_shape_t& shape) {
  switch (order) {
    case HAILO_FORMAT_ORDER_NC: return cat("(", shape.features, ")");
    case HAILO_FORMAT_ORDER_NHW: return cat("(", shape.height, "x", shape.width, ")");
    default: return cat("(", shape.height, "x", shape.width, "x", shape.features, ")");
  }
}

std::string nms_text(const hailo_vstream_info_t& info) {
  const hailo_nms_shape_t& nms = info.nms_shape;
  return cat("(number of classes: ", nms.number_of_classes,
             ", maximum bounding boxes per class: ", nms.max_bboxes_per_class,
             ", maximum frame size: ", HailoRTCommon::get_frame_size(info, info.format), ")");
}

template <class Info>
std::string line(const Info& info, const std::string& shape) {
  return cat("            ", info.direction == HAILO_H2D_STREAM ? "Input  " : "Output ", info.name, " ",
             HailoRTCommon::get_format_type_str(info.format.type), ", ",
             HailoRTCommon::get_format_order_str(info.format.order), shape, "\n");
}

}  // namespace

Expected<std::string> Hef::get_description(bool stream_infos, bool vstream_infos) const {
  std::string text = cat("Architecture HEF was compiled for: ", m_impl->info().architecture, "\n");
  if (m_impl->group().empty()) return text;
  text += cat("Network group name: ", m_impl->group());
  text += m_impl->is_multi_context() ? cat(", Multi Context - Number of contexts: ", m_impl->info().contexts, "\n")
                                     : ", Single Context\n";
  text += cat("    Network name: ", m_impl->network(), "\n");
  if (stream_infos) {
    text += "        Stream infos:\n";
    for (const hailo_stream_direction_t direction : {HAILO_H2D_STREAM, HAILO_D2H_STREAM})
      for (const StreamEdge& edge : m_impl->streams(direction))
        text += line(edge.info, shape_text(edge.info.format.order, edge.info.hw_shape));
  }
  if (vstream_infos) {
    text += "        VStream infos:\n";
    for (const hailo_stream_direction_t direction : {HAILO_H2D_STREAM, HAILO_D2H_STREAM})
      for (const VStreamEdge& edge : m_impl->vstreams(direction))
        text += line(edge.info, HailoRTCommon::is_nms(edge.info) ? nms_text(edge.info)
                                                                 : shape_text(edge.info.format.order, edge.info.shape));
  }
  return text;
}

Expected<std::map<std::string, std::string>> Hef::get_external_resources() const {
  std::map<std::string, std::string> contents;
  for (const auto& [name, bytes] : m_impl->info().resources)
    contents.emplace(name, std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  return contents;
}

}  // namespace hailort
