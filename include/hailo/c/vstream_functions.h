// Virtual streams: frames in the format that the caller chose, behind queues and timeouts.
#pragma once

#include "configure_types.h"
#include "device_types.h"
#include "health_types.h"

#ifdef __cplusplus
extern "C" {
#endif

HAILORTAPI hailo_status hailo_hef_make_input_vstream_params(hailo_hef hef, const char* name, bool unused,
                                                            hailo_format_type_t format_type,
                                                            hailo_input_vstream_params_by_name_t* input_params,
                                                            size_t* input_params_count);
HAILORTAPI hailo_status hailo_hef_make_output_vstream_params(hailo_hef hef, const char* name, bool unused,
                                                             hailo_format_type_t format_type,
                                                             hailo_output_vstream_params_by_name_t* output_params,
                                                             size_t* output_params_count);
HAILORTAPI hailo_status hailo_make_input_vstream_params(hailo_configured_network_group network_group, bool unused,
                                                        hailo_format_type_t format_type,
                                                        hailo_input_vstream_params_by_name_t* input_params,
                                                        size_t* input_params_count);
HAILORTAPI hailo_status hailo_make_output_vstream_params(hailo_configured_network_group network_group, bool unused,
                                                         hailo_format_type_t format_type,
                                                         hailo_output_vstream_params_by_name_t* output_params,
                                                         size_t* output_params_count);
HAILORTAPI hailo_status hailo_get_output_vstream_groups(hailo_configured_network_group network_group,
                                                        hailo_output_vstream_name_by_group_t* output_name_by_group,
                                                        size_t* output_name_by_group_count);
HAILORTAPI hailo_status hailo_create_input_vstreams(hailo_configured_network_group configured_network_group,
                                                    const hailo_input_vstream_params_by_name_t* inputs_params,
                                                    size_t inputs_count, hailo_input_vstream* input_vstreams);
HAILORTAPI hailo_status hailo_create_output_vstreams(hailo_configured_network_group configured_network_group,
                                                     const hailo_output_vstream_params_by_name_t* outputs_params,
                                                     size_t outputs_count, hailo_output_vstream* output_vstreams);
HAILORTAPI hailo_status hailo_get_input_vstream_frame_size(hailo_input_vstream input_vstream, size_t* frame_size);
HAILORTAPI hailo_status hailo_get_input_vstream_info(hailo_input_vstream input_vstream,
                                                     hailo_vstream_info_t* vstream_info);
HAILORTAPI hailo_status hailo_get_input_vstream_user_format(hailo_input_vstream input_vstream,
                                                            hailo_format_t* user_buffer_format);
HAILORTAPI hailo_status hailo_get_input_vstream_quant_infos(hailo_input_vstream vstream,
                                                            hailo_quant_info_t* quant_infos, size_t* quant_infos_count);
HAILORTAPI hailo_status hailo_get_output_vstream_quant_infos(hailo_output_vstream vstream,
                                                             hailo_quant_info_t* quant_infos,
                                                             size_t* quant_infos_count);
HAILORTAPI hailo_status hailo_get_output_vstream_frame_size(hailo_output_vstream output_vstream, size_t* frame_size);
HAILORTAPI hailo_status hailo_get_output_vstream_info(hailo_output_vstream output_vstream,
                                                      hailo_vstream_info_t* vstream_info);
HAILORTAPI hailo_status hailo_get_output_vstream_user_format(hailo_output_vstream output_vstream,
                                                             hailo_format_t* user_buffer_format);
HAILORTAPI hailo_status hailo_get_vstream_frame_size(hailo_vstream_info_t* vstream_info,
                                                     hailo_format_t* user_buffer_format, size_t* frame_size);
HAILORTAPI hailo_status hailo_vstream_write_raw_buffer(hailo_input_vstream input_vstream, const void* buffer,
                                                       size_t buffer_size);
HAILORTAPI hailo_status hailo_vstream_write_pix_buffer(hailo_input_vstream input_vstream,
                                                       const hailo_pix_buffer_t* buffer);
HAILORTAPI hailo_status hailo_flush_input_vstream(hailo_input_vstream input_vstream);
HAILORTAPI hailo_status hailo_vstream_read_raw_buffer(hailo_output_vstream output_vstream, void* buffer,
                                                      size_t buffer_size);
HAILORTAPI hailo_status hailo_vstream_set_nms_score_threshold(hailo_output_vstream output_vstream, float32_t threshold);
HAILORTAPI hailo_status hailo_vstream_set_nms_iou_threshold(hailo_output_vstream output_vstream, float32_t threshold);
HAILORTAPI hailo_status hailo_vstream_set_nms_max_proposals_per_class(hailo_output_vstream output_vstream,
                                                                      uint32_t max_proposals_per_class);
HAILORTAPI hailo_status hailo_release_input_vstreams(const hailo_input_vstream* input_vstreams, size_t inputs_count);
HAILORTAPI hailo_status hailo_release_output_vstreams(const hailo_output_vstream* output_vstreams,
                                                      size_t outputs_count);
HAILORTAPI hailo_status hailo_clear_input_vstreams(const hailo_input_vstream* input_vstreams, size_t inputs_count);
HAILORTAPI hailo_status hailo_clear_output_vstreams(const hailo_output_vstream* output_vstreams, size_t outputs_count);
HAILORTAPI hailo_status hailo_infer(hailo_configured_network_group configured_network_group,
                                    hailo_input_vstream_params_by_name_t* inputs_params,
                                    hailo_stream_raw_buffer_by_name_t* input_buffers, size_t inputs_count,
                                    hailo_output_vstream_params_by_name_t* outputs_params,
                                    hailo_stream_raw_buffer_by_name_t* output_buffers, size_t outputs_count,
                                    size_t frames_count);

#ifdef __cplusplus
}
#endif
