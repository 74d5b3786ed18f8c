// The library, devices and virtual devices. Every call returns HAILO_INVALID_ARGUMENT for a null pointer or a handle
// that is not alive, and says why in the log.
#pragma once

#include "configure_types.h"
#include "health_types.h"
#include "notification_types.h"

#ifdef __cplusplus
extern "C" {
#endif

HAILORTAPI hailo_status hailo_get_library_version(hailo_version_t* version);
HAILORTAPI const char* hailo_get_status_message(hailo_status status);
HAILORTAPI hailo_status hailo_scan_devices(hailo_scan_devices_params_t* params, hailo_device_id_t* device_ids,
                                           size_t* device_ids_length);
HAILORTAPI hailo_status hailo_create_device_by_id(const hailo_device_id_t* device_id, hailo_device* device);
HAILORTAPI hailo_status hailo_scan_pcie_devices(hailo_pcie_device_info_t* pcie_device_infos,
                                                size_t pcie_device_infos_length, size_t* number_of_devices);
HAILORTAPI hailo_status hailo_parse_pcie_device_info(const char* device_info_str,
                                                     hailo_pcie_device_info_t* device_info);
HAILORTAPI hailo_status hailo_create_pcie_device(hailo_pcie_device_info_t* device_info, hailo_device* device);
HAILORTAPI hailo_status hailo_scan_ethernet_devices(const char* interface_name,
                                                    hailo_eth_device_info_t* eth_device_infos,
                                                    size_t eth_device_infos_length, size_t* number_of_devices,
                                                    uint32_t timeout_ms);
HAILORTAPI hailo_status hailo_create_ethernet_device(hailo_eth_device_info_t* device_info, hailo_device* device);
HAILORTAPI hailo_status hailo_release_device(hailo_device device);
HAILORTAPI hailo_status hailo_device_get_type_by_device_id(const hailo_device_id_t* device_id,
                                                           hailo_device_type_t* device_type);
HAILORTAPI hailo_status hailo_identify(hailo_device device, hailo_device_identity_t* device_identity);
HAILORTAPI hailo_status hailo_core_identify(hailo_device device, hailo_core_information_t* core_information);
HAILORTAPI hailo_status hailo_get_extended_device_information(
    hailo_device device, hailo_extended_device_information_t* extended_device_information);
HAILORTAPI hailo_status hailo_set_fw_logger(hailo_device device, hailo_fw_logger_level_t level,
                                            uint32_t interface_mask);
HAILORTAPI hailo_status hailo_set_throttling_state(hailo_device device, bool should_activate);
HAILORTAPI hailo_status hailo_get_throttling_state(hailo_device device, bool* is_active);
HAILORTAPI hailo_status hailo_wd_enable(hailo_device device, hailo_cpu_id_t cpu_id);
HAILORTAPI hailo_status hailo_wd_disable(hailo_device device, hailo_cpu_id_t cpu_id);
HAILORTAPI hailo_status hailo_wd_config(hailo_device device, hailo_cpu_id_t cpu_id, uint32_t wd_cycles,
                                        hailo_watchdog_mode_t wd_mode);
HAILORTAPI hailo_status hailo_get_previous_system_state(hailo_device device, hailo_cpu_id_t cpu_id,
                                                        uint32_t* previous_system_state);
HAILORTAPI hailo_status hailo_set_pause_frames(hailo_device device, bool rx_pause_frames_enable);
HAILORTAPI hailo_status hailo_get_device_id(hailo_device device, hailo_device_id_t* id);
HAILORTAPI hailo_status hailo_get_chip_temperature(hailo_device device, hailo_chip_temperature_info_t* temp_info);
HAILORTAPI hailo_status hailo_reset_device(hailo_device device, hailo_reset_device_mode_t mode);
HAILORTAPI hailo_status hailo_update_firmware(hailo_device device, void* firmware_buffer,
                                              uint32_t firmware_buffer_size);
HAILORTAPI hailo_status hailo_update_second_stage(hailo_device device, void* second_stage_buffer,
                                                  uint32_t second_stage_buffer_size);
HAILORTAPI hailo_status hailo_set_notification_callback(hailo_device device, hailo_notification_callback callback,
                                                        hailo_notification_id_t notification_id, void* opaque);
HAILORTAPI hailo_status hailo_remove_notification_callback(hailo_device device,
                                                           hailo_notification_id_t notification_id);
HAILORTAPI hailo_status hailo_reset_sensor(hailo_device device, uint8_t section_index);
HAILORTAPI hailo_status hailo_set_sensor_i2c_bus_index(hailo_device device, hailo_sensor_types_t sensor_type,
                                                       uint8_t bus_index);
HAILORTAPI hailo_status hailo_load_and_start_sensor(hailo_device device, uint8_t section_index);
HAILORTAPI hailo_status hailo_i2c_read(hailo_device device, const hailo_i2c_slave_config_t* slave_config,
                                       uint32_t register_address, uint8_t* data, uint32_t length);
HAILORTAPI hailo_status hailo_i2c_write(hailo_device device, const hailo_i2c_slave_config_t* slave_config,
                                        uint32_t register_address, const uint8_t* data, uint32_t length);
HAILORTAPI hailo_status hailo_dump_sensor_config(hailo_device device, uint8_t section_index,
                                                 const char* config_file_path);
HAILORTAPI hailo_status hailo_store_sensor_config(hailo_device device, uint32_t section_index,
                                                  hailo_sensor_types_t sensor_type, uint32_t reset_config_size,
                                                  uint16_t config_height, uint16_t config_width, uint16_t config_fps,
                                                  const char* config_file_path, const char* config_name);
HAILORTAPI hailo_status hailo_store_isp_config(hailo_device device, uint32_t reset_config_size, uint16_t config_height,
                                               uint16_t config_width, uint16_t config_fps,
                                               const char* isp_static_config_file_path,
                                               const char* isp_runtime_config_file_path, const char* config_name);
HAILORTAPI hailo_status hailo_test_chip_memories(hailo_device device);
HAILORTAPI hailo_status hailo_init_vdevice_params(hailo_vdevice_params_t* params);
HAILORTAPI hailo_status hailo_create_vdevice(hailo_vdevice_params_t* params, hailo_vdevice* vdevice);
HAILORTAPI hailo_status hailo_configure_vdevice(hailo_vdevice vdevice, hailo_hef hef, hailo_configure_params_t* params,
                                                hailo_configured_network_group* network_groups,
                                                size_t* number_of_network_groups);
HAILORTAPI hailo_status hailo_get_physical_devices(hailo_vdevice vdevice, hailo_device* devices,
                                                   size_t* number_of_devices);
HAILORTAPI hailo_status hailo_vdevice_get_physical_devices_ids(hailo_vdevice vdevice, hailo_device_id_t* devices_ids,
                                                               size_t* number_of_devices);
HAILORTAPI hailo_status hailo_release_vdevice(hailo_vdevice vdevice);
HAILORTAPI hailo_status hailo_power_measurement(hailo_device device, hailo_dvm_options_t dvm,
                                                hailo_power_measurement_types_t measurement_type,
                                                float32_t* measurement);
HAILORTAPI hailo_status hailo_start_power_measurement(hailo_device device, hailo_averaging_factor_t averaging_factor,
                                                      hailo_sampling_period_t sampling_period);
HAILORTAPI hailo_status hailo_set_power_measurement(hailo_device device, hailo_measurement_buffer_index_t buffer_index,
                                                    hailo_dvm_options_t dvm,
                                                    hailo_power_measurement_types_t measurement_type);
HAILORTAPI hailo_status hailo_get_power_measurement(hailo_device device, hailo_measurement_buffer_index_t buffer_index,
                                                    bool should_clear,
                                                    hailo_power_measurement_data_t* measurement_data);
HAILORTAPI hailo_status hailo_stop_power_measurement(hailo_device device);
typedef enum hailo_sleep_state_e {
  HAILO_SLEEP_STATE_SLEEPING = 0,
  HAILO_SLEEP_STATE_AWAKE = 1,
  HAILO_SLEEP_STATE_MAX_ENUM = HAILO_MAX_ENUM
} hailo_sleep_state_t;
HAILORTAPI hailo_status hailo_set_sleep_state(hailo_device device, hailo_sleep_state_t sleep_state);

#ifdef __cplusplus
}
#endif
