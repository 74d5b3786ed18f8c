// Sizes of frames, names of enumerators, and flag operators.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <string>
#include <vector>

#include "hailo/buffer.hpp"
#include "hailo/expected.hpp"

namespace hailort {

#define RGB4_ALIGNMENT (4)

/// Sizes are in bytes where they are called frame sizes, in elements where they are called shape sizes.
class HAILORTAPI HailoRTCommon final {
 public:
  HailoRTCommon() = delete;

  static const uint32_t BBOX_PARAMS = sizeof(hailo_bbox_float32_t) / sizeof(float32_t);
  static const uint32_t DETECTION_BY_SCORE_SIZE = sizeof(hailo_detection_t);
  static const uint32_t DETECTION_WITH_BYTE_MASK_SIZE = sizeof(hailo_detection_with_byte_mask_t);
  static const uint32_t DETECTION_COUNT_SIZE = sizeof(uint16_t);
  static const uint32_t MAX_DEFUSED_LAYER_COUNT = 9;
  static const size_t HW_DATA_ALIGNMENT = 8;
  static const uint32_t MUX_INFO_COUNT = 32;
  static const uint32_t MAX_MUX_PREDECESSORS = 4;
  static const uint16_t ETH_INPUT_BASE_PORT = 32401;
  static const uint16_t ETH_OUTPUT_BASE_PORT = 32501;
  static const uint32_t MAX_NMS_BURST_SIZE = 65536;
  static const size_t DMA_ABLE_ALIGNMENT_WRITE_HW_LIMITATION = 64;
  static const size_t DMA_ABLE_ALIGNMENT_READ_HW_LIMITATION = 4096;

  template <typename T, typename U>
  static constexpr T align_to(T number, U alignment) {
    return static_cast<T>((number + static_cast<T>(alignment) - 1) / static_cast<T>(alignment) *
                          static_cast<T>(alignment));
  }
  static void* align_to(void* address, size_t alignment) {
    return reinterpret_cast<void*>(align_to(reinterpret_cast<uintptr_t>(address), alignment));
  }

  static constexpr uint32_t get_shape_size(const hailo_3d_image_shape_t& shape, uint32_t row_alignment = 1) {
    return shape.height * align_to(shape.width * shape.features, row_alignment);
  }
  static constexpr uint8_t get_data_bytes(hailo_format_type_t type) {
    return HAILO_FORMAT_TYPE_FLOAT32 == type ? 4 : HAILO_FORMAT_TYPE_UINT16 == type ? 2 : 1;
  }
  static constexpr uint8_t get_format_data_bytes(const hailo_format_t& format) { return get_data_bytes(format.type); }
  static Expected<hailo_format_type_t> get_format_type(uint32_t hw_data_bytes) {
    if (1 == hw_data_bytes) return Expected<hailo_format_type_t>(HAILO_FORMAT_TYPE_UINT8);
    if (2 == hw_data_bytes) return Expected<hailo_format_type_t>(HAILO_FORMAT_TYPE_UINT16);
    return make_unexpected(HAILO_INVALID_ARGUMENT);
  }

  static constexpr bool is_nms_by_class(const hailo_format_order_t& order) {
    return HAILO_FORMAT_ORDER_HAILO_NMS_BY_CLASS == order;
  }
  static constexpr bool is_nms_by_score(const hailo_format_order_t& order) {
    return HAILO_FORMAT_ORDER_HAILO_NMS_WITH_BYTE_MASK == order || HAILO_FORMAT_ORDER_HAILO_NMS_BY_SCORE == order;
  }
  static constexpr bool is_nms(const hailo_format_order_t& order) {
    return is_nms_by_class(order) || is_nms_by_score(order);
  }
  static constexpr bool is_nms(const hailo_vstream_info_t& info) { return is_nms(info.format.order); }
  static constexpr bool is_nms(const hailo_stream_info_t& info) { return is_nms(info.format.order); }

  static constexpr uint32_t get_nms_by_class_host_shape_size(const hailo_nms_info_t& info) {
    return info.number_of_classes * (1 + BBOX_PARAMS * info.chunks_per_frame * info.max_bboxes_per_class);
  }
  static constexpr uint32_t get_nms_by_class_host_shape_size(const hailo_nms_shape_t& shape) {
    return shape.number_of_classes * (1 + BBOX_PARAMS * shape.max_bboxes_per_class);
  }
  static uint32_t get_nms_host_shape_size(const hailo_nms_info_t& info) {
    return get_nms_by_class_host_shape_size(info);
  }
  static uint32_t get_nms_host_shape_size(const hailo_nms_shape_t& shape) {
    return get_nms_by_class_host_shape_size(shape);
  }
  static constexpr uint32_t get_nms_by_class_host_frame_size(const hailo_nms_info_t& info,
                                                             const hailo_format_t& format) {
    return get_nms_by_class_host_shape_size(info) * get_format_data_bytes(format);
  }
  static constexpr uint32_t get_nms_by_score_host_frame_size(const hailo_nms_shape_t& shape) {
    return DETECTION_COUNT_SIZE + shape.max_bboxes_total * DETECTION_BY_SCORE_SIZE;
  }
  static constexpr uint32_t get_nms_with_byte_mask_host_frame_size(const hailo_nms_shape_t& shape) {
    return DETECTION_COUNT_SIZE + shape.max_bboxes_total * DETECTION_WITH_BYTE_MASK_SIZE +
           shape.max_accumulated_mask_size;
  }
  static constexpr uint32_t get_nms_host_frame_size(const hailo_nms_shape_t& shape, const hailo_format_t& format) {
    if (HAILO_FORMAT_ORDER_HAILO_NMS_WITH_BYTE_MASK == format.order)
      return get_nms_with_byte_mask_host_frame_size(shape);
    if (HAILO_FORMAT_ORDER_HAILO_NMS_BY_SCORE == format.order) return get_nms_by_score_host_frame_size(shape);
    return get_nms_by_class_host_shape_size(shape) * get_format_data_bytes(format);
  }
  static constexpr uint32_t get_nms_hw_frame_size(const hailo_nms_info_t& info) {
    return info.chunks_per_frame * info.number_of_classes *
               (static_cast<uint32_t>(sizeof(nms_bbox_counter_t)) +
                info.bbox_size * std::max(info.burst_size, info.max_bboxes_per_class)) +
           info.bbox_size * info.burst_size;
  }

  static constexpr uint32_t get_frame_size(const hailo_3d_image_shape_t& shape, const hailo_format_t& format) {
    return get_shape_size(shape, HAILO_FORMAT_ORDER_RGB4 == format.order ? RGB4_ALIGNMENT : 1) *
           get_format_data_bytes(format);
  }
  static constexpr uint32_t get_frame_size(const hailo_stream_info_t& info, hailo_transform_params_t params) {
    if (HAILO_FORMAT_TYPE_AUTO == params.user_buffer_format.type) params.user_buffer_format.type = info.format.type;
    if (HAILO_FORMAT_ORDER_HAILO_NMS_ON_CHIP == info.format.order)
      return get_nms_by_class_host_frame_size(info.nms_info, params.user_buffer_format);
    return get_frame_size(HAILO_STREAM_NO_TRANSFORM == params.transform_mode ? info.hw_shape : info.shape,
                          params.user_buffer_format);
  }
  static constexpr uint32_t get_frame_size(const hailo_vstream_info_t& info, hailo_format_t format) {
    if (HAILO_FORMAT_TYPE_AUTO == format.type) format.type = info.format.type;
    if (HAILO_FORMAT_ORDER_AUTO == format.order) format.order = info.format.order;
    return is_nms(info) ? get_nms_host_frame_size(info.nms_shape, format) : get_frame_size(info.shape, format);
  }
  static constexpr uint32_t get_periph_frame_size(const hailo_3d_image_shape_t& shape, const hailo_format_t& format) {
    return align_to(get_frame_size(shape, format), static_cast<uint32_t>(HW_DATA_ALIGNMENT));
  }

  /// The words that tools print.
  static std::string get_format_type_str(const hailo_format_type_t& type);
  static std::string get_format_order_str(const hailo_format_order_t& order);
  static std::string get_power_mode_str(const hailo_power_mode_t& mode);
  static std::string get_latency_measurement_str(const hailo_latency_measurement_flags_t& flags);
  static std::string get_scheduling_algorithm_str(const hailo_scheduling_algorithm_t& algorithm);
  static std::string get_device_arch_str(const hailo_device_architecture_t& arch);

  static constexpr bool is_vdma_stream_interface(hailo_stream_interface_t interface) {
    return HAILO_STREAM_INTERFACE_PCIE == interface || HAILO_STREAM_INTERFACE_INTEGRATED == interface;
  }
  static bool is_hailo1x_device_type(const hailo_device_architecture_t arch) {
    return HAILO_ARCH_HAILO15H == arch || HAILO_ARCH_HAILO15M == arch || HAILO_ARCH_HAILO15L == arch ||
           HAILO_ARCH_HAILO10H == arch;
  }
  /// HAILO_INVALID_ARGUMENT for ids that do not fit.
  static Expected<hailo_device_id_t> to_device_id(const std::string& device_id);
  static Expected<std::vector<hailo_device_id_t>> to_device_ids_vector(const std::vector<std::string>& device_ids);
  /// The planes of a picture in one piece of memory: NV12, NV21, I420, or one plane.
  static Expected<hailo_pix_buffer_t> as_hailo_pix_buffer(MemoryView memory_view, hailo_format_order_t order);
};

constexpr std::chrono::milliseconds DEFAULT_TRANSFER_TIMEOUT(std::chrono::seconds(10));
constexpr std::chrono::milliseconds HAILO_INFINITE_TIMEOUT(UINT32_MAX);

// Flags combine like the integers that they are.
#define HAILORT_FLAG_OPERATORS(Flags)                                         \
  inline constexpr Flags operator|(Flags a, Flags b) {                        \
    return static_cast<Flags>(static_cast<int>(a) | static_cast<int>(b));     \
  }                                                                           \
  inline constexpr Flags& operator|=(Flags& a, Flags b) { return a = a | b; } \
  inline constexpr Flags operator&(Flags a, Flags b) {                        \
    return static_cast<Flags>(static_cast<int>(a) & static_cast<int>(b));     \
  }                                                                           \
  inline constexpr Flags& operator&=(Flags& a, Flags b) { return a = a & b; } \
  inline constexpr Flags operator~(Flags a) { return static_cast<Flags>(~static_cast<int>(a)); }
HAILORT_FLAG_OPERATORS(hailo_latency_measurement_flags_t)
HAILORT_FLAG_OPERATORS(hailo_format_flags_t)
HAILORT_FLAG_OPERATORS(hailo_vstream_stats_flags_t)
HAILORT_FLAG_OPERATORS(hailo_pipeline_elem_stats_flags_t)
HAILORT_FLAG_OPERATORS(hailo_stream_flags_t)
#undef HAILORT_FLAG_OPERATORS

inline bool is_bit_set(uint32_t number, uint8_t bit) { return 1 == ((number >> bit) & 1); }

}  // namespace hailort
