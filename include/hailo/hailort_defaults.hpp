// Parameters as they are when nobody says otherwise.
#pragma once

#include <string>

#include "hailo/expected.hpp"
#include "hailo/network_group.hpp"

namespace hailort {

#define HAILO_DEFAULT_NETWORK_NAME_QUALIFIER (std::string("/"))

class HAILORTAPI HailoRTDefaults final {
 public:
  HailoRTDefaults() = delete;

  /// The order that a HEF's format code means; HAILO_INTERNAL_FAILURE for other codes.
  static Expected<hailo_format_order_t> get_device_format_order(uint32_t compiler_format_order);
  static hailo_format_order_t get_default_host_format_order(const hailo_format_t& device_format);
  /// `host_format` with its AUTO members as the device has them.
  static hailo_format_t expand_auto_format(const hailo_format_t& host_format, const hailo_format_t& hw_format);
  static hailo_format_t get_user_buffer_format();
  static hailo_format_t get_user_buffer_format(bool unused, hailo_format_type_t format_type);
  static hailo_transform_params_t get_transform_params();
  static hailo_transform_params_t get_transform_params(bool unused, hailo_format_type_t format_type);
  static hailo_transform_params_t get_transform_params(const hailo_stream_info_t& stream_info);
  static hailo_vstream_params_t get_vstreams_params();
  static hailo_vstream_params_t get_vstreams_params(bool unused, hailo_format_type_t format_type);
  static Expected<hailo_stream_parameters_t> get_stream_parameters(hailo_stream_interface_t interface,
                                                                   hailo_stream_direction_t direction);
  static ConfigureNetworkParams get_configure_params(uint16_t batch_size = HAILO_DEFAULT_BATCH_SIZE,
                                                     hailo_power_mode_t power_mode = HAILO_POWER_MODE_PERFORMANCE);
  static hailo_network_parameters_t get_network_parameters(uint16_t batch_size = HAILO_DEFAULT_BATCH_SIZE);
  /// The name of the only network of a group.
  static std::string get_network_name(const std::string& net_group_name);
  static hailo_activate_network_group_params_t get_active_network_group_params();
  static hailo_vdevice_params_t get_vdevice_params();
};

}  // namespace hailort
