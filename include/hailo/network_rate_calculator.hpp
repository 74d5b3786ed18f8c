// What a rate of frames means in bytes per second.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "hailo/hef.hpp"
#include "hailo/network_group.hpp"

namespace hailort {

class HAILORTAPI NetworkUdpRateCalculator {
 public:
  static Expected<NetworkUdpRateCalculator> create(Hef* hef, const std::string& network_group_name = "");
  static Expected<NetworkUdpRateCalculator> create(ConfiguredNetworkGroup& net_group);

  /// By input stream. When inputs or outputs need more than the maximum, the inputs are slowed down in proportion.
  Expected<std::map<std::string, uint32_t>> calculate_inputs_bandwith(
      uint32_t fps, uint32_t max_supported_bandwidth = HAILO_DEFAULT_MAX_ETHERNET_BANDWIDTH_BYTES_PER_SEC);
  /// Streams over Ethernet belong to other devices: these are HAILO_NOT_SUPPORTED.
  Expected<std::map<uint16_t, uint32_t>> get_udp_ports_rates_dict(
      std::vector<std::reference_wrapper<InputStream>>& udp_input_streams, uint32_t fps,
      uint32_t max_supported_bandwidth = HAILO_DEFAULT_MAX_ETHERNET_BANDWIDTH_BYTES_PER_SEC);
  static hailo_status set_rate_limit(const std::string& ip, uint16_t port, uint32_t rate_bytes_per_sec);
  static hailo_status reset_rate_limit(const std::string& ip, uint16_t port);
  static Expected<std::string> get_interface_name(const std::string& ip);

 private:
  explicit NetworkUdpRateCalculator(const std::vector<hailo_stream_info_t>& infos);
  std::map<std::string, uint32_t> m_input_bytes, m_output_bytes;
};

}  // namespace hailort
