#include "hailortcli/graph.h"

#include "hailo/hailort_common.hpp"
#include "hailo/hailort_defaults.hpp"

namespace hailort::cli {
namespace {

std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    c == '\n' ? result += "\\n" : result += c;
  }
  return result + "\"";
}

/// "UINT8 NHWC 48x48x3"; of detections the bytes of a frame.
template <class Info>
std::string frame_text(const Info& info, const hailo_3d_image_shape_t& shape, bool detections, std::size_t bytes) {
  const std::string extents = detections ? std::to_string(bytes) + " bytes"
                                         : std::to_string(shape.height) + "x" + std::to_string(shape.width) + "x" +
                                               std::to_string(shape.features);
  return HailoRTCommon::get_format_type_str(info.format.type) + " " +
         HailoRTCommon::get_format_order_str(info.format.order) + " " + extents;
}

std::string node(const std::string& id, const std::string& text, const char* shape) {
  return "  " + quoted(id) + " [shape=" + shape + ", label=" + quoted(text) + "];\n";
}

std::string edge(const std::string& from, const std::string& to) {
  return "  " + quoted(from) + " -> " + quoted(to) + ";\n";
}

}  // namespace

std::string dot_of(const Hef& hef, const std::string& group) {
  std::string text = "digraph " + quoted(group) + " {\n  rankdir=LR;\n";
  for (const hailo_network_info_t& network : hef.get_network_infos(group).expect("networks")) {
    const std::string name = network.name;
    text += node("network " + name, name, "box3d");
    for (const hailo_stream_info_t& stream : hef.get_all_stream_infos(name).expect("streams")) {
      const std::string id = std::string("stream ") + stream.name;
      text += node(id, std::string(stream.name) + "\n" + frame_text(stream, stream.hw_shape, false, 0), "cds");
      text += stream.direction == HAILO_H2D_STREAM ? edge(id, "network " + name) : edge("network " + name, id);
    }
    for (const hailo_vstream_info_t& vstream : hef.get_all_vstream_infos(name).expect("virtual streams")) {
      const std::string id = std::string("vstream ") + vstream.name;
      const bool detections = HailoRTCommon::is_nms(vstream);
      const std::size_t bytes = HailoRTCommon::get_frame_size(vstream, vstream.format);
      text += node(id, std::string(vstream.name) + "\n" + frame_text(vstream, vstream.shape, detections, bytes), "box");
      for (const std::string& stream : hef.get_stream_names_from_vstream_name(vstream.name, group).expect("streams"))
        text += vstream.direction == HAILO_H2D_STREAM ? edge(id, "stream " + stream) : edge("stream " + stream, id);
    }
  }
  return text + "}\n";
}

}  // namespace hailort::cli
