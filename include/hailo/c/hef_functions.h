// HEFs, network groups, their activation and their place in the schedule. Counts given by pointer hold the room of
// the array before a call and the number of entries after it; too little room is HAILO_INSUFFICIENT_BUFFER.
#pragma once

#include "configure_types.h"
#include "device_types.h"
#include "health_types.h"

#ifdef __cplusplus
extern "C" {
#endif

HAILORTAPI hailo_status hailo_create_hef_file(hailo_hef* hef, const char* file_name);
HAILORTAPI hailo_status hailo_create_hef_buffer(hailo_hef* hef, const void* buffer, size_t size);
HAILORTAPI hailo_status hailo_release_hef(hailo_hef hef);
HAILORTAPI hailo_status hailo_hef_get_all_stream_infos(hailo_hef hef, const char* name,
                                                       hailo_stream_info_t* stream_infos, size_t stream_infos_length,
                                                       size_t* number_of_streams);
HAILORTAPI hailo_status hailo_hef_get_stream_info_by_name(hailo_hef hef, const char* network_group_name,
                                                          const char* stream_name,
                                                          hailo_stream_direction_t stream_direction,
                                                          hailo_stream_info_t* stream_info);
HAILORTAPI hailo_status hailo_hef_get_all_vstream_infos(hailo_hef hef, const char* name,
                                                        hailo_vstream_info_t* vstream_infos,
                                                        size_t* vstream_infos_count);
HAILORTAPI hailo_status hailo_hef_get_vstream_name_from_original_name(hailo_hef hef, const char* network_group_name,
                                                                      const char* original_name,
                                                                      hailo_layer_name_t* vstream_name);
HAILORTAPI hailo_status hailo_hef_get_original_names_from_vstream_name(hailo_hef hef, const char* network_group_name,
                                                                       const char* vstream_name,
                                                                       hailo_layer_name_t* original_names,
                                                                       size_t* original_names_length);
HAILORTAPI hailo_status hailo_hef_get_vstream_names_from_stream_name(hailo_hef hef, const char* network_group_name,
                                                                     const char* stream_name,
                                                                     hailo_layer_name_t* vstream_names,
                                                                     size_t* vstream_names_length);
HAILORTAPI hailo_status hailo_hef_get_stream_names_from_vstream_name(hailo_hef hef, const char* network_group_name,
                                                                     const char* vstream_name,
                                                                     hailo_layer_name_t* stream_names,
                                                                     size_t* stream_names_length);
HAILORTAPI hailo_status hailo_hef_get_sorted_output_names(hailo_hef hef, const char* network_group_name,
                                                          hailo_layer_name_t* sorted_output_names,
                                                          size_t* sorted_output_names_count);
HAILORTAPI hailo_status hailo_hef_get_bottleneck_fps(hailo_hef hef, const char* network_group_name,
                                                     float64_t* bottleneck_fps);
HAILORTAPI hailo_status hailo_calculate_eth_input_rate_limits(hailo_hef hef, const char* network_group_name,
                                                              uint32_t fps, hailo_rate_limit_t* rates,
                                                              size_t* rates_length);
HAILORTAPI hailo_status hailo_init_configure_params(hailo_hef hef, hailo_stream_interface_t stream_interface,
                                                    hailo_configure_params_t* params);
HAILORTAPI hailo_status hailo_init_configure_params_by_vdevice(hailo_hef hef, hailo_vdevice vdevice,
                                                               hailo_configure_params_t* params);
HAILORTAPI hailo_status hailo_init_configure_params_by_device(hailo_hef hef, hailo_device device,
                                                              hailo_configure_params_t* params);
HAILORTAPI hailo_status hailo_init_configure_params_mipi_input(hailo_hef hef, hailo_stream_interface_t output_interface,
                                                               hailo_mipi_input_stream_params_t* mipi_params,
                                                               hailo_configure_params_t* params);
HAILORTAPI hailo_status hailo_init_configure_network_group_params(hailo_hef hef,
                                                                  hailo_stream_interface_t stream_interface,
                                                                  const char* network_group_name,
                                                                  hailo_configure_network_group_params_t* params);
HAILORTAPI hailo_status hailo_init_configure_network_group_params_mipi_input(
    hailo_hef hef, hailo_stream_interface_t output_interface, hailo_mipi_input_stream_params_t* mipi_params,
    const char* network_group_name, hailo_configure_network_group_params_t* params);
HAILORTAPI hailo_status hailo_configure_device(hailo_device device, hailo_hef hef, hailo_configure_params_t* params,
                                               hailo_configured_network_group* network_groups,
                                               size_t* number_of_network_groups);
HAILORTAPI hailo_status hailo_wait_for_network_group_activation(hailo_configured_network_group network_group,
                                                                uint32_t timeout_ms);
HAILORTAPI hailo_status hailo_get_network_groups_infos(hailo_hef hef, hailo_network_group_info_t* infos,
                                                       size_t* number_of_infos);
HAILORTAPI hailo_status hailo_network_group_get_all_stream_infos(hailo_configured_network_group network_group,
                                                                 hailo_stream_info_t* stream_infos,
                                                                 size_t stream_infos_length, size_t* number_of_streams);
HAILORTAPI hailo_status hailo_network_group_get_input_stream_infos(hailo_configured_network_group network_group,
                                                                   hailo_stream_info_t* stream_infos,
                                                                   size_t stream_infos_length,
                                                                   size_t* number_of_streams);
HAILORTAPI hailo_status hailo_network_group_get_output_stream_infos(hailo_configured_network_group network_group,
                                                                    hailo_stream_info_t* stream_infos,
                                                                    size_t stream_infos_length,
                                                                    size_t* number_of_streams);
HAILORTAPI hailo_status hailo_shutdown_network_group(hailo_configured_network_group network_group);
HAILORTAPI hailo_status hailo_activate_network_group(hailo_configured_network_group network_group,
                                                     hailo_activate_network_group_params_t* activation_params,
                                                     hailo_activated_network_group* activated_network_group_out);
HAILORTAPI hailo_status hailo_deactivate_network_group(hailo_activated_network_group activated_network_group);
HAILORTAPI hailo_status hailo_get_input_stream(hailo_configured_network_group configured_network_group,
                                               const char* stream_name, hailo_input_stream* stream);
HAILORTAPI hailo_status hailo_get_output_stream(hailo_configured_network_group configured_network_group,
                                                const char* stream_name, hailo_output_stream* stream);
HAILORTAPI hailo_status hailo_get_latency_measurement(hailo_configured_network_group configured_network_group,
                                                      const char* network_name,
                                                      hailo_latency_measurement_result_t* result);
HAILORTAPI hailo_status hailo_set_scheduler_timeout(hailo_configured_network_group configured_network_group,
                                                    uint32_t timeout_ms, const char* network_name);
HAILORTAPI hailo_status hailo_set_scheduler_threshold(hailo_configured_network_group configured_network_group,
                                                      uint32_t threshold, const char* network_name);
HAILORTAPI hailo_status hailo_set_scheduler_priority(hailo_configured_network_group configured_network_group,
                                                     uint8_t priority, const char* network_name);
HAILORTAPI hailo_status hailo_hef_get_network_infos(hailo_hef hef, const char* network_group_name,
                                                    hailo_network_info_t* networks_infos, size_t* number_of_networks);
HAILORTAPI hailo_status hailo_get_network_infos(hailo_configured_network_group network_group,
                                                hailo_network_info_t* networks_infos, size_t* number_of_networks);

#ifdef __cplusplus
}
#endif
