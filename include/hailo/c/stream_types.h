// Frames, and the streams and virtual streams that carry them.
#pragma once

#include "interface_types.h"
#include "nms_types.h"
#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
  HAILO_VSTREAM_STATS_NONE = 0,
  HAILO_VSTREAM_STATS_MEASURE_FPS = 1 << 0,
  HAILO_VSTREAM_STATS_MEASURE_LATENCY = 1 << 1,
  HAILO_VSTREAM_STATS_MAX_ENUM = HAILO_MAX_ENUM
} hailo_vstream_stats_flags_t;

typedef enum {
  HAILO_PIPELINE_ELEM_STATS_NONE = 0,
  HAILO_PIPELINE_ELEM_STATS_MEASURE_FPS = 1 << 0,
  HAILO_PIPELINE_ELEM_STATS_MEASURE_LATENCY = 1 << 1,
  HAILO_PIPELINE_ELEM_STATS_MEASURE_QUEUE_SIZE = 1 << 2,
  HAILO_PIPELINE_ELEM_STATS_MAX_ENUM = HAILO_MAX_ENUM
} hailo_pipeline_elem_stats_flags_t;

typedef struct {
  hailo_format_t user_buffer_format;
  uint32_t timeout_ms;
  uint32_t queue_size;
  hailo_vstream_stats_flags_t vstream_stats_flags;
  hailo_pipeline_elem_stats_flags_t pipeline_elements_stats_flags;
} hailo_vstream_params_t;

typedef struct {
  char name[HAILO_MAX_STREAM_NAME_SIZE];
  hailo_vstream_params_t params;
} hailo_input_vstream_params_by_name_t;

typedef struct {
  char name[HAILO_MAX_STREAM_NAME_SIZE];
  hailo_vstream_params_t params;
} hailo_output_vstream_params_by_name_t;

typedef struct {
  char name[HAILO_MAX_STREAM_NAME_SIZE];
  uint8_t pipeline_group_index;
} hailo_output_vstream_name_by_group_t;

typedef struct {
  uint32_t height;
  uint32_t width;
  uint32_t features;
} hailo_3d_image_shape_t;

typedef enum {
  HAILO_PIX_BUFFER_MEMORY_TYPE_USERPTR,
  HAILO_PIX_BUFFER_MEMORY_TYPE_DMABUF,
} hailo_pix_buffer_memory_type_t;

typedef struct {
  uint32_t bytes_used;
  uint32_t plane_size;
  union {
    void* user_ptr;
    int fd;
  };
} hailo_pix_buffer_plane_t;

typedef struct {
  uint32_t index;
  hailo_pix_buffer_plane_t planes[MAX_NUMBER_OF_PLANES];
  uint32_t number_of_planes;
  hailo_pix_buffer_memory_type_t memory_type;
} hailo_pix_buffer_t;

typedef struct {
  int fd;
  size_t size;
} hailo_dma_buffer_t;

typedef struct {
  hailo_status status;
  const void* buffer_addr;
  size_t buffer_size;
  void* opaque;
} hailo_stream_write_async_completion_info_t;

typedef void (*hailo_stream_write_async_callback_t)(const hailo_stream_write_async_completion_info_t* info);

typedef struct {
  hailo_status status;
  void* buffer_addr;
  size_t buffer_size;
  void* opaque;
} hailo_stream_read_async_completion_info_t;

typedef void (*hailo_stream_read_async_callback_t)(const hailo_stream_read_async_completion_info_t* info);

typedef struct {
  union {
    struct {
      hailo_3d_image_shape_t shape;
      hailo_3d_image_shape_t hw_shape;
    };
    hailo_nms_info_t nms_info;
  };
  uint32_t hw_data_bytes;
  uint32_t hw_frame_size;
  hailo_format_t format;
  hailo_stream_direction_t direction;
  uint8_t index;
  char name[HAILO_MAX_STREAM_NAME_SIZE];
  hailo_quant_info_t quant_info;
  bool is_mux;
} hailo_stream_info_t;

typedef struct {
  char name[HAILO_MAX_STREAM_NAME_SIZE];
  char network_name[HAILO_MAX_NETWORK_NAME_SIZE];
  hailo_stream_direction_t direction;
  hailo_format_t format;
  union {
    hailo_3d_image_shape_t shape;
    hailo_nms_shape_t nms_shape;
  };
  hailo_quant_info_t quant_info;
} hailo_vstream_info_t;

#ifdef __cplusplus
}
#endif
