// Detections: the packed records that frames of non-maximum suppression are made of.
#pragma once

#include "constants.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  uint32_t class_group_index;
  char original_name[HAILO_MAX_STREAM_NAME_SIZE];
} hailo_nms_defuse_info_t;

typedef enum {
  HAILO_BURST_TYPE_H8_BBOX = 0,
  HAILO_BURST_TYPE_H15_BBOX,
  HAILO_BURST_TYPE_H8_PER_CLASS,
  HAILO_BURST_TYPE_H15_PER_CLASS,
  HAILO_BURST_TYPE_H15_PER_FRAME,
  HAILO_BURST_TYPE_COUNT
} hailo_nms_burst_type_t;

typedef struct {
  uint32_t number_of_classes;
  uint32_t max_bboxes_per_class;
  uint32_t max_bboxes_total;
  uint32_t bbox_size;
  uint32_t chunks_per_frame;
  bool is_defused;
  hailo_nms_defuse_info_t defuse_info;
  uint32_t burst_size;
  hailo_nms_burst_type_t burst_type;
} hailo_nms_info_t;

typedef struct {
  void* buffer;
  size_t size;
  hailo_nms_info_t nms_info;
} hailo_nms_fuse_input_t;

typedef struct {
  uint32_t number_of_classes;
  uint32_t max_bboxes_per_class;
  uint32_t max_bboxes_total;
  uint32_t max_accumulated_mask_size;
} hailo_nms_shape_t;

#pragma pack(push, 1)

typedef struct {
  uint16_t y_min;
  uint16_t x_min;
  uint16_t y_max;
  uint16_t x_max;
  uint16_t score;
} hailo_bbox_t;

typedef struct {
  float32_t y_min;
  float32_t x_min;
  float32_t y_max;
  float32_t x_max;
  float32_t score;
} hailo_bbox_float32_t;

typedef struct {
  float32_t y_min;
  float32_t x_min;
  float32_t y_max;
  float32_t x_max;
} hailo_rectangle_t;

typedef struct {
  float32_t y_min;
  float32_t x_min;
  float32_t y_max;
  float32_t x_max;
  float32_t score;
  uint16_t class_id;
} hailo_detection_t;

typedef struct {
  uint16_t count;
  hailo_detection_t detections[0];
} hailo_detections_t;

typedef struct {
  hailo_rectangle_t box;
  float32_t score;
  uint16_t class_id;
  size_t mask_size;
  uint8_t* mask;
} hailo_detection_with_byte_mask_t;

#pragma pack(pop)

#ifdef __cplusplus
}
#endif
