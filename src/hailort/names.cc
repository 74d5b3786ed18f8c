// The words for enumerators, and the small conversions that only need the public types.
#include <cstring>

#include "hailo/hailort_common.hpp"
#include "hailort/log.h"

namespace hailort {
namespace {

template <class Value>
struct Word {
  Value value;
  const char* text;
};

template <class Value, std::size_t n>
std::string word_for(const Word<Value> (&words)[n], Value value, const char* otherwise) {
  for (const Word<Value>& word : words)
    if (word.value == value) return word.text;
  return otherwise;
}

constexpr char kUnknown[] = "Nan";

constexpr Word<hailo_format_type_t> kTypes[] = {{HAILO_FORMAT_TYPE_AUTO, "AUTO"},
                                                {HAILO_FORMAT_TYPE_UINT8, "UINT8"},
                                                {HAILO_FORMAT_TYPE_UINT16, "UINT16"},
                                                {HAILO_FORMAT_TYPE_FLOAT32, "FLOAT32"}};

constexpr Word<hailo_format_order_t> kOrders[] = {
    {HAILO_FORMAT_ORDER_NHWC, "NHWC"},
    {HAILO_FORMAT_ORDER_NHCW, "NHCW"},
    {HAILO_FORMAT_ORDER_FCR, "FCR"},
    {HAILO_FORMAT_ORDER_F8CR, "F8CR"},
    {HAILO_FORMAT_ORDER_NHW, "NHW"},
    {HAILO_FORMAT_ORDER_NC, "NC"},
    {HAILO_FORMAT_ORDER_BAYER_RGB, "BAYER RGB"},
    {HAILO_FORMAT_ORDER_12_BIT_BAYER_RGB, "12 BIT BAYER RGB"},
    {HAILO_FORMAT_ORDER_RGB888, "RGB 888"},
    {HAILO_FORMAT_ORDER_NCHW, "NCHW"},
    {HAILO_FORMAT_ORDER_YUY2, "YUY2"},
    {HAILO_FORMAT_ORDER_NV12, "NV12"},
    {HAILO_FORMAT_ORDER_NV21, "NV21"},
    {HAILO_FORMAT_ORDER_HAILO_YYUV, "YYUV"},
    {HAILO_FORMAT_ORDER_HAILO_YYVU, "YYVU"},
    {HAILO_FORMAT_ORDER_RGB4, "RGB4"},
    {HAILO_FORMAT_ORDER_I420, "I420"},
    {HAILO_FORMAT_ORDER_HAILO_YYYYUV, "YYYYUV"},
    {HAILO_FORMAT_ORDER_HAILO_NMS_WITH_BYTE_MASK, "HAILO NMS WITH BYTE MASK"},
    {HAILO_FORMAT_ORDER_HAILO_NMS_ON_CHIP, "HAILO NMS ON CHIP"},
    {HAILO_FORMAT_ORDER_HAILO_NMS_BY_CLASS, "HAILO NMS BY CLASS"},
    {HAILO_FORMAT_ORDER_HAILO_NMS_BY_SCORE, "HAILO NMS BY SCORE"}};

constexpr Word<hailo_power_mode_t> kPowerModes[] = {{HAILO_POWER_MODE_PERFORMANCE, "PERFORMANCE"},
                                                    {HAILO_POWER_MODE_ULTRA_PERFORMANCE, "ULTRA_PERFORMANCE"}};

constexpr Word<hailo_latency_measurement_flags_t> kLatencyFlags[] = {
    {HAILO_LATENCY_NONE, "NONE"},
    {HAILO_LATENCY_MEASURE, "MEASURE"},
    {HAILO_LATENCY_CLEAR_AFTER_GET, "CLEAR_AFTER_GET"}};

constexpr Word<hailo_scheduling_algorithm_t> kAlgorithms[] = {{HAILO_SCHEDULING_ALGORITHM_NONE, "NONE"},
                                                              {HAILO_SCHEDULING_ALGORITHM_ROUND_ROBIN, "ROUND_ROBIN"}};

constexpr Word<hailo_device_architecture_t> kArchitectures[] = {
    {HAILO_ARCH_HAILO8_A0, "HAILO8_A0"}, {HAILO_ARCH_HAILO8, "HAILO8"},     {HAILO_ARCH_HAILO8L, "HAILO8L"},
    {HAILO_ARCH_HAILO15H, "HAILO15H"},   {HAILO_ARCH_HAILO15L, "HAILO15L"}, {HAILO_ARCH_HAILO15M, "HAILO15M"},
    {HAILO_ARCH_HAILO10H, "HAILO10H"},   {HAILO_ARCH_MARS, "MARS"}};

/// Planes of `height * width` elements each way; `count` of them.
hailo_pix_buffer_t planes(MemoryView view, std::initializer_list<size_t> sizes) {
  hailo_pix_buffer_t buffer{};
  buffer.memory_type = HAILO_PIX_BUFFER_MEMORY_TYPE_USERPTR;
  uint8_t* at = view.data();
  for (const size_t size : sizes) {
    hailo_pix_buffer_plane_t& plane = buffer.planes[buffer.number_of_planes++];
    plane.bytes_used = plane.plane_size = static_cast<uint32_t>(size);
    plane.user_ptr = at;
    at += size;
  }
  return buffer;
}

}  // namespace

std::string HailoRTCommon::get_format_type_str(const hailo_format_type_t& type) {
  return word_for(kTypes, type, kUnknown);
}
std::string HailoRTCommon::get_format_order_str(const hailo_format_order_t& order) {
  return word_for(kOrders, order, kUnknown);
}
std::string HailoRTCommon::get_power_mode_str(const hailo_power_mode_t& mode) {
  return word_for(kPowerModes, mode, kUnknown);
}
std::string HailoRTCommon::get_latency_measurement_str(const hailo_latency_measurement_flags_t& flags) {
  return word_for(kLatencyFlags, flags, kUnknown);
}
std::string HailoRTCommon::get_scheduling_algorithm_str(const hailo_scheduling_algorithm_t& algorithm) {
  return word_for(kAlgorithms, algorithm, kUnknown);
}
std::string HailoRTCommon::get_device_arch_str(const hailo_device_architecture_t& arch) {
  return word_for(kArchitectures, arch, "UNKNOWN ARCHITECTURE");
}

Expected<hailo_device_id_t> HailoRTCommon::to_device_id(const std::string& device_id) {
  hailo_device_id_t id{};
  if (device_id.size() >= sizeof id.id)
    return refused(HAILO_INVALID_ARGUMENT, "device id '", device_id, "' is longer than ", sizeof id.id - 1);
  std::memcpy(id.id, device_id.data(), device_id.size());
  return id;
}

Expected<std::vector<hailo_device_id_t>> HailoRTCommon::to_device_ids_vector(
    const std::vector<std::string>& device_ids) {
  std::vector<hailo_device_id_t> ids;
  for (const std::string& text : device_ids) {
    HAILORT_TRY(const hailo_device_id_t id, to_device_id(text));
    ids.push_back(id);
  }
  return ids;
}

Expected<hailo_pix_buffer_t> HailoRTCommon::as_hailo_pix_buffer(MemoryView view, hailo_format_order_t order) {
  switch (order) {
    case HAILO_FORMAT_ORDER_NV12:
    case HAILO_FORMAT_ORDER_NV21:
      if (view.size() % 3 != 0) return refused(HAILO_INVALID_ARGUMENT, view.size(), " bytes are no NV12 picture");
      return planes(view, {view.size() / 3 * 2, view.size() / 3});
    case HAILO_FORMAT_ORDER_I420:
      if (view.size() % 6 != 0) return refused(HAILO_INVALID_ARGUMENT, view.size(), " bytes are no I420 picture");
      return planes(view, {view.size() / 6 * 4, view.size() / 6, view.size() / 6});
    default: return planes(view, {view.size()});
  }
}

}  // namespace hailort
