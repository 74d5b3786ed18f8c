// A network group's place in the schedule, its detections, its virtual streams' parameters, and single frames.
#include "hailo/hailort_common.hpp"
#include "hailort/log.h"
#include "hailort/network_group_impl.h"

namespace hailort {
namespace {

/// The scheduler knows whole groups: only the default network may be named.
hailo_status check_network(const Network& network, const std::string& name) {
  const std::span<const GroupNetwork> networks = network.hef().networks();
  if (name.empty() || (networks.size() == 1 && name == networks[0].name)) return HAILO_SUCCESS;
  return refuse(HAILO_NOT_IMPLEMENTED, "network '", name, "' is not scheduled apart from its group");
}

}  // namespace

hailo_status ConfiguredNetworkGroup::set_scheduler_timeout(const std::chrono::milliseconds& timeout,
                                                           const std::string& network_name) {
  HAILORT_DO(check_network(m_impl->network(), network_name));
  return m_impl->network().set_timeout(timeout);
}

hailo_status ConfiguredNetworkGroup::set_scheduler_threshold(uint32_t threshold, const std::string& network_name) {
  HAILORT_DO(check_network(m_impl->network(), network_name));
  return m_impl->network().set_threshold(threshold);
}

hailo_status ConfiguredNetworkGroup::set_scheduler_priority(uint8_t priority, const std::string& network_name) {
  HAILORT_DO(check_network(m_impl->network(), network_name));
  return m_impl->network().set_priority(priority);
}

Expected<std::map<std::string, hailo_vstream_params_t>> ConfiguredNetworkGroup::make_input_vstream_params(
    bool unused, hailo_format_type_t format_type, uint32_t timeout_ms, uint32_t queue_size,
    const std::string& network_name) {
  return Hef(m_impl->hef()).make_input_vstream_params(network_name, unused, format_type, timeout_ms, queue_size);
}

Expected<std::map<std::string, hailo_vstream_params_t>> ConfiguredNetworkGroup::make_output_vstream_params(
    bool unused, hailo_format_type_t format_type, uint32_t timeout_ms, uint32_t queue_size,
    const std::string& network_name) {
  return Hef(m_impl->hef()).make_output_vstream_params(network_name, unused, format_type, timeout_ms, queue_size);
}

Expected<std::vector<std::vector<std::string>>> ConfiguredNetworkGroup::get_output_vstream_groups() {
  std::vector<std::vector<std::string>> groups;
  for (const VStreamEdge& edge : m_impl->network().hef().vstreams(HAILO_D2H_STREAM)) groups.push_back({edge.info.name});
  return groups;
}

Expected<std::vector<std::map<std::string, hailo_vstream_params_t>>>
ConfiguredNetworkGroup::make_output_vstream_params_groups(bool unused, hailo_format_type_t format_type,
                                                          uint32_t timeout_ms, uint32_t queue_size) {
  HAILORT_TRY(const auto by_name, make_output_vstream_params(unused, format_type, timeout_ms, queue_size));
  HAILORT_TRY(const auto names, get_output_vstream_groups());
  std::vector<std::map<std::string, hailo_vstream_params_t>> groups;
  for (const std::vector<std::string>& group : names) {
    groups.emplace_back();
    for (const std::string& name : group) groups.back().emplace(name, by_name.at(name));
  }
  return groups;
}

hailo_status ConfiguredNetworkGroup::infer_async(const NamedBuffersCallbacks& named_buffers_callbacks,
                                                 const std::function<void(hailo_status)>& infer_request_done_cb) {
  const Hef::Impl& hef = m_impl->network().hef();
  std::vector<Transfer> frame;
  for (const hailo_stream_direction_t direction : {HAILO_H2D_STREAM, HAILO_D2H_STREAM})
    for (std::size_t i = 0; i < hef.streams(direction).size(); ++i) {
      const char* name = hef.streams(direction)[i].info.name;
      const auto given = named_buffers_callbacks.find(name);
      if (given == named_buffers_callbacks.end()) return refuse(HAILO_NOT_FOUND, "no buffer for stream '", name, "'");
      const BufferRepresentation& buffer = given->second.first;
      if (buffer.buffer_type != BufferType::VIEW)
        return refuse(HAILO_NOT_SUPPORTED, "the buffer of stream '", name, "' is not plain memory");
      if (buffer.view.size() != m_impl->network().frame_bytes({direction, i}))
        return refuse(HAILO_INVALID_OPERATION, "the buffer of stream '", name, "' has ", buffer.view.size(),
                      " bytes; a frame has ", m_impl->network().frame_bytes({direction, i}));
      frame.push_back({const_cast<uint8_t*>(buffer.view.data()), this, given->second.second});
    }
  m_impl->network().end_frame(frame, infer_request_done_cb);
  std::vector<std::vector<Transfer>> frames;
  frames.push_back(std::move(frame));
  return m_impl->network().enqueue_frames(std::move(frames));
}

namespace {

/// Of a virtual output stream with detections.
template <class Value>
hailo_status set(ConfiguredNetworkGroup::Impl& group, const std::string& name, std::optional<Value> NmsSettings::*field,
                 Value value) {
  const VStreamEdge* edge = group.network().hef().find_vstream(name);
  if (edge == nullptr || edge->info.direction != HAILO_D2H_STREAM)
    return refuse(HAILO_NOT_FOUND, "there is no virtual output stream '", name, "'");
  if (!HailoRTCommon::is_nms(edge->info))
    return refuse(HAILO_INVALID_OPERATION, "output '", name, "' has no detections whose settings could be changed");
  group.set_nms(name, field, value);
  return HAILO_SUCCESS;
}

}  // namespace

hailo_status ConfiguredNetworkGroup::set_nms_score_threshold(const std::string& edge_name, float32_t threshold) {
  return set(*m_impl, edge_name, &NmsSettings::score_threshold, threshold);
}
hailo_status ConfiguredNetworkGroup::set_nms_iou_threshold(const std::string& edge_name, float32_t threshold) {
  return set(*m_impl, edge_name, &NmsSettings::iou_threshold, threshold);
}
hailo_status ConfiguredNetworkGroup::set_nms_max_bboxes_per_class(const std::string& edge_name, uint32_t count) {
  return set(*m_impl, edge_name, &NmsSettings::max_per_class, count);
}
hailo_status ConfiguredNetworkGroup::set_nms_max_bboxes_total(const std::string& edge_name, uint32_t count) {
  return set(*m_impl, edge_name, &NmsSettings::max_total, count);
}
hailo_status ConfiguredNetworkGroup::set_nms_max_accumulated_mask_size(const std::string& edge_name, uint32_t bytes) {
  return set(*m_impl, edge_name, &NmsSettings::max_mask_bytes, bytes);
}

}  // namespace hailort
