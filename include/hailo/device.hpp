// Device: one physical device. The virtual device stands for a Hailo-8 on PCIe with the id 0000:01:00.0.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "hailo/expected.hpp"
#include "hailo/hef.hpp"
#include "hailo/network_group.hpp"

namespace hailort {

class Device;

using NotificationCallback =
    std::function<void(Device& device, const hailo_notification_t& notification, void* opaque)>;

class HAILORTAPI Device {
 public:
  enum class Type { PCIE = 0, ETH, INTEGRATED };
  struct Capabilities {
    bool power_measurements;
    bool current_measurements;
    bool temperature_measurements;
  };

  static Expected<std::vector<std::string>> scan();
  static Expected<std::vector<hailo_pcie_device_info_t>> scan_pcie();
  static Expected<std::unique_ptr<Device>> create();
  /// HAILO_NOT_FOUND for an id that scan() does not give.
  static Expected<std::unique_ptr<Device>> create(const std::string& device_id);
  static Expected<std::unique_ptr<Device>> create_pcie();
  static Expected<std::unique_ptr<Device>> create_pcie(const hailo_pcie_device_info_t& device_info);
  static Expected<hailo_pcie_device_info_t> parse_pcie_device_info(const std::string& device_info_str);
  static Expected<std::string> pcie_device_info_to_string(const hailo_pcie_device_info_t& device_info);
  static Expected<Type> get_device_type(const std::string& device_id);
  static bool device_ids_equal(const std::string& first, const std::string& second);

  virtual ~Device();
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  Expected<NetworkGroupsParamsMap> create_configure_params(Hef& hef) const;
  Expected<ConfigureNetworkParams> create_configure_params(Hef& hef, const std::string& network_group_name) const;
  /// Without a scheduler; errors as VDevice::configure().
  Expected<ConfiguredNetworkGroupVector> configure(Hef& hef, const NetworkGroupsParamsMap& configure_params = {});
  Expected<hailo_device_identity_t> identify();
  Expected<hailo_core_information_t> core_identify();
  Expected<hailo_extended_device_information_t> get_extended_device_information();
  Expected<hailo_device_architecture_t> get_architecture() const;
  Type get_type() const { return Type::PCIE; }
  const char* get_dev_id() const;
  Expected<hailo_stream_interface_t> get_default_streams_interface() const;
  bool is_stream_interface_supported(const hailo_stream_interface_t& stream_interface) const;
  Expected<Capabilities> get_capabilities();
  /// Accepted; the virtual device has nothing to tell.
  hailo_status set_notification_callback(const NotificationCallback& func, hailo_notification_id_t notification_id,
                                         void* opaque);
  hailo_status remove_notification_callback(hailo_notification_id_t notification_id);
  hailo_status reset(hailo_reset_device_mode_t mode);
  hailo_status dma_map(void* address, size_t size, hailo_dma_buffer_direction_t direction);
  hailo_status dma_unmap(void* address, size_t size, hailo_dma_buffer_direction_t direction);
  hailo_status before_fork() { return HAILO_SUCCESS; }
  hailo_status after_fork_in_parent() { return HAILO_SUCCESS; }
  hailo_status after_fork_in_child() { return HAILO_SUCCESS; }

  // What only a chip, its sensors and its firmware have: HAILO_NOT_SUPPORTED.
  static Expected<std::vector<hailo_eth_device_info_t>> scan_eth(const std::string& interface_name,
                                                                 std::chrono::milliseconds timeout);
  static Expected<std::vector<hailo_eth_device_info_t>> scan_eth_by_host_address(const std::string& host_address,
                                                                                 std::chrono::milliseconds timeout);
  static Expected<std::unique_ptr<Device>> create_eth(const hailo_eth_device_info_t& device_info);
  static Expected<std::unique_ptr<Device>> create_eth(const std::string& ip_addr);
  static Expected<std::unique_ptr<Device>> create_eth(const std::string& device_address, uint16_t port,
                                                      uint32_t timeout_milliseconds, uint8_t max_number_of_attempts);
  Expected<hailo_chip_temperature_info_t> get_chip_temperature();
  Expected<hailo_health_stats_t> query_health_stats();
  Expected<hailo_performance_stats_t> query_performance_stats();
  Expected<hailo_health_info_t> get_health_information();
  Expected<float32_t> power_measurement(hailo_dvm_options_t dvm, hailo_power_measurement_types_t measurement_type);
  hailo_status start_power_measurement(hailo_averaging_factor_t averaging_factor,
                                       hailo_sampling_period_t sampling_period);
  hailo_status set_power_measurement(hailo_measurement_buffer_index_t buffer_index, hailo_dvm_options_t dvm,
                                     hailo_power_measurement_types_t measurement_type);
  Expected<hailo_power_measurement_data_t> get_power_measurement(hailo_measurement_buffer_index_t buffer_index,
                                                                 bool should_clear);
  hailo_status stop_power_measurement();
  Expected<size_t> read_log(MemoryView& buffer, hailo_cpu_id_t cpu_id);
  hailo_status set_fw_logger(hailo_fw_logger_level_t level, uint32_t interface_mask);
  hailo_status set_throttling_state(bool should_activate);
  Expected<bool> get_throttling_state();
  hailo_status set_overcurrent_state(bool should_activate);
  Expected<bool> get_overcurrent_state();
  hailo_status write_memory(uint32_t address, const MemoryView& data);
  hailo_status read_memory(uint32_t address, MemoryView& data);
  hailo_status direct_write_memory(uint32_t address, const void* buffer, uint32_t size);
  hailo_status direct_read_memory(uint32_t address, void* buffer, uint32_t size);
  hailo_status wd_enable(hailo_cpu_id_t cpu_id);
  hailo_status wd_disable(hailo_cpu_id_t cpu_id);
  hailo_status wd_config(hailo_cpu_id_t cpu_id, uint32_t wd_cycles, hailo_watchdog_mode_t wd_mode);
  Expected<uint32_t> previous_system_state(hailo_cpu_id_t cpu_id);
  hailo_status set_pause_frames(bool rx_pause_frames_enable);
  hailo_status i2c_read(const hailo_i2c_slave_config_t& slave_config, uint32_t register_address, MemoryView& data);
  hailo_status i2c_write(const hailo_i2c_slave_config_t& slave_config, uint32_t register_address,
                         const MemoryView& data);
  hailo_status test_chip_memories();
  hailo_status set_sleep_state(hailo_sleep_state_t sleep_state);
  hailo_status firmware_update(const MemoryView& firmware_binary, bool should_reset);
  hailo_status second_stage_update(uint8_t* second_stage_binary, uint32_t second_stage_binary_length);
  hailo_status store_sensor_config(uint32_t section_index, hailo_sensor_types_t sensor_type, uint32_t reset_config_size,
                                   uint16_t config_height, uint16_t config_width, uint16_t config_fps,
                                   const std::string& config_file_path, const std::string& config_name);
  hailo_status store_isp_config(uint32_t reset_config_size, uint16_t config_height, uint16_t config_width,
                                uint16_t config_fps, const std::string& isp_static_config_file_path,
                                const std::string& isp_runtime_config_file_path, const std::string& config_name);
  Expected<Buffer> sensor_get_sections_info();
  hailo_status sensor_dump_config(uint32_t section_index, const std::string& config_file_path);
  hailo_status sensor_set_i2c_bus_index(hailo_sensor_types_t sensor_type, uint32_t bus_index);
  hailo_status sensor_load_and_start_config(uint32_t section_index);
  hailo_status sensor_reset(uint32_t section_index);
  hailo_status sensor_set_generic_i2c_slave(uint16_t slave_address, uint8_t offset_size, uint8_t bus_index,
                                            uint8_t should_hold_bus, uint8_t slave_endianness);
  Expected<Buffer> read_board_config();
  hailo_status write_board_config(const MemoryView& buffer);
  Expected<hailo_fw_user_config_information_t> examine_user_config();
  Expected<Buffer> read_user_config();
  hailo_status write_user_config(const MemoryView& buffer);
  hailo_status erase_user_config();
  hailo_status dma_map_dmabuf(int dmabuf_fd, size_t size, hailo_dma_buffer_direction_t direction);
  hailo_status dma_unmap_dmabuf(int dmabuf_fd, size_t size, hailo_dma_buffer_direction_t direction);

  class Impl;
  explicit Device(std::unique_ptr<Impl> impl);

 private:
  std::unique_ptr<Impl> m_impl;
};

}  // namespace hailort
