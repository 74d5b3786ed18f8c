// FrameTransform: a frame in the caller's format becomes a frame of device codes, or the other way round.
//   quantize    clip to the limits, / scale, + zero point, round half to even, cast; without clipping, so that codes
//   wrap
//               around, when the zero point is 0 and the scale 1
//   dequantize  (code - zero point) * scale in floats
// u8 and u16 are not quantized into one another: codes are cast.
#pragma once

#include <vector>

#include "hailo/buffer.hpp"
#include "hailo/hailort_common.hpp"

namespace hailort {

class FrameTransform {
 public:
  struct Side {
    hailo_3d_image_shape_t shape;
    hailo_format_t format;  ///< without AUTO
  };

  /// `quant`: the device's, one entry or one per feature (outputs). Errors: HAILO_INVALID_ARGUMENT for shapes that
  /// differ and for types and orders that do not go together.
  static Expected<FrameTransform> to_device(const Side& host, const Side& device,
                                            const std::vector<hailo_quant_info_t>& quant);
  static Expected<FrameTransform> to_host(const Side& device, const Side& host,
                                          const std::vector<hailo_quant_info_t>& quant);

  /// Elements change places only.
  static Expected<FrameTransform> moved(const Side& src, const Side& dst);

  /// Both hold a frame.
  void run(const void* src, void* dst) const;
  /// Bytes are only copied: a frame may be used where it is.
  bool is_identity() const { return same_type_ && same_layout_; }
  bool reorders() const { return !same_layout_; }
  bool quantizes() const { return !same_type_; }
  std::size_t src_bytes() const { return src_bytes_; }
  std::size_t dst_bytes() const { return dst_bytes_; }

 private:
  /// Elements from one row, column and feature to the next.
  struct Strides {
    int64_t h = 0, w = 0, c = 0;
    bool operator==(const Strides&) const = default;
  };
  static Expected<Strides> strides(const Side& side);
  hailo_status lay_out(const Side& src, const Side& dst);
  template <class Src, class Dst, class Convert>
  void each(const void* src, void* dst, Convert convert) const;
  void quantize(const void* src, void* dst) const;
  void dequantize(const void* src, void* dst) const;

  hailo_3d_image_shape_t shape_{};
  hailo_format_type_t src_type_{}, dst_type_{};
  Strides src_strides_, dst_strides_;
  std::vector<hailo_quant_info_t> quant_;
  bool same_type_ = false, same_layout_ = false;
  std::size_t src_bytes_ = 0, dst_bytes_ = 0;
};

}  // namespace hailort
