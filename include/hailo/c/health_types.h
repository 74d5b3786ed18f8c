// Reset, watchdog, temperature, protection, and measurements.
#pragma once

#include "constants.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
  HAILO_RESET_DEVICE_MODE_CHIP = 0,
  HAILO_RESET_DEVICE_MODE_NN_CORE = 1,
  HAILO_RESET_DEVICE_MODE_SOFT = 2,
  HAILO_RESET_DEVICE_MODE_FORCED_SOFT = 3,
  HAILO_RESET_DEVICE_MODE_MAX_ENUM = HAILO_MAX_ENUM
} hailo_reset_device_mode_t;

typedef enum {
  HAILO_WATCHDOG_MODE_HW_SW = 0,
  HAILO_WATCHDOG_MODE_HW_ONLY = 1,
  HAILO_WATCHDOG_MODE_MAX_ENUM = HAILO_MAX_ENUM
} hailo_watchdog_mode_t;

typedef struct {
  float32_t ts0_temperature;
  float32_t ts1_temperature;
  uint16_t sample_count;
} hailo_chip_temperature_info_t;

typedef struct {
  float32_t temperature_threshold;
  float32_t hysteresis_temperature_threshold;
  uint32_t throttling_nn_clock_freq;
} hailo_throttling_level_t;

typedef struct {
  bool overcurrent_protection_active;
  uint8_t current_overcurrent_zone;
  float32_t red_overcurrent_threshold;
  bool overcurrent_throttling_active;
  bool temperature_throttling_active;
  uint8_t current_temperature_zone;
  int8_t current_temperature_throttling_level;
  hailo_throttling_level_t temperature_throttling_levels[HAILO_MAX_TEMPERATURE_THROTTLING_LEVELS_NUMBER];
  int32_t orange_temperature_threshold;
  int32_t orange_hysteresis_temperature_threshold;
  int32_t red_temperature_threshold;
  int32_t red_hysteresis_temperature_threshold;
  uint32_t requested_overcurrent_clock_freq;
  uint32_t requested_temperature_clock_freq;
} hailo_health_info_t;

typedef struct {
  void* buffer;
  size_t size;
} hailo_stream_raw_buffer_t;

typedef struct {
  char name[HAILO_MAX_STREAM_NAME_SIZE];
  hailo_stream_raw_buffer_t raw_buffer;
} hailo_stream_raw_buffer_by_name_t;

typedef struct {
  float64_t avg_hw_latency_ms;
} hailo_latency_measurement_result_t;

typedef struct {
  char stream_name[HAILO_MAX_STREAM_NAME_SIZE];
  uint32_t rate;
} hailo_rate_limit_t;

typedef enum {
  HAILO_SENSOR_TYPES_GENERIC = 0,
  HAILO_SENSOR_TYPES_ONSEMI_AR0220AT,
  HAILO_SENSOR_TYPES_RASPICAM,
  HAILO_SENSOR_TYPES_ONSEMI_AS0149AT,
  HAILO_SENSOR_TYPES_HAILO8_ISP = 0x80000000,
  HAILO_SENSOR_TYPES_MAX_ENUM = HAILO_MAX_ENUM
} hailo_sensor_types_t;

typedef enum {
  HAILO_FW_LOGGER_INTERFACE_PCIE = 1 << 0,
  HAILO_FW_LOGGER_INTERFACE_UART = 1 << 1,
  HAILO_FW_LOGGER_INTERFACE_MAX_ENUM = HAILO_MAX_ENUM
} hailo_fw_logger_interface_t;

typedef enum {
  HAILO_FW_LOGGER_LEVEL_TRACE = 0,
  HAILO_FW_LOGGER_LEVEL_DEBUG = 1,
  HAILO_FW_LOGGER_LEVEL_INFO = 2,
  HAILO_FW_LOGGER_LEVEL_WARN = 3,
  HAILO_FW_LOGGER_LEVEL_ERROR = 4,
  HAILO_FW_LOGGER_LEVEL_FATAL = 5,
  HAILO_FW_LOGGER_LEVEL_MAX_ENUM = HAILO_MAX_ENUM
} hailo_fw_logger_level_t;

#ifdef __cplusplus
}
#endif
