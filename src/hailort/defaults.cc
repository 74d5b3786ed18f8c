#include "hailo/hailort_common.hpp"
#include "hailo/hailort_defaults.hpp"
#include "hailort/log.h"

namespace hailort {
namespace {

struct DeviceOrder {
  uint32_t code;  ///< in a HEF
  hailo_format_order_t order;
};
constexpr DeviceOrder kDeviceOrders[] = {{0, HAILO_FORMAT_ORDER_NHWC},
                                         {1, HAILO_FORMAT_ORDER_NHCW},
                                         {2, HAILO_FORMAT_ORDER_NC},
                                         {3, HAILO_FORMAT_ORDER_FCR},
                                         {4, HAILO_FORMAT_ORDER_BAYER_RGB},
                                         {5, HAILO_FORMAT_ORDER_NHW},
                                         {6, HAILO_FORMAT_ORDER_HAILO_NMS_ON_CHIP},
                                         {7, HAILO_FORMAT_ORDER_F8CR},
                                         {8, HAILO_FORMAT_ORDER_RGB888},
                                         {11, HAILO_FORMAT_ORDER_YUY2},
                                         {13, HAILO_FORMAT_ORDER_NHWC},
                                         {14, HAILO_FORMAT_ORDER_HAILO_YYUV},
                                         {15, HAILO_FORMAT_ORDER_HAILO_YYVU},
                                         {16, HAILO_FORMAT_ORDER_HAILO_YYYYUV}};

constexpr hailo_format_t kAuto = {HAILO_FORMAT_TYPE_AUTO, HAILO_FORMAT_ORDER_AUTO, HAILO_FORMAT_FLAGS_NONE};

}  // namespace

Expected<hailo_format_order_t> HailoRTDefaults::get_device_format_order(uint32_t compiler_format_order) {
  for (const DeviceOrder& known : kDeviceOrders)
    if (known.code == compiler_format_order) return Expected<hailo_format_order_t>(known.order);
  return refused(HAILO_INTERNAL_FAILURE, "format code ", compiler_format_order, " is not known");
}

hailo_format_order_t HailoRTDefaults::get_default_host_format_order(const hailo_format_t& device_format) {
  switch (device_format.order) {
    case HAILO_FORMAT_ORDER_NHCW:
    case HAILO_FORMAT_ORDER_RGB888: return HAILO_FORMAT_ORDER_NHWC;
    case HAILO_FORMAT_ORDER_HAILO_YYUV: return HAILO_FORMAT_ORDER_NV12;
    case HAILO_FORMAT_ORDER_HAILO_YYVU: return HAILO_FORMAT_ORDER_NV21;
    case HAILO_FORMAT_ORDER_HAILO_YYYYUV: return HAILO_FORMAT_ORDER_I420;
    case HAILO_FORMAT_ORDER_HAILO_NMS_ON_CHIP: return HAILO_FORMAT_ORDER_HAILO_NMS_BY_CLASS;
    default: return device_format.order;
  }
}

hailo_format_t HailoRTDefaults::expand_auto_format(const hailo_format_t& host_format, const hailo_format_t& hw_format) {
  hailo_format_t format = host_format;
  if (HAILO_FORMAT_TYPE_AUTO == format.type)
    format.type = HAILO_FORMAT_ORDER_HAILO_NMS_ON_CHIP == hw_format.order ? HAILO_FORMAT_TYPE_FLOAT32 : hw_format.type;
  if (HAILO_FORMAT_ORDER_AUTO == format.order) format.order = get_default_host_format_order(hw_format);
  return format;
}

hailo_format_t HailoRTDefaults::get_user_buffer_format() { return kAuto; }

hailo_format_t HailoRTDefaults::get_user_buffer_format(bool, hailo_format_type_t format_type) {
  hailo_format_t format = kAuto;
  format.type = format_type;
  return format;
}

hailo_transform_params_t HailoRTDefaults::get_transform_params() { return {HAILO_STREAM_TRANSFORM_COPY, kAuto}; }

hailo_transform_params_t HailoRTDefaults::get_transform_params(bool unused, hailo_format_type_t format_type) {
  return {HAILO_STREAM_TRANSFORM_COPY, get_user_buffer_format(unused, format_type)};
}

hailo_transform_params_t HailoRTDefaults::get_transform_params(const hailo_stream_info_t& stream_info) {
  return {HAILO_STREAM_TRANSFORM_COPY, expand_auto_format(kAuto, stream_info.format)};
}

hailo_vstream_params_t HailoRTDefaults::get_vstreams_params() {
  return {kAuto, HAILO_DEFAULT_VSTREAM_TIMEOUT_MS, HAILO_DEFAULT_VSTREAM_QUEUE_SIZE, HAILO_VSTREAM_STATS_NONE,
          HAILO_PIPELINE_ELEM_STATS_NONE};
}

hailo_vstream_params_t HailoRTDefaults::get_vstreams_params(bool unused, hailo_format_type_t format_type) {
  hailo_vstream_params_t params = get_vstreams_params();
  params.user_buffer_format = get_user_buffer_format(unused, format_type);
  return params;
}

Expected<hailo_stream_parameters_t> HailoRTDefaults::get_stream_parameters(hailo_stream_interface_t interface,
                                                                           hailo_stream_direction_t direction) {
  if (!HailoRTCommon::is_vdma_stream_interface(interface))
    return refused(HAILO_NOT_SUPPORTED, "stream interface ", static_cast<int>(interface),
                   " belongs to other devices; the virtual device has HAILO_STREAM_INTERFACE_PCIE");
  hailo_stream_parameters_t params{};
  params.stream_interface = interface;
  params.direction = direction;
  return params;
}

ConfigureNetworkParams HailoRTDefaults::get_configure_params(uint16_t batch_size, hailo_power_mode_t power_mode) {
  ConfigureNetworkParams params;
  params.batch_size = batch_size;
  params.power_mode = power_mode;
  return params;
}

hailo_network_parameters_t HailoRTDefaults::get_network_parameters(uint16_t batch_size) { return {batch_size}; }

std::string HailoRTDefaults::get_network_name(const std::string& net_group_name) {
  return net_group_name + HAILO_DEFAULT_NETWORK_NAME_QUALIFIER + net_group_name;
}

hailo_activate_network_group_params_t HailoRTDefaults::get_active_network_group_params() { return {}; }

hailo_vdevice_params_t HailoRTDefaults::get_vdevice_params() {
  return {HAILO_DEFAULT_DEVICE_COUNT, nullptr, HAILO_SCHEDULING_ALGORITHM_ROUND_ROBIN, HAILO_DEFAULT_VDEVICE_GROUP_ID,
          false};
}

// Clients in C++14 may take their addresses.
const uint32_t HailoRTCommon::BBOX_PARAMS;
const uint32_t HailoRTCommon::DETECTION_BY_SCORE_SIZE;
const uint32_t HailoRTCommon::DETECTION_WITH_BYTE_MASK_SIZE;
const uint32_t HailoRTCommon::DETECTION_COUNT_SIZE;
const uint32_t HailoRTCommon::MAX_DEFUSED_LAYER_COUNT;
const uint32_t HailoRTCommon::MUX_INFO_COUNT;
const uint32_t HailoRTCommon::MAX_MUX_PREDECESSORS;
const uint32_t HailoRTCommon::MAX_NMS_BURST_SIZE;
const size_t HailoRTCommon::HW_DATA_ALIGNMENT;
const size_t HailoRTCommon::DMA_ABLE_ALIGNMENT_WRITE_HW_LIMITATION;
const size_t HailoRTCommon::DMA_ABLE_ALIGNMENT_READ_HW_LIMITATION;
const uint16_t HailoRTCommon::ETH_INPUT_BASE_PORT;
const uint16_t HailoRTCommon::ETH_OUTPUT_BASE_PORT;

}  // namespace hailort
