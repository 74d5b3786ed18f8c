// How a network group is configured, activated and named.
#pragma once

#include "stream_types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
  HAILO_POWER_MODE_PERFORMANCE = 0,
  HAILO_POWER_MODE_ULTRA_PERFORMANCE = 1,
  HAILO_POWER_MODE_MAX_ENUM = HAILO_MAX_ENUM
} hailo_power_mode_t;

typedef enum {
  HAILO_LATENCY_NONE = 0,
  HAILO_LATENCY_MEASURE = 1 << 0,
  HAILO_LATENCY_CLEAR_AFTER_GET = 1 << 1,
  HAILO_LATENCY_MAX_ENUM = HAILO_MAX_ENUM
} hailo_latency_measurement_flags_t;

typedef struct {
  uint16_t batch_size;
} hailo_network_parameters_t;

typedef struct {
  char name[HAILO_MAX_NETWORK_NAME_SIZE];
  hailo_network_parameters_t network_params;
} hailo_network_parameters_by_name_t;

typedef struct {
  char name[HAILO_MAX_NETWORK_GROUP_NAME_SIZE];
  uint16_t batch_size;
  hailo_power_mode_t power_mode;
  hailo_latency_measurement_flags_t latency;
  size_t stream_params_by_name_count;
  hailo_stream_parameters_by_name_t stream_params_by_name[HAILO_MAX_STREAMS_COUNT];
  size_t network_params_by_name_count;
  hailo_network_parameters_by_name_t network_params_by_name[HAILO_MAX_NETWORKS_IN_NETWORK_GROUP];
} hailo_configure_network_group_params_t;

typedef struct {
  size_t network_group_params_count;
  hailo_configure_network_group_params_t network_group_params[HAILO_MAX_NETWORK_GROUPS];
} hailo_configure_params_t;

typedef struct {
  EMPTY_STRUCT_PLACEHOLDER
} hailo_activate_network_group_params_t;

typedef struct {
  char name[HAILO_MAX_NETWORK_GROUP_NAME_SIZE];
  bool is_multi_context;
} hailo_network_group_info_t;

typedef struct {
  char name[HAILO_MAX_STREAM_NAME_SIZE];
} hailo_layer_name_t;

typedef struct {
  char name[HAILO_MAX_NETWORK_NAME_SIZE];
} hailo_network_info_t;

#ifdef __cplusplus
}
#endif
