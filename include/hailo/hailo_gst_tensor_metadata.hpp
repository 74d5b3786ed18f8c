// What a GStreamer buffer of a model's output says of its contents.
#pragma once

#include "hailo/hailort.h"

enum class HailoTensorFormatType {
  HAILO_FORMAT_TYPE_AUTO = 0,
  HAILO_FORMAT_TYPE_UINT8 = 1,
  HAILO_FORMAT_TYPE_UINT16 = 2,
  HAILO_FORMAT_TYPE_FLOAT32 = 3,
  HAILO_FORMAT_TYPE_MAX_ENUM = HAILO_MAX_ENUM
};

struct hailo_tensor_format_t {
  HailoTensorFormatType type;
  bool is_nms;
};

struct hailo_tensor_3d_image_shape_t {
  uint32_t height, width, features;
};

struct hailo_tensor_nms_shape_t {
  uint32_t number_of_classes, max_bboxes_per_class, max_bboxes_total, max_accumulated_mask_size;
};

struct hailo_tensor_quant_info_t {
  float32_t qp_zp, qp_scale, limvals_min, limvals_max;
};

struct HAILORTAPI hailo_tensor_metadata_t {
  char name[HAILO_MAX_STREAM_NAME_SIZE];
  hailo_tensor_format_t format;
  union {
    hailo_tensor_3d_image_shape_t shape;
    hailo_tensor_nms_shape_t nms_shape;
  };
  hailo_tensor_quant_info_t quant_info;
  hailo_tensor_metadata_t() = default;
};
