// A HEF as text, in the lines of `hailortcli parse-hef`.
#include <algorithm>
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

struct Operation {
  const char* arch;  ///< as graupel::HefInfo::Nms has it
  const char* kind;
  const char* name;
  const char* decoding_name;  ///< without suppression
};
constexpr Operation kOperations[] = {{"yolov5", "YOLOV5", "YOLOv5-Post-Process", "YOLOv5Bbox-Only-Post-Process"},
                                     {"yolov5_seg", "YOLOV5SEG", "YOLOv5Seg-Post-Process", "YOLOv5Seg-Post-Process"},
                                     {"yolov8", "YOLOV8", "YOLOV8-Post-Process", "YOLOv8Bbox-Only-Post-Process"},
                                     {"yolox", "YOLOX", "YOLOX-Post-Process", "YOLOXBbox-Only-Post-Process"},
                                     {"ssd", "SSD", "SSD-Post-Process", "SSDBbox-Only-Post-Process"},
                                     {"", "", "-Post-Process", "Bbox-Only-Post-Process"}};

/// The lines of what the host does after the device.
std::string operation_text(const graupel::HefInfo::Nms& nms) {
  constexpr char kIndent[] = "                ";
  const Operation* operation = std::begin(kOperations);
  while (*operation->arch != '\0' && nms.arch != operation->arch) ++operation;
  const bool masks = nms.arch == "yolov5_seg";
  std::ostringstream out;
  out << "            Operation:\n"
      << kIndent << "Op " << operation->kind << "\n"
      << kIndent << "Name: " << (nms.decode_only ? operation->decoding_name : operation->name) << "\n"
      << std::fixed;
  if (!nms.decode_only)
    out << std::setprecision(3) << kIndent << "Score threshold: " << nms.score_threshold << "\n"
        << std::setprecision(2) << kIndent << "IoU threshold: " << nms.iou_threshold << "\n";
  out << kIndent << "Classes: " << nms.classes << "\n";
  if (!nms.decode_only && !masks) out << kIndent << "Max bboxes per class: " << nms.max_per_class << "\n";
  out << kIndent << "Image height: " << nms.image_h << "\n" << kIndent << "Image width: " << nms.image_w << "\n";
  if (masks) out << std::setprecision(2) << kIndent << "Mask threshold: " << nms.mask_threshold << "\n";
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
