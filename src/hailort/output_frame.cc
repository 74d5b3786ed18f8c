#include "hailort/output_frame.h"

#include <algorithm>
#include <cstring>

#include "hailo/hailort_defaults.hpp"
#include "hailort/log.h"
#include "kernels/edge/edge.h"

namespace hailort {
namespace {

/// The caller's format of detections: floats, by class or by score; masks and boxes without suppression have one order.
Expected<hailo_format_t> detection_format(const VStreamEdge& edge, hailo_format_t format) {
  if (format.type == HAILO_FORMAT_TYPE_AUTO) format.type = HAILO_FORMAT_TYPE_FLOAT32;
  if (format.order == HAILO_FORMAT_ORDER_AUTO) format.order = edge.info.format.order;
  const bool by_class = edge.info.format.order == HAILO_FORMAT_ORDER_HAILO_NMS_BY_CLASS;
  const bool known =
      format.order == edge.info.format.order || (by_class && format.order == HAILO_FORMAT_ORDER_HAILO_NMS_BY_SCORE);
  const bool transposed = (format.flags & HAILO_FORMAT_FLAGS_TRANSPOSED) != 0;
  if (known && !transposed && format.type == HAILO_FORMAT_TYPE_FLOAT32) return format;
  return refused(HAILO_INVALID_ARGUMENT, "detections of '", edge.info.name, "' are FLOAT32, ",
                 HailoRTCommon::get_format_order_str(edge.info.format.order), by_class ? " or by score" : "", ", not ",
                 HailoRTCommon::get_format_type_str(format.type), " ",
                 HailoRTCommon::get_format_order_str(format.order), transposed ? ", transposed" : "");
}

hailo_status check_settings(const VStreamEdge& edge, const hailo_format_t& format, const NmsSettings& settings) {
  const bool by_class = HailoRTCommon::is_nms_by_class(format.order);
  if (by_class && settings.max_total)
    return refuse(HAILO_INVALID_ARGUMENT, "detections of '", edge.info.name, "' by class have no limit in total");
  if (format.order == HAILO_FORMAT_ORDER_HAILO_NMS_BY_SCORE && settings.max_per_class)
    return refuse(HAILO_INVALID_ARGUMENT, "detections of '", edge.info.name, "' by score have no limit per class");
  return HAILO_SUCCESS;
}

graupel::DetectParams with(graupel::DetectParams params, const NmsSettings& settings) {
  params.score_threshold = settings.score_threshold.value_or(params.score_threshold);
  params.iou_threshold = settings.iou_threshold.value_or(params.iou_threshold);
  if (settings.max_per_class) params.max_per_class = static_cast<int32_t>(*settings.max_per_class);
  return params;
}

}  // namespace

Expected<OutputFrame> OutputFrame::create(const Hef::Impl& hef, const VStreamEdge& edge, const hailo_format_t& format,
                                          const NmsSettings& settings) {
  if (edge.host) return create_detections(hef, edge, format, settings);
  OutputFrame frame;
  frame.info_ = edge.info;
  frame.streams_ = edge.streams;
  const StreamEdge& stream = hef.streams(HAILO_D2H_STREAM)[edge.streams[0]];
  frame.format_ = HailoRTDefaults::expand_auto_format(format, stream.info.format);
  HAILORT_TRY(FrameTransform transform, FrameTransform::to_host({stream.info.hw_shape, stream.info.format},
                                                                {edge.info.shape, frame.format_}, edge.quant_infos));
  frame.transform_ = std::move(transform);
  return frame;
}

Expected<OutputFrame> OutputFrame::create_detections(const Hef::Impl& hef, const VStreamEdge& edge,
                                                     const hailo_format_t& format, const NmsSettings& settings) {
  OutputFrame frame;
  HAILORT_TRY(frame.format_, detection_format(edge, format));
  HAILORT_DO_EXPECTED(check_settings(edge, frame.format_, settings));
  frame.info_ = info_with(edge, frame.format_, settings);
  frame.streams_ = edge.streams;
  const GroupNetwork& network = hef.networks()[edge.network];
  if (network.program == nullptr)
    return refused(HAILO_HEF_NOT_COMPATIBLE_WITH_DEVICE, "output '", edge.info.name, "' cannot be computed here");
  const graupel::Program& program = *network.program;
  const graupel::DetectParams params = with(std::get<graupel::DetectParams>(program.host[*edge.host].params), settings);
  graupel::Result<graupel::Detector> detector = graupel::Detector::create(params);
  if (!detector.ok()) return refused(status_of(detector.error()), detector.error().text());
  const auto prototypes = static_cast<std::size_t>(std::max(params.prototypes, 0));
  frame.detections_ = Detections{std::move(detector).value(), {}, {}, {}, prototypes};
  for (const std::size_t stream : edge.streams) {
    const graupel::TensorType& type = program.outputs[stream - network.first_output].type;
    frame.detections_->types.push_back(type);
    frame.detections_->reals.emplace_back(static_cast<std::size_t>(graupel::element_count(type.shape)));
  }
  return frame;
}

hailo_vstream_info_t OutputFrame::info_with(const VStreamEdge& edge, const hailo_format_t& format,
                                            const NmsSettings& settings) {
  hailo_vstream_info_t info = edge.info;
  if (!HailoRTCommon::is_nms(info)) return info;
  info.format.order = format.order;
  hailo_nms_shape_t& shape = info.nms_shape;
  shape.max_bboxes_per_class = settings.max_per_class.value_or(shape.max_bboxes_per_class);
  const bool masks = info.format.order == HAILO_FORMAT_ORDER_HAILO_NMS_WITH_BYTE_MASK;
  shape.max_bboxes_total = settings.max_total.value_or(masks ? shape.max_bboxes_total
                                                             : shape.number_of_classes * shape.max_bboxes_per_class);
  shape.max_accumulated_mask_size = settings.max_mask_bytes.value_or(shape.max_accumulated_mask_size);
  return info;
}

void OutputFrame::make(std::span<const uint8_t* const> codes, uint8_t* dst) {
  transform_ ? transform_->run(codes[0], dst) : make_detections(codes, dst);
}

void OutputFrame::make_detections(std::span<const uint8_t* const> codes, uint8_t* dst) {
  Detections& own = *detections_;
  own.inputs.clear();
  for (std::size_t i = 0; i < codes.size(); ++i) {
    std::vector<float>& reals = own.reals[i];
    const float scale = own.types[i].quant->scale[0];
    const int32_t zero_point = own.types[i].quant->zero_point[0];
    if (own.types[i].dtype == graupel::DType::kU16)
      graupel::dequantize_u16(reinterpret_cast<const uint16_t*>(codes[i]), reals.size(), scale, zero_point,
                              reals.data());
    else
      graupel::dequantize_u8(codes[i], reals.size(), scale, zero_point, reals.data());
    own.inputs.push_back(reals.data());
  }
  if (format_.order == HAILO_FORMAT_ORDER_NHWC)
    return own.detector.run(own.inputs, reinterpret_cast<float*>(dst));  // boxes without suppression
  const std::span<const graupel::Detection> found = own.detector.find(own.inputs);
  const std::span<std::byte> out(reinterpret_cast<std::byte*>(dst), bytes());
  std::memset(dst, 0, out.size());  // nothing of an earlier frame stays behind the detections
  const auto most = static_cast<int32_t>(info_.nms_shape.max_bboxes_total);
  if (format_.order == HAILO_FORMAT_ORDER_HAILO_NMS_WITH_BYTE_MASK) {
    own.detector.write_byte_masks(own.inputs[own.prototypes], most, out);
  } else if (HailoRTCommon::is_nms_by_class(format_.order)) {
    graupel::write_by_class(own.detector.params(), found, out);
  } else {
    std::vector<graupel::Detection> sorted(found.begin(), found.end());
    graupel::write_by_score(most, sorted, out);
  }
}

}  // namespace hailort
