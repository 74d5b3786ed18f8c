// A HEF as text, in the lines of `hailortcli parse-hef`.
#include <algorithm>
#include <cctype>
#include <iomanip>
#include <sstream>

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

/// The lines of what the host does after the device.
std::string operation_text(const graupel::HefInfo::Nms& nms) {
  constexpr char kIndent[] = "                ";
  std::string kind = nms.arch;
  for (char& c : kind) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  std::erase(kind, '_');
  std::ostringstream out;
  out << "            Operation:\n"
      << kIndent << "Op " << kind << "\n"
      << kIndent << "Name: " << kind << "-Post-Process\n"
      << std::fixed << std::setprecision(3) << kIndent << "Score threshold: " << nms.score_threshold << "\n"
      << std::setprecision(2) << kIndent << "IoU threshold: " << nms.iou_threshold << "\n"
      << kIndent << "Classes: " << nms.classes << "\n"
      << kIndent << "Max bboxes per class: " << nms.max_per_class << "\n"
      << kIndent << "Image height: " << nms.image_h << "\n"
      << kIndent << "Image width: " << nms.image_w << "\n";
  return out.str();
}

template <class Info>
std::string line(const Info& info, const std::string& shape) {
  return cat("            ", info.direction == HAILO_H2D_STREAM ? "Input  " : "Output ", info.name, " ",
             HailoRTCommon::get_format_type_str(info.format.type), ", ",
             HailoRTCommon::get_format_order_str(info.format.order), shape, "\n");
}

constexpr hailo_stream_direction_t kDirections[] = {HAILO_H2D_STREAM, HAILO_D2H_STREAM};

std::string streams_text(const Hef::Impl& hef, std::size_t network) {
  std::string text = "        Stream infos:\n";
  for (const hailo_stream_direction_t direction : kDirections)
    for (const StreamEdge& edge : hef.streams(direction))
      if (edge.network == network) text += line(edge.info, shape_text(edge.info.format.order, edge.info.hw_shape));
  return text;
}

std::string vstreams_text(const Hef::Impl& hef, std::size_t network) {
  std::string text = "        VStream infos:\n";
  for (const hailo_stream_direction_t direction : kDirections)
    for (const VStreamEdge& edge : hef.vstreams(direction))
      if (edge.network == network)
        text += line(edge.info, HailoRTCommon::is_nms(edge.info) ? nms_text(edge.info)
                                                                 : shape_text(edge.info.format.order, edge.info.shape));
  const auto last = std::find_if(hef.info().nms.rbegin(), hef.info().nms.rend(),
                                 [&](const graupel::HefInfo::Nms& nms) { return nms.network == network; });
  return last == hef.info().nms.rend() ? text : text + operation_text(*last);
}

}  // namespace

Expected<std::string> Hef::get_description(bool stream_infos, bool vstream_infos) const {
  std::string text = cat("Architecture HEF was compiled for: ", m_impl->info().architecture, "\n");
  if (m_impl->group().empty()) return text;
  text += cat("Network group name: ", m_impl->group());
  text += m_impl->is_multi_context() ? cat(", Multi Context - Number of contexts: ", m_impl->info().contexts, "\n")
                                     : ", Single Context\n";
  for (std::size_t i = 0; i < m_impl->networks().size(); ++i) {
    text += cat("    Network name: ", m_impl->networks()[i].name, "\n");
    if (stream_infos) text += streams_text(*m_impl, i);
    if (vstream_infos) text += vstreams_text(*m_impl, i);
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
