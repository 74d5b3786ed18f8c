// Between real numbers and the device's codes: real = (code - zero point) * scale.
#pragma once

#include <cfenv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "hailo/hailort_common.hpp"

static const float32_t INVALID_QP_VALUE = 0;

namespace hailort {

/// To the nearest integer, halves to the even one, under the default rounding mode.
inline float bankers_round(float x) { return std::nearbyint(x); }

/// Rounding to nearest while it lives.
class RoundingToNearestGuard final {
 public:
  RoundingToNearestGuard() : m_before(std::fegetround()) { std::fesetround(FE_TONEAREST); }
  ~RoundingToNearestGuard() { std::fesetround(m_before); }
  RoundingToNearestGuard(const RoundingToNearestGuard&) = delete;
  RoundingToNearestGuard& operator=(const RoundingToNearestGuard&) = delete;

 private:
  int m_before;
};

class Quantization final {
 public:
  Quantization() = delete;

  static bool is_identity_qp(const hailo_quant_info_t& info) { return is_identity_qp(info.qp_zp, info.qp_scale); }
  static bool is_identity_qp(float32_t zero_point, float32_t scale) { return 0 == zero_point && 1 == scale; }
  static bool is_qp_valid(const hailo_quant_info_t& info) {
    return INVALID_QP_VALUE != info.qp_zp || INVALID_QP_VALUE != info.qp_scale ||
           INVALID_QP_VALUE != info.limvals_min || INVALID_QP_VALUE != info.limvals_max;
  }
  static float32_t clip(float32_t n, float32_t min, float32_t max) { return n >= max ? max : n <= min ? min : n; }

  template <typename T, typename Q>
  static T dequantize_output(Q number, hailo_quant_info_t info) {
    return dequantize_output<T, Q>(number, info.qp_zp, info.qp_scale);
  }
  template <typename T, typename Q>
  static T dequantize_output(Q number, float32_t zero_point, float32_t scale) {
    return static_cast<T>((static_cast<float32_t>(number) - zero_point) * scale);
  }
  template <typename T, typename Q>
  static void dequantize_output_buffer(Q* src, T* dst, uint32_t count, hailo_quant_info_t info) {
    for (uint32_t i = 0; i < count; ++i)
      dst[i] = is_identity_qp(info) ? static_cast<T>(src[i]) : dequantize_output<T, Q>(src[i], info);
  }
  /// Codes of type Q at the start of `buffer` become numbers of type T, which is not smaller.
  template <typename T, typename Q>
  static void dequantize_output_buffer_in_place(T* buffer, uint32_t count, hailo_quant_info_t info) {
    dequantize_output_buffer_in_place<T, Q>(buffer, 0, count, info.qp_zp, info.qp_scale);
  }
  template <typename T, typename Q>
  static void dequantize_output_buffer_in_place(T* buffer, uint32_t offset, uint32_t count, float32_t zero_point,
                                                float32_t scale) {
    const Q* codes = reinterpret_cast<const Q*>(buffer) + offset;
    for (uint32_t i = count; i-- > 0;) {
      const Q code = codes[i];
      buffer[offset + i] =
          is_identity_qp(zero_point, scale) ? static_cast<T>(code) : dequantize_output<T, Q>(code, zero_point, scale);
    }
  }
  /// Codes by class: counts are kept, boxes are dequantized.
  template <typename T, typename Q>
  static void dequantize_output_buffer_nms(Q* src, T* dst, uint32_t count, hailo_quant_info_t info, uint32_t classes) {
    (void)count;
    uint32_t at = 0;
    for (uint32_t c = 0; c < classes; ++c) {
      const uint32_t end = at + 1 + HailoRTCommon::BBOX_PARAMS * static_cast<uint32_t>(src[at]);
      assert(end <= count);
      dst[at] = static_cast<T>(src[at]);
      for (++at; at < end; ++at) dst[at] = dequantize_output<T, Q>(src[at], info);
    }
  }

  /// Numbers are clipped to the limits, except for the identity (zero point 0, scale 1), whose codes wrap around.
  template <typename T, typename Q>
  static void quantize_input_buffer(T* src, Q* dst, uint32_t count, hailo_quant_info_t info) {
    const RoundingToNearestGuard guard;
    for (uint32_t i = 0; i < count; ++i) {
      const float32_t number = static_cast<float32_t>(src[i]);
      dst[i] = wrapped<Q>(
          is_identity_qp(info)
              ? bankers_round(number)
              : bankers_round(clip(number, info.limvals_min, info.limvals_max) / info.qp_scale + info.qp_zp));
    }
  }

 private:
  /// The low bits of an integer; 0 for what no 32-bit integer holds.
  template <typename Q>
  static Q wrapped(float32_t integer) {
    if (std::is_floating_point<Q>::value) return static_cast<Q>(integer);
    if (!(integer >= -2147483648.0f && integer < 2147483648.0f)) return Q(0);
    return static_cast<Q>(static_cast<int32_t>(integer));
  }
};

}  // namespace hailort
