// Buffers, raw streams (frames of device codes), and the transforms between host frames and device frames.
#pragma once

#include "configure_types.h"
#include "device_types.h"
#include "health_types.h"

#ifdef __cplusplus
extern "C" {
#endif

HAILORTAPI hailo_status hailo_allocate_buffer(size_t size, const hailo_buffer_parameters_t* allocation_params,
                                              void** buffer_out);
HAILORTAPI hailo_status hailo_free_buffer(void* buffer);
HAILORTAPI hailo_status hailo_device_dma_map_buffer(hailo_device device, void* address, size_t size,
                                                    hailo_dma_buffer_direction_t direction);
HAILORTAPI hailo_status hailo_device_dma_unmap_buffer(hailo_device device, void* address, size_t size,
                                                      hailo_dma_buffer_direction_t direction);
HAILORTAPI hailo_status hailo_vdevice_dma_map_buffer(hailo_vdevice vdevice, void* address, size_t size,
                                                     hailo_dma_buffer_direction_t direction);
HAILORTAPI hailo_status hailo_vdevice_dma_unmap_buffer(hailo_vdevice vdevice, void* address, size_t size,
                                                       hailo_dma_buffer_direction_t direction);
HAILORTAPI hailo_status hailo_device_dma_map_dmabuf(hailo_device device, int dmabuf_fd, size_t size,
                                                    hailo_dma_buffer_direction_t direction);
HAILORTAPI hailo_status hailo_device_dma_unmap_dmabuf(hailo_device device, int dmabuf_fd, size_t size,
                                                      hailo_dma_buffer_direction_t direction);
HAILORTAPI hailo_status hailo_vdevice_dma_map_dmabuf(hailo_vdevice vdevice, int dmabuf_fd, size_t size,
                                                     hailo_dma_buffer_direction_t direction);
HAILORTAPI hailo_status hailo_vdevice_dma_unmap_dmabuf(hailo_vdevice vdevice, int dmabuf_fd, size_t size,
                                                       hailo_dma_buffer_direction_t direction);
HAILORTAPI hailo_status hailo_set_input_stream_timeout(hailo_input_stream stream, uint32_t timeout_ms);
HAILORTAPI hailo_status hailo_set_output_stream_timeout(hailo_output_stream stream, uint32_t timeout_ms);
HAILORTAPI size_t hailo_get_input_stream_frame_size(hailo_input_stream stream);
HAILORTAPI size_t hailo_get_output_stream_frame_size(hailo_output_stream stream);
HAILORTAPI hailo_status hailo_get_input_stream_info(hailo_input_stream stream, hailo_stream_info_t* stream_info);
HAILORTAPI hailo_status hailo_get_output_stream_info(hailo_output_stream stream, hailo_stream_info_t* stream_info);
HAILORTAPI hailo_status hailo_get_input_stream_quant_infos(hailo_input_stream stream, hailo_quant_info_t* quant_infos,
                                                           size_t* quant_infos_count);
HAILORTAPI hailo_status hailo_get_output_stream_quant_infos(hailo_output_stream stream, hailo_quant_info_t* quant_infos,
                                                            size_t* quant_infos_count);
HAILORTAPI hailo_status hailo_stream_read_raw_buffer(hailo_output_stream stream, void* buffer, size_t size);
HAILORTAPI hailo_status hailo_stream_write_raw_buffer(hailo_input_stream stream, const void* buffer, size_t size);
HAILORTAPI hailo_status hailo_stream_wait_for_async_output_ready(hailo_output_stream stream, size_t transfer_size,
                                                                 uint32_t timeout_ms);
HAILORTAPI hailo_status hailo_stream_wait_for_async_input_ready(hailo_input_stream stream, size_t transfer_size,
                                                                uint32_t timeout_ms);
HAILORTAPI hailo_status hailo_output_stream_get_async_max_queue_size(hailo_output_stream stream, size_t* queue_size);
HAILORTAPI hailo_status hailo_input_stream_get_async_max_queue_size(hailo_input_stream stream, size_t* queue_size);
HAILORTAPI hailo_status hailo_stream_read_raw_buffer_async(hailo_output_stream stream, void* buffer, size_t size,
                                                           hailo_stream_read_async_callback_t user_callback,
                                                           void* opaque);
HAILORTAPI hailo_status hailo_stream_write_raw_buffer_async(hailo_input_stream stream, const void* buffer, size_t size,
                                                            hailo_stream_write_async_callback_t user_callback,
                                                            void* opaque);
HAILORTAPI size_t hailo_get_host_frame_size(const hailo_stream_info_t* stream_info,
                                            const hailo_transform_params_t* transform_params);
HAILORTAPI hailo_status hailo_create_input_transform_context(const hailo_stream_info_t* stream_info,
                                                             const hailo_transform_params_t* transform_params,
                                                             hailo_input_transform_context* transform_context);
HAILORTAPI hailo_status hailo_create_input_transform_context_by_stream(
    hailo_input_stream stream, const hailo_transform_params_t* transform_params,
    hailo_input_transform_context* transform_context);
HAILORTAPI hailo_status hailo_release_input_transform_context(hailo_input_transform_context transform_context);
HAILORTAPI hailo_status hailo_is_input_transformation_required2(
    const hailo_3d_image_shape_t* src_image_shape, const hailo_format_t* src_format,
    const hailo_3d_image_shape_t* dst_image_shape, const hailo_format_t* dst_format,
    const hailo_quant_info_t* quant_infos, size_t quant_infos_count, bool* transformation_required);
HAILORTAPI hailo_status hailo_transform_frame_by_input_transform_context(
    hailo_input_transform_context transform_context, const void* src, size_t src_size, void* dst, size_t dst_size);
HAILORTAPI hailo_status hailo_is_output_transformation_required2(
    const hailo_3d_image_shape_t* src_image_shape, const hailo_format_t* src_format,
    const hailo_3d_image_shape_t* dst_image_shape, const hailo_format_t* dst_format,
    const hailo_quant_info_t* quant_infos, size_t quant_infos_count, bool* transformation_required);
HAILORTAPI hailo_status hailo_create_output_transform_context(const hailo_stream_info_t* stream_info,
                                                              const hailo_transform_params_t* transform_params,
                                                              hailo_output_transform_context* transform_context);
HAILORTAPI hailo_status hailo_create_output_transform_context_by_stream(
    hailo_output_stream stream, const hailo_transform_params_t* transform_params,
    hailo_output_transform_context* transform_context);
HAILORTAPI hailo_status hailo_release_output_transform_context(hailo_output_transform_context transform_context);
HAILORTAPI hailo_status hailo_transform_frame_by_output_transform_context(
    hailo_output_transform_context transform_context, const void* src, size_t src_size, void* dst, size_t dst_size);
HAILORTAPI hailo_status hailo_is_qp_valid(const hailo_quant_info_t quant_info, bool* is_qp_valid);
HAILORTAPI hailo_status hailo_create_demuxer_by_stream(hailo_output_stream stream,
                                                       const hailo_demux_params_t* demux_params,
                                                       hailo_output_demuxer* demuxer);
HAILORTAPI hailo_status hailo_release_output_demuxer(hailo_output_demuxer demuxer);
HAILORTAPI hailo_status hailo_demux_raw_frame_by_output_demuxer(hailo_output_demuxer demuxer, const void* src,
                                                                size_t src_size, hailo_stream_raw_buffer_t* raw_buffers,
                                                                size_t raw_buffers_count);
HAILORTAPI hailo_status hailo_demux_by_name_raw_frame_by_output_demuxer(
    hailo_output_demuxer demuxer, const void* src, size_t src_size,
    hailo_stream_raw_buffer_by_name_t* raw_buffers_by_name, size_t raw_buffers_count);
HAILORTAPI hailo_status hailo_get_mux_infos_by_output_demuxer(hailo_output_demuxer demuxer,
                                                              hailo_stream_info_t* stream_infos,
                                                              size_t* number_of_streams);
HAILORTAPI hailo_status hailo_fuse_nms_frames(const hailo_nms_fuse_input_t* nms_fuse_inputs, uint32_t inputs_count,
                                              uint8_t* fused_buffer, size_t fused_buffer_size);
HAILORTAPI hailo_status hailo_is_input_transformation_required(const hailo_3d_image_shape_t* src_image_shape,
                                                               const hailo_format_t* src_format,
                                                               const hailo_3d_image_shape_t* dst_image_shape,
                                                               const hailo_format_t* dst_format,
                                                               const hailo_quant_info_t* quant_info,
                                                               bool* transformation_required)
    DEPRECATED(
        "hailo_is_input_transformation_required is deprecated. Please use hailo_is_input_transformation_required2 "
        "instead.");
HAILORTAPI hailo_status hailo_is_output_transformation_required(const hailo_3d_image_shape_t* src_image_shape,
                                                                const hailo_format_t* src_format,
                                                                const hailo_3d_image_shape_t* dst_image_shape,
                                                                const hailo_format_t* dst_format,
                                                                const hailo_quant_info_t* quant_info,
                                                                bool* transformation_required)
    DEPRECATED(
        "hailo_is_output_transformation_required is deprecated. Please use hailo_is_output_transformation_required2 "
        "instead.");

#ifdef __cplusplus
}
#endif
