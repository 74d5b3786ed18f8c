// How the elements of a frame are laid out and what their codes mean.
#pragma once

#include "constants.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
  HAILO_FORMAT_TYPE_AUTO = 0,
  HAILO_FORMAT_TYPE_UINT8 = 1,
  HAILO_FORMAT_TYPE_UINT16 = 2,
  HAILO_FORMAT_TYPE_FLOAT32 = 3,
  HAILO_FORMAT_TYPE_MAX_ENUM = HAILO_MAX_ENUM
} hailo_format_type_t;

typedef enum {
  HAILO_FORMAT_ORDER_AUTO = 0,
  HAILO_FORMAT_ORDER_NHWC = 1,
  HAILO_FORMAT_ORDER_NHCW = 2,
  HAILO_FORMAT_ORDER_FCR = 3,
  HAILO_FORMAT_ORDER_F8CR = 4,
  HAILO_FORMAT_ORDER_NHW = 5,
  HAILO_FORMAT_ORDER_NC = 6,
  HAILO_FORMAT_ORDER_BAYER_RGB = 7,
  HAILO_FORMAT_ORDER_12_BIT_BAYER_RGB = 8,
  HAILO_FORMAT_ORDER_HAILO_NMS = 9,
  HAILO_FORMAT_ORDER_RGB888 = 10,
  HAILO_FORMAT_ORDER_NCHW = 11,
  HAILO_FORMAT_ORDER_YUY2 = 12,
  HAILO_FORMAT_ORDER_NV12 = 13,
  HAILO_FORMAT_ORDER_NV21 = 14,
  HAILO_FORMAT_ORDER_HAILO_YYUV = 15,
  HAILO_FORMAT_ORDER_HAILO_YYVU = 16,
  HAILO_FORMAT_ORDER_RGB4 = 17,
  HAILO_FORMAT_ORDER_I420 = 18,
  HAILO_FORMAT_ORDER_HAILO_YYYYUV = 19,
  HAILO_FORMAT_ORDER_HAILO_NMS_WITH_BYTE_MASK = 20,
  HAILO_FORMAT_ORDER_HAILO_NMS_ON_CHIP = 21,
  HAILO_FORMAT_ORDER_HAILO_NMS_BY_CLASS = 22,
  HAILO_FORMAT_ORDER_HAILO_NMS_BY_SCORE = 23,
  HAILO_FORMAT_ORDER_MAX_ENUM = HAILO_MAX_ENUM
} hailo_format_order_t;

typedef enum {
  HAILO_FORMAT_FLAGS_NONE = 0,
  HAILO_FORMAT_FLAGS_QUANTIZED = 1 << 0,
  HAILO_FORMAT_FLAGS_TRANSPOSED = 1 << 1,
  HAILO_FORMAT_FLAGS_MAX_ENUM = HAILO_MAX_ENUM
} hailo_format_flags_t;

typedef struct {
  hailo_format_type_t type;
  hailo_format_order_t order;
  hailo_format_flags_t flags;
} hailo_format_t;

typedef enum {
  HAILO_STREAM_NO_TRANSFORM = 0,
  HAILO_STREAM_TRANSFORM_COPY = 1,
  HAILO_STREAM_MAX_ENUM = HAILO_MAX_ENUM
} hailo_stream_transform_mode_t;

typedef enum {
  HAILO_H2D_STREAM = 0,
  HAILO_D2H_STREAM = 1,
  HAILO_STREAM_DIRECTION_MAX_ENUM = HAILO_MAX_ENUM
} hailo_stream_direction_t;

typedef enum {
  HAILO_STREAM_FLAGS_NONE = 0,
  HAILO_STREAM_FLAGS_ASYNC = 1 << 0,
  HAILO_STREAM_FLAGS_MAX_ENUM = HAILO_MAX_ENUM
} hailo_stream_flags_t;

typedef enum {
  HAILO_DMA_BUFFER_DIRECTION_H2D = 0,
  HAILO_DMA_BUFFER_DIRECTION_D2H = 1,
  HAILO_DMA_BUFFER_DIRECTION_BOTH = 2,
  HAILO_DMA_BUFFER_DIRECTION_MAX_ENUM = HAILO_MAX_ENUM
} hailo_dma_buffer_direction_t;

typedef enum {
  HAILO_BUFFER_FLAGS_NONE = 0,
  HAILO_BUFFER_FLAGS_DMA = 1 << 0,
  HAILO_BUFFER_FLAGS_CONTINUOUS = 1 << 1,
  HAILO_BUFFER_FLAGS_SHARED_MEMORY = 1 << 2,
  HAILO_BUFFER_FLAGS_MAX_ENUM = HAILO_MAX_ENUM
} hailo_buffer_flags_t;

typedef struct {
  hailo_buffer_flags_t flags;
} hailo_buffer_parameters_t;

typedef struct {
  hailo_stream_transform_mode_t transform_mode;
  hailo_format_t user_buffer_format;
} hailo_transform_params_t;

typedef struct {
  EMPTY_STRUCT_PLACEHOLDER
} hailo_demux_params_t;

typedef struct {
  float32_t qp_zp;
  float32_t qp_scale;
  float32_t limvals_min;
  float32_t limvals_max;
} hailo_quant_info_t;

#ifdef __cplusplus
}
#endif
