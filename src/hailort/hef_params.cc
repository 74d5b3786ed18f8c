// Parameters that are made from what a HEF says.
#include <cstring>

#include "hailo/hailort_defaults.hpp"
#include "hailort/hef_impl.h"
#include "hailort/log.h"

namespace hailort {
namespace {

template <class T>
bool same_bytes(const std::map<std::string, T>& a, const std::map<std::string, T>& b) {
  if (a.size() != b.size()) return false;
  for (const auto& [name, value] : a) {
    const auto other = b.find(name);
    if (other == b.end() || std::memcmp(&value, &other->second, sizeof(T)) != 0) return false;
  }
  return true;
}

std::map<std::string, hailo_vstream_params_t> vstream_params(std::span<const VStreamEdge> edges,
                                                             std::optional<std::size_t> network,
                                                             hailo_format_type_t type, uint32_t timeout_ms,
                                                             uint32_t queue_size) {
  hailo_vstream_params_t params = HailoRTDefaults::get_vstreams_params(true, type);
  params.timeout_ms = timeout_ms;
  params.queue_size = queue_size;
  std::map<std::string, hailo_vstream_params_t> by_name;
  for (const VStreamEdge& edge : edges)
    if (!network || edge.network == *network) by_name.emplace(edge.info.name, params);
  return by_name;
}

Unexpected no_camera() {
  return refused(HAILO_NOT_SUPPORTED, "camera inputs (MIPI) belong to a chip; the virtual device has none");
}

}  // namespace

ConfigureNetworkParams::ConfigureNetworkParams(const hailo_configure_network_group_params_t& params)
    : batch_size(params.batch_size), power_mode(params.power_mode), latency(params.latency) {
  for (size_t i = 0; i < params.stream_params_by_name_count; ++i)
    stream_params_by_name.emplace(params.stream_params_by_name[i].name, params.stream_params_by_name[i].stream_params);
  for (size_t i = 0; i < params.network_params_by_name_count; ++i)
    network_params_by_name.emplace(params.network_params_by_name[i].name,
                                   params.network_params_by_name[i].network_params);
}

bool ConfigureNetworkParams::operator==(const ConfigureNetworkParams& other) const {
  return batch_size == other.batch_size && power_mode == other.power_mode && latency == other.latency &&
         same_bytes(stream_params_by_name, other.stream_params_by_name) &&
         same_bytes(network_params_by_name, other.network_params_by_name);
}

Expected<std::map<std::string, hailo_stream_parameters_t>> Hef::create_stream_parameters_by_name(
    const std::string& net_group_name, hailo_stream_interface_t stream_interface) {
  HAILORT_DO_EXPECTED(m_impl->check_group(net_group_name));
  std::map<std::string, hailo_stream_parameters_t> by_name;
  for (const hailo_stream_direction_t direction : {HAILO_H2D_STREAM, HAILO_D2H_STREAM})
    for (const StreamEdge& edge : m_impl->streams(direction)) {
      HAILORT_TRY(const hailo_stream_parameters_t params,
                  HailoRTDefaults::get_stream_parameters(stream_interface, direction));
      by_name.emplace(edge.info.name, params);
    }
  return by_name;
}

Expected<std::map<std::string, hailo_network_parameters_t>> Hef::create_network_parameters_by_name(
    const std::string& net_group_name) {
  HAILORT_DO_EXPECTED(m_impl->check_group(net_group_name));
  std::map<std::string, hailo_network_parameters_t> by_name;
  for (const GroupNetwork& network : m_impl->networks())
    by_name.emplace(network.name, HailoRTDefaults::get_network_parameters());
  return by_name;
}

Expected<ConfigureNetworkParams> Hef::create_configure_params(hailo_stream_interface_t stream_interface,
                                                              const std::string& network_group_name) {
  ConfigureNetworkParams params = HailoRTDefaults::get_configure_params();
  HAILORT_TRY(params.stream_params_by_name, create_stream_parameters_by_name(network_group_name, stream_interface));
  HAILORT_TRY(params.network_params_by_name, create_network_parameters_by_name(network_group_name));
  return params;
}

Expected<NetworkGroupsParamsMap> Hef::create_configure_params(hailo_stream_interface_t stream_interface) {
  NetworkGroupsParamsMap by_name;
  for (const std::string& name : get_network_groups_names()) {
    HAILORT_TRY(ConfigureNetworkParams params, create_configure_params(stream_interface, name));
    by_name.emplace(name, std::move(params));
  }
  return by_name;
}

Expected<NetworkGroupsParamsMap> Hef::create_configure_params_mipi_input(hailo_stream_interface_t,
                                                                         const hailo_mipi_input_stream_params_t&) {
  return no_camera();
}

Expected<ConfigureNetworkParams> Hef::create_configure_params_mipi_input(hailo_stream_interface_t,
                                                                         const hailo_mipi_input_stream_params_t&,
                                                                         const std::string&) {
  return no_camera();
}

Expected<std::map<std::string, hailo_vstream_params_t>> Hef::make_input_vstream_params(const std::string& name, bool,
                                                                                       hailo_format_type_t format_type,
                                                                                       uint32_t timeout_ms,
                                                                                       uint32_t queue_size) {
  HAILORT_TRY(const std::optional<std::size_t> network, m_impl->find_network(name));
  return vstream_params(m_impl->vstreams(HAILO_H2D_STREAM), network, format_type, timeout_ms, queue_size);
}

Expected<std::map<std::string, hailo_vstream_params_t>> Hef::make_output_vstream_params(const std::string& name, bool,
                                                                                        hailo_format_type_t format_type,
                                                                                        uint32_t timeout_ms,
                                                                                        uint32_t queue_size) {
  HAILORT_TRY(const std::optional<std::size_t> network, m_impl->find_network(name));
  return vstream_params(m_impl->vstreams(HAILO_D2H_STREAM), network, format_type, timeout_ms, queue_size);
}

}  // namespace hailort
