// What a device tells unasked, packed as a device sends it.
#pragma once

#include "device_types.h"

#ifdef __cplusplus
extern "C" {
#endif

#pragma pack(push, 1)

typedef enum {
  HAILO_NOTIFICATION_ID_ETHERNET_RX_ERROR = 0,
  HAILO_NOTIFICATION_ID_HEALTH_MONITOR_TEMPERATURE_ALARM,
  HAILO_NOTIFICATION_ID_HEALTH_MONITOR_DATAFLOW_SHUTDOWN,
  HAILO_NOTIFICATION_ID_HEALTH_MONITOR_OVERCURRENT_ALARM,
  HAILO_NOTIFICATION_ID_LCU_ECC_CORRECTABLE_ERROR,
  HAILO_NOTIFICATION_ID_LCU_ECC_UNCORRECTABLE_ERROR,
  HAILO_NOTIFICATION_ID_CPU_ECC_ERROR,
  HAILO_NOTIFICATION_ID_CPU_ECC_FATAL,
  HAILO_NOTIFICATION_ID_DEBUG,
  HAILO_NOTIFICATION_ID_CONTEXT_SWITCH_BREAKPOINT_REACHED,
  HAILO_NOTIFICATION_ID_HEALTH_MONITOR_CLOCK_CHANGED_EVENT,
  HAILO_NOTIFICATION_ID_HW_INFER_MANAGER_INFER_DONE,
  HAILO_NOTIFICATION_ID_CONTEXT_SWITCH_RUN_TIME_ERROR_EVENT,
  HAILO_NOTIFICATION_ID_START_UPDATE_CACHE_OFFSET,
  HAILO_NOTIFICATION_ID_COUNT,
  HAILO_NOTIFICATION_ID_MAX_ENUM = HAILO_MAX_ENUM
} hailo_notification_id_t;

typedef struct {
  uint32_t error;
  uint32_t queue_number;
  uint32_t rx_errors_count;
} hailo_rx_error_notification_message_t;

typedef struct {
  uint32_t connection_status;
  uint32_t connection_type;
  uint32_t vdma_is_active;
  uint32_t host_port;
  uint32_t host_ip_addr;
} hailo_debug_notification_message_t;

typedef struct {
  float32_t ts0_temperature;
  float32_t ts1_temperature;
} hailo_health_monitor_dataflow_shutdown_notification_message_t;

typedef enum {
  HAILO_TEMPERATURE_PROTECTION_TEMPERATURE_ZONE__GREEN = 0,
  HAILO_TEMPERATURE_PROTECTION_TEMPERATURE_ZONE__ORANGE = 1,
  HAILO_TEMPERATURE_PROTECTION_TEMPERATURE_ZONE__RED = 2
} hailo_temperature_protection_temperature_zone_t;

typedef struct {
  hailo_temperature_protection_temperature_zone_t temperature_zone;
  uint32_t alarm_ts_id;
  float32_t ts0_temperature;
  float32_t ts1_temperature;
} hailo_health_monitor_temperature_alarm_notification_message_t;

typedef enum {
  HAILO_OVERCURRENT_PROTECTION_OVERCURRENT_ZONE__GREEN = 0,
  HAILO_OVERCURRENT_PROTECTION_OVERCURRENT_ZONE__RED = 1
} hailo_overcurrent_protection_overcurrent_zone_t;

typedef struct {
  hailo_overcurrent_protection_overcurrent_zone_t overcurrent_zone;
  float32_t exceeded_alert_threshold;
  bool is_last_overcurrent_violation_reached;
} hailo_health_monitor_overcurrent_alert_notification_message_t;

typedef struct {
  uint16_t cluster_error;
} hailo_health_monitor_lcu_ecc_error_notification_message_t;

typedef struct {
  uint32_t memory_bitmap;
} hailo_health_monitor_cpu_ecc_notification_message_t;

typedef struct {
  float32_t cpu_utilization;
  int64_t ram_size_total;
  int64_t ram_size_used;
  float32_t nnc_utilization;
  int32_t ddr_noc_total_transactions;
  int32_t dsp_utilization;
} hailo_performance_stats_t;

typedef struct {
  float32_t on_die_temperature;
  float32_t on_die_voltage;
  int32_t startup_bist_mask;
} hailo_health_stats_t;

typedef struct {
  uint8_t network_group_index;
  uint16_t batch_index;
  uint16_t context_index;
  uint16_t action_index;
} hailo_context_switch_breakpoint_reached_message_t;

typedef struct {
  uint32_t previous_clock;
  uint32_t current_clock;
} hailo_health_monitor_clock_changed_notification_message_t;

typedef struct {
  uint32_t infer_cycles;
} hailo_hw_infer_manager_infer_done_notification_message_t;

typedef struct {
  uint64_t cache_id_bitmask;
} hailo_start_update_cache_offset_notification_message_t;

typedef struct {
  uint32_t exit_status;
  uint8_t network_group_index;
  uint16_t batch_index;
  uint16_t context_index;
  uint16_t action_index;
} hailo_context_switch_run_time_error_message_t;

typedef union {
  hailo_rx_error_notification_message_t rx_error_notification;
  hailo_debug_notification_message_t debug_notification;
  hailo_health_monitor_dataflow_shutdown_notification_message_t health_monitor_dataflow_shutdown_notification;
  hailo_health_monitor_temperature_alarm_notification_message_t health_monitor_temperature_alarm_notification;
  hailo_health_monitor_overcurrent_alert_notification_message_t health_monitor_overcurrent_alert_notification;
  hailo_health_monitor_lcu_ecc_error_notification_message_t health_monitor_lcu_ecc_error_notification;
  hailo_health_monitor_cpu_ecc_notification_message_t health_monitor_cpu_ecc_notification;
  hailo_context_switch_breakpoint_reached_message_t context_switch_breakpoint_reached_notification;
  hailo_health_monitor_clock_changed_notification_message_t health_monitor_clock_changed_notification;
  hailo_hw_infer_manager_infer_done_notification_message_t hw_infer_manager_infer_done_notification;
  hailo_context_switch_run_time_error_message_t context_switch_run_time_error;
  hailo_start_update_cache_offset_notification_message_t start_update_cache_offset_notification;
} hailo_notification_message_parameters_t;

typedef struct {
  hailo_notification_id_t id;
  uint32_t sequence;
  hailo_notification_message_parameters_t body;
} hailo_notification_t;

#pragma pack(pop)

typedef void (*hailo_notification_callback)(hailo_device device, const hailo_notification_t* notification,
                                            void* opaque);

#ifdef __cplusplus
}
#endif
