// Handles, and what a device says of itself.
#pragma once

#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  uint32_t major;
  uint32_t minor;
  uint32_t revision;
} hailo_version_t;

typedef struct _hailo_device* hailo_device;

typedef struct _hailo_vdevice* hailo_vdevice;

typedef struct _hailo_hef* hailo_hef;

typedef struct _hailo_input_stream* hailo_input_stream;

typedef struct _hailo_output_stream* hailo_output_stream;

typedef struct _hailo_configured_network_group* hailo_configured_network_group;

typedef struct _hailo_activated_network_group* hailo_activated_network_group;

typedef struct _hailo_input_transform_context* hailo_input_transform_context;

typedef struct _hailo_output_transform_context* hailo_output_transform_context;

typedef struct _hailo_output_demuxer* hailo_output_demuxer;

typedef struct _hailo_input_vstream* hailo_input_vstream;

typedef struct _hailo_output_vstream* hailo_output_vstream;

typedef enum hailo_dvm_options_e {
  HAILO_DVM_OPTIONS_VDD_CORE = 0,
  HAILO_DVM_OPTIONS_VDD_IO,
  HAILO_DVM_OPTIONS_MIPI_AVDD,
  HAILO_DVM_OPTIONS_MIPI_AVDD_H,
  HAILO_DVM_OPTIONS_USB_AVDD_IO,
  HAILO_DVM_OPTIONS_VDD_TOP,
  HAILO_DVM_OPTIONS_USB_AVDD_IO_HV,
  HAILO_DVM_OPTIONS_AVDD_H,
  HAILO_DVM_OPTIONS_SDIO_VDD_IO,
  HAILO_DVM_OPTIONS_OVERCURRENT_PROTECTION,
  HAILO_DVM_OPTIONS_COUNT,
  HAILO_DVM_OPTIONS_AUTO = INT_MAX,
  HAILO_DVM_OPTIONS_MAX_ENUM = HAILO_MAX_ENUM
} hailo_dvm_options_t;

typedef enum hailo_power_measurement_types_e {
  HAILO_POWER_MEASUREMENT_TYPES__SHUNT_VOLTAGE = 0,
  HAILO_POWER_MEASUREMENT_TYPES__BUS_VOLTAGE,
  HAILO_POWER_MEASUREMENT_TYPES__POWER,
  HAILO_POWER_MEASUREMENT_TYPES__CURRENT,
  HAILO_POWER_MEASUREMENT_TYPES__COUNT,
  HAILO_POWER_MEASUREMENT_TYPES__AUTO = INT_MAX,
  HAILO_POWER_MEASUREMENT_TYPES__MAX_ENUM = HAILO_MAX_ENUM
} hailo_power_measurement_types_t;

typedef enum hailo_sampling_period_e {
  HAILO_SAMPLING_PERIOD_140US = 0,
  HAILO_SAMPLING_PERIOD_204US,
  HAILO_SAMPLING_PERIOD_332US,
  HAILO_SAMPLING_PERIOD_588US,
  HAILO_SAMPLING_PERIOD_1100US,
  HAILO_SAMPLING_PERIOD_2116US,
  HAILO_SAMPLING_PERIOD_4156US,
  HAILO_SAMPLING_PERIOD_8244US,
  HAILO_SAMPLING_PERIOD_MAX_ENUM = HAILO_MAX_ENUM
} hailo_sampling_period_t;

typedef enum hailo_averaging_factor_e {
  HAILO_AVERAGE_FACTOR_1 = 0,
  HAILO_AVERAGE_FACTOR_4,
  HAILO_AVERAGE_FACTOR_16,
  HAILO_AVERAGE_FACTOR_64,
  HAILO_AVERAGE_FACTOR_128,
  HAILO_AVERAGE_FACTOR_256,
  HAILO_AVERAGE_FACTOR_512,
  HAILO_AVERAGE_FACTOR_1024,
  HAILO_AVERAGE_FACTOR_MAX_ENUM = HAILO_MAX_ENUM
} hailo_averaging_factor_t;

typedef enum hailo_measurement_buffer_index_e {
  HAILO_MEASUREMENT_BUFFER_INDEX_0 = 0,
  HAILO_MEASUREMENT_BUFFER_INDEX_1,
  HAILO_MEASUREMENT_BUFFER_INDEX_2,
  HAILO_MEASUREMENT_BUFFER_INDEX_3,
  HAILO_MEASUREMENT_BUFFER_INDEX_MAX_ENUM = HAILO_MAX_ENUM
} hailo_measurement_buffer_index_t;

typedef struct {
  float32_t average_value;
  float32_t average_time_value_milliseconds;
  float32_t min_value;
  float32_t max_value;
  uint32_t total_number_of_samples;
} hailo_power_measurement_data_t;

typedef struct _hailo_scan_devices_params_t hailo_scan_devices_params_t;

typedef struct {
  struct sockaddr_in host_address;
  struct sockaddr_in device_address;
  uint32_t timeout_millis;
  uint8_t max_number_of_attempts;
  uint16_t max_payload_size;
} hailo_eth_device_info_t;

typedef struct {
  uint32_t domain;
  uint32_t bus;
  uint32_t device;
  uint32_t func;
} hailo_pcie_device_info_t;

typedef struct {
  char id[HAILO_MAX_DEVICE_ID_LENGTH];
} hailo_device_id_t;

typedef enum {
  HAILO_DEVICE_TYPE_PCIE,
  HAILO_DEVICE_TYPE_ETH,
  HAILO_DEVICE_TYPE_INTEGRATED,
  HAILO_DEVICE_TYPE_MAX_ENUM = HAILO_MAX_ENUM
} hailo_device_type_t;

typedef enum hailo_scheduling_algorithm_e {
  HAILO_SCHEDULING_ALGORITHM_NONE = 0,
  HAILO_SCHEDULING_ALGORITHM_ROUND_ROBIN,
  HAILO_SCHEDULING_ALGORITHM_MAX_ENUM = HAILO_MAX_ENUM
} hailo_scheduling_algorithm_t;

typedef struct {
  uint32_t device_count;
  hailo_device_id_t* device_ids;
  hailo_scheduling_algorithm_t scheduling_algorithm;
  const char* group_id;
  bool multi_process_service;
} hailo_vdevice_params_t;

typedef enum hailo_device_architecture_e {
  HAILO_ARCH_HAILO8_A0 = 0,
  HAILO_ARCH_HAILO8,
  HAILO_ARCH_HAILO8L,
  HAILO_ARCH_HAILO15H,
  HAILO_ARCH_HAILO15L,
  HAILO_ARCH_HAILO15M,
  HAILO_ARCH_HAILO10H,
  HAILO_ARCH_MARS,
  HAILO_ARCH_MAX_ENUM = HAILO_MAX_ENUM
} hailo_device_architecture_t;

typedef enum { HAILO_CPU_ID_0 = 0, HAILO_CPU_ID_1, HAILO_CPU_ID_MAX_ENUM = HAILO_MAX_ENUM } hailo_cpu_id_t;

typedef struct {
  uint32_t major;
  uint32_t minor;
  uint32_t revision;
} hailo_firmware_version_t;

typedef struct {
  uint32_t protocol_version;
  hailo_firmware_version_t fw_version;
  uint32_t logger_version;
  uint8_t board_name_length;
  char board_name[HAILO_MAX_BOARD_NAME_LENGTH];
  bool is_release;
  bool extended_context_switch_buffer;
  hailo_device_architecture_t device_architecture;
  uint8_t serial_number_length;
  char serial_number[HAILO_MAX_SERIAL_NUMBER_LENGTH];
  uint8_t part_number_length;
  char part_number[HAILO_MAX_PART_NUMBER_LENGTH];
  uint8_t product_name_length;
  char product_name[HAILO_MAX_PRODUCT_NAME_LENGTH];
} hailo_device_identity_t;

typedef struct {
  bool is_release;
  bool extended_context_switch_buffer;
  hailo_firmware_version_t fw_version;
} hailo_core_information_t;

typedef enum {
  HAILO_DEVICE_BOOT_SOURCE_INVALID = 0,
  HAILO_DEVICE_BOOT_SOURCE_PCIE,
  HAILO_DEVICE_BOOT_SOURCE_FLASH,
  HAILO_DEVICE_BOOT_SOURCE_MAX = HAILO_MAX_ENUM
} hailo_device_boot_source_t;

typedef struct {
  bool ethernet;
  bool mipi;
  bool pcie;
  bool current_monitoring;
  bool mdio;
} hailo_device_supported_features_t;

typedef struct {
  uint32_t neural_network_core_clock_rate;
  hailo_device_supported_features_t supported_features;
  hailo_device_boot_source_t boot_source;
  uint8_t soc_id[HAILO_SOC_ID_LENGTH];
  uint8_t lcs;
  uint8_t eth_mac_address[HAILO_ETH_MAC_LENGTH];
  uint8_t unit_level_tracking_id[HAILO_UNIT_LEVEL_TRACKING_BYTES_LENGTH];
  uint8_t soc_pm_values[HAILO_SOC_PM_VALUES_BYTES_LENGTH];
  uint16_t gpio_mask;
} hailo_extended_device_information_t;

typedef enum {
  HAILO_BIG_ENDIAN = 0,
  HAILO_LITTLE_ENDIAN = 1,
  HAILO_ENDIANNESS_MAX_ENUM = HAILO_MAX_ENUM
} hailo_endianness_t;

typedef struct {
  hailo_endianness_t endianness;
  uint16_t slave_address;
  uint8_t register_address_size;
  uint8_t bus_index;
  bool should_hold_bus;
} hailo_i2c_slave_config_t;

typedef struct {
  uint32_t version;
  uint32_t entry_count;
  uint32_t total_size;
} hailo_fw_user_config_information_t;

#ifdef __cplusplus
}
#endif
