// Hef: what a compiled file says of itself.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "hailo/buffer.hpp"
#include "hailo/expected.hpp"

namespace hailort {

/// How one network group is configured.
struct HAILORTAPI ConfigureNetworkParams {
  ConfigureNetworkParams() = default;
  ConfigureNetworkParams(const hailo_configure_network_group_params_t& params);  // NOLINT: implicit by contract
  bool operator==(const ConfigureNetworkParams& other) const;
  bool operator!=(const ConfigureNetworkParams& other) const { return !(*this == other); }

  uint16_t batch_size = HAILO_DEFAULT_BATCH_SIZE;
  hailo_power_mode_t power_mode = HAILO_POWER_MODE_PERFORMANCE;
  hailo_latency_measurement_flags_t latency = HAILO_LATENCY_NONE;
  std::map<std::string, hailo_stream_parameters_t> stream_params_by_name;
  std::map<std::string, hailo_network_parameters_t> network_params_by_name;
};

/// By network group name.
using NetworkGroupsParamsMap = std::map<std::string, ConfigureNetworkParams>;

/// Copies share what was read. `name` and `net_group_name` are a network group's, "" for the only one; a network's name
/// ("group/network") is taken where only `name` is asked. Unknown names are HAILO_NOT_FOUND.
class HAILORTAPI Hef final {
 public:
  /// Errors: HAILO_OPEN_FILE_FAILURE, HAILO_HEF_FILE_CORRUPTED, HAILO_HEF_NOT_SUPPORTED, HAILO_INVALID_HEF.
  static Expected<Hef> create(const std::string& hef_path);
  /// The bytes are copied.
  static Expected<Hef> create(const MemoryView& hef_buffer);
  static Expected<Hef> create(std::shared_ptr<Buffer> hef_buffer);

  Expected<std::vector<hailo_stream_info_t>> get_input_stream_infos(const std::string& name = "") const;
  Expected<std::vector<hailo_stream_info_t>> get_output_stream_infos(const std::string& name = "") const;
  Expected<std::vector<hailo_stream_info_t>> get_all_stream_infos(const std::string& name = "") const;
  Expected<hailo_stream_info_t> get_stream_info_by_name(const std::string& stream_name,
                                                        hailo_stream_direction_t stream_direction,
                                                        const std::string& net_group_name = "") const;
  Expected<std::vector<hailo_vstream_info_t>> get_input_vstream_infos(const std::string& name = "") const;
  Expected<std::vector<hailo_vstream_info_t>> get_output_vstream_infos(const std::string& name = "") const;
  Expected<std::vector<hailo_vstream_info_t>> get_all_vstream_infos(const std::string& name = "") const;
  Expected<std::vector<std::string>> get_sorted_output_names(const std::string& net_group_name = "") const;
  Expected<size_t> get_number_of_input_streams(const std::string& net_group_name = "") const;
  Expected<size_t> get_number_of_output_streams(const std::string& net_group_name = "") const;
  /// HAILO_NOT_AVAILABLE where the compiler gave no figure.
  Expected<float64_t> get_bottleneck_fps(const std::string& net_group_name = "") const;
  Expected<hailo_device_architecture_t> get_hef_device_arch() const;
  static Expected<std::string> device_arch_to_string(const hailo_device_architecture_t arch);

  Expected<std::vector<std::string>> get_stream_names_from_vstream_name(const std::string& vstream_name,
                                                                        const std::string& net_group_name = "") const;
  Expected<std::vector<std::string>> get_vstream_names_from_stream_name(const std::string& stream_name,
                                                                        const std::string& net_group_name = "") const;
  Expected<std::string> get_vstream_name_from_original_name(const std::string& original_name,
                                                            const std::string& net_group_name = "") const;
  Expected<std::vector<std::string>> get_original_names_from_vstream_name(const std::string& vstream_name,
                                                                          const std::string& net_group_name = "") const;

  std::vector<std::string> get_network_groups_names() const;
  Expected<std::vector<hailo_network_group_info_t>> get_network_groups_infos() const;
  Expected<std::vector<hailo_network_info_t>> get_network_infos(const std::string& net_group_name = "") const;

  Expected<NetworkGroupsParamsMap> create_configure_params(hailo_stream_interface_t stream_interface);
  Expected<ConfigureNetworkParams> create_configure_params(hailo_stream_interface_t stream_interface,
                                                           const std::string& network_group_name);
  Expected<NetworkGroupsParamsMap> create_configure_params_mipi_input(
      hailo_stream_interface_t output_interface, const hailo_mipi_input_stream_params_t& mipi_params);
  Expected<ConfigureNetworkParams> create_configure_params_mipi_input(
      hailo_stream_interface_t output_interface, const hailo_mipi_input_stream_params_t& mipi_params,
      const std::string& network_group_name);
  Expected<std::map<std::string, hailo_stream_parameters_t>> create_stream_parameters_by_name(
      const std::string& net_group_name, hailo_stream_interface_t stream_interface);
  Expected<std::map<std::string, hailo_network_parameters_t>> create_network_parameters_by_name(
      const std::string& net_group_name);
  Expected<std::map<std::string, hailo_vstream_params_t>> make_input_vstream_params(
      const std::string& name, bool unused, hailo_format_type_t format_type, uint32_t timeout_ms, uint32_t queue_size);
  Expected<std::map<std::string, hailo_vstream_params_t>> make_output_vstream_params(
      const std::string& name, bool unused, hailo_format_type_t format_type, uint32_t timeout_ms, uint32_t queue_size);

  /// Of the file's bytes, in hexadecimal.
  std::string hash() const;
  /// The text of `hailortcli parse-hef`.
  Expected<std::string> get_description(bool stream_infos, bool vstream_infos) const;
  /// Contents by name.
  Expected<std::map<std::string, std::string>> get_external_resources() const;

  ~Hef();
  Hef(Hef&&);
  Hef& operator=(Hef&&);
  Hef(const Hef&) = default;
  Hef& operator=(const Hef&) = delete;

  class Impl;
  explicit Hef(std::shared_ptr<const Impl> impl);
  const std::shared_ptr<const Impl>& impl() const { return m_impl; }

 private:
  std::shared_ptr<const Impl> m_impl;
};

}  // namespace hailort
