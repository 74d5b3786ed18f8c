#include "hailort/frame_transform.h"

#include <cstring>

#include "base/round.h"
#include "hailo/quantization.hpp"
#include "hailort/log.h"
#include "kernels/edge/edge.h"

namespace hailort {
namespace {

using graupel::round_even;

/// The low bits of a rounded number; 0 for what no 32-bit integer holds.
template <class Code>
Code wrapped(double integer) {
  const bool fits = integer >= -2147483648.0 && integer < 2147483648.0;
  return static_cast<Code>(static_cast<int32_t>(fits ? integer : 0.0));
}

template <class Code>
Code quantized(float real, const hailo_quant_info_t& quant) {
  const float clipped = Quantization::clip(real, quant.limvals_min, quant.limvals_max);
  return wrapped<Code>(round_even(static_cast<double>(clipped / quant.qp_scale + quant.qp_zp)));
}

std::string text(const FrameTransform::Side& side) {
  return graupel::cat(HailoRTCommon::get_format_type_str(side.format.type), " ",
                      HailoRTCommon::get_format_order_str(side.format.order), " ", side.shape.height, "x",
                      side.shape.width, "x", side.shape.features);
}

/// The picture format of a host's or a device's order; AUTO for orders of elements, which can be converted.
hailo_format_order_t picture_format(hailo_format_order_t order) {
  switch (order) {
    case HAILO_FORMAT_ORDER_HAILO_YYUV: return HAILO_FORMAT_ORDER_NV12;
    case HAILO_FORMAT_ORDER_HAILO_YYVU: return HAILO_FORMAT_ORDER_NV21;
    case HAILO_FORMAT_ORDER_HAILO_YYYYUV: return HAILO_FORMAT_ORDER_I420;
    case HAILO_FORMAT_ORDER_YUY2:
    case HAILO_FORMAT_ORDER_NV12:
    case HAILO_FORMAT_ORDER_NV21:
    case HAILO_FORMAT_ORDER_I420: return order;
    default: return HAILO_FORMAT_ORDER_AUTO;
  }
}

hailo_status do_not_fit(const FrameTransform::Side& from, const FrameTransform::Side& to) {
  return refuse(HAILO_INVALID_ARGUMENT, "a frame of ", text(from), " cannot become one of ", text(to));
}

}  // namespace

Expected<FrameTransform::Strides> FrameTransform::strides(const Side& side) {
  const bool transposed = (side.format.flags & HAILO_FORMAT_FLAGS_TRANSPOSED) != 0;
  const int64_t h = transposed ? side.shape.width : side.shape.height;
  const int64_t w = transposed ? side.shape.height : side.shape.width;
  const int64_t c = side.shape.features;
  Strides strides;
  switch (side.format.order) {
    case HAILO_FORMAT_ORDER_NHWC:
    case HAILO_FORMAT_ORDER_FCR:
    case HAILO_FORMAT_ORDER_F8CR:
    case HAILO_FORMAT_ORDER_RGB888:
    case HAILO_FORMAT_ORDER_BAYER_RGB:
    case HAILO_FORMAT_ORDER_12_BIT_BAYER_RGB:
    case HAILO_FORMAT_ORDER_NHW:
    case HAILO_FORMAT_ORDER_NC:
    // Picture formats: the bytes in their order.
    case HAILO_FORMAT_ORDER_YUY2:
    case HAILO_FORMAT_ORDER_NV12:
    case HAILO_FORMAT_ORDER_NV21:
    case HAILO_FORMAT_ORDER_I420:
    case HAILO_FORMAT_ORDER_HAILO_YYUV:
    case HAILO_FORMAT_ORDER_HAILO_YYVU:
    case HAILO_FORMAT_ORDER_HAILO_YYYYUV: strides = {w * c, c, 1}; break;
    case HAILO_FORMAT_ORDER_RGB4: strides = {HailoRTCommon::align_to(w * c, RGB4_ALIGNMENT), c, 1}; break;
    case HAILO_FORMAT_ORDER_NCHW: strides = {w, 1, h * w}; break;
    case HAILO_FORMAT_ORDER_NHCW: strides = {w * c, 1, w}; break;
    default:
      return refused(HAILO_INVALID_ARGUMENT, "frames of ", text(side), " are not converted by the virtual device");
  }
  if (transposed) std::swap(strides.h, strides.w);
  return strides;
}

hailo_status FrameTransform::lay_out(const Side& src, const Side& dst) {
  if (src.shape.height != dst.shape.height || src.shape.width != dst.shape.width ||
      src.shape.features != dst.shape.features)
    return do_not_fit(src, dst);
  if (picture_format(src.format.order) != picture_format(dst.format.order)) return do_not_fit(src, dst);
  const auto from = strides(src), to = strides(dst);
  if (!from) return from.status();
  if (!to) return to.status();
  shape_ = src.shape;
  src_type_ = src.format.type;
  dst_type_ = dst.format.type;
  src_strides_ = *from;
  dst_strides_ = *to;
  // Strides of extents of 1 do not matter.
  const auto same = [](int64_t a, int64_t b, uint32_t extent) { return a == b || extent == 1; };
  same_layout_ = same(from->h, to->h, shape_.height) && same(from->w, to->w, shape_.width) &&
                 same(from->c, to->c, shape_.features);
  same_type_ = src_type_ == dst_type_;
  src_bytes_ = HailoRTCommon::get_frame_size(src.shape, src.format);
  dst_bytes_ = HailoRTCommon::get_frame_size(dst.shape, dst.format);
  return HAILO_SUCCESS;
}

Expected<FrameTransform> FrameTransform::to_device(const Side& host, const Side& device,
                                                   const std::vector<hailo_quant_info_t>& quant) {
  if (quant.empty() || device.format.type == HAILO_FORMAT_TYPE_FLOAT32 ||
      (host.format.type == HAILO_FORMAT_TYPE_UINT16 && device.format.type == HAILO_FORMAT_TYPE_UINT8))
    return make_unexpected(do_not_fit(host, device));
  FrameTransform transform;
  HAILORT_DO_EXPECTED(transform.lay_out(host, device));
  transform.quant_ = {quant[0]};
  return transform;
}

Expected<FrameTransform> FrameTransform::to_host(const Side& device, const Side& host,
                                                 const std::vector<hailo_quant_info_t>& quant) {
  if ((quant.size() != 1 && quant.size() != device.shape.features) || device.format.type == HAILO_FORMAT_TYPE_FLOAT32 ||
      (device.format.type == HAILO_FORMAT_TYPE_UINT16 && host.format.type == HAILO_FORMAT_TYPE_UINT8))
    return make_unexpected(do_not_fit(device, host));
  FrameTransform transform;
  HAILORT_DO_EXPECTED(transform.lay_out(device, host));
  transform.quant_ = quant;
  return transform;
}

Expected<FrameTransform> FrameTransform::moved(const Side& src, const Side& dst) {
  if (src.format.type != dst.format.type) return make_unexpected(do_not_fit(src, dst));
  FrameTransform transform;
  HAILORT_DO_EXPECTED(transform.lay_out(src, dst));
  return transform;
}

template <class Src, class Dst, class Convert>
void FrameTransform::each(const void* src, void* dst, Convert convert) const {
  const auto* from = static_cast<const Src*>(src);
  auto* to = static_cast<Dst*>(dst);
  const Strides &s = src_strides_, &d = dst_strides_;
  for (int64_t h = 0; h < shape_.height; ++h)
    for (int64_t w = 0; w < shape_.width; ++w)
      for (int64_t c = 0; c < shape_.features; ++c)
        to[h * d.h + w * d.w + c * d.c] = convert(from[h * s.h + w * s.w + c * s.c], c);
}

void FrameTransform::quantize(const void* src, void* dst) const {
  const hailo_quant_info_t quant = quant_[0];
  const bool identity = Quantization::is_identity_qp(quant);
  const RoundingToNearestGuard guard;
  const auto run = [&]<class Code>(Code) {
    if (identity)
      each<float, Code>(src, dst, [](float real, int64_t) { return wrapped<Code>(round_even(double{real})); });
    else
      each<float, Code>(src, dst, [&](float real, int64_t) { return quantized<Code>(real, quant); });
  };
  dst_type_ == HAILO_FORMAT_TYPE_UINT8 ? run(uint8_t{}) : run(uint16_t{});
}

void FrameTransform::dequantize(const void* src, void* dst) const {
  const bool whole = quant_.size() == 1;
  const float zero_point = quant_[0].qp_zp;
  const bool dense = same_layout_ && src_bytes_ * sizeof(float) == dst_bytes_;
  if (whole && dense && src_type_ == HAILO_FORMAT_TYPE_UINT8 && zero_point >= 0 && zero_point <= 255 &&
      zero_point == std::nearbyint(zero_point)) {
    graupel::dequantize_u8(static_cast<const uint8_t*>(src), src_bytes_, quant_[0].qp_scale,
                           static_cast<int32_t>(zero_point), static_cast<float*>(dst));
    return;
  }
  const auto run = [&]<class Code>(Code) {
    each<Code, float>(src, dst, [&](Code code, int64_t c) {
      return Quantization::dequantize_output<float, Code>(code, quant_[whole ? 0 : static_cast<std::size_t>(c)]);
    });
  };
  src_type_ == HAILO_FORMAT_TYPE_UINT8 ? run(uint8_t{}) : run(uint16_t{});
}

void FrameTransform::run(const void* src, void* dst) const {
  if (is_identity() && src_bytes_ == dst_bytes_) {
    std::memcpy(dst, src, src_bytes_);
  } else if (same_type_) {
    switch (src_type_) {
      case HAILO_FORMAT_TYPE_UINT16:
        each<uint16_t, uint16_t>(src, dst, [](uint16_t code, int64_t) { return code; });
        break;
      case HAILO_FORMAT_TYPE_FLOAT32: each<float, float>(src, dst, [](float real, int64_t) { return real; }); break;
      default: each<uint8_t, uint8_t>(src, dst, [](uint8_t code, int64_t) { return code; });
    }
  } else if (src_type_ == HAILO_FORMAT_TYPE_FLOAT32) {
    quantize(src, dst);
  } else if (dst_type_ == HAILO_FORMAT_TYPE_FLOAT32) {
    dequantize(src, dst);
  } else {
    each<uint8_t, uint16_t>(src, dst, [](uint8_t code, int64_t) { return code; });
  }
}

}  // namespace hailort
