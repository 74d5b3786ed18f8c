#include "hef/host_ops.h"

#include <cmath>

namespace graupel {
namespace {

template <class Message>
void set_image(const DetectParams& p, Message& out) {
  out.set_image_height(p.image_h);
  out.set_image_width(p.image_w);
}

/// The pads of a step's inputs.
class InputPads {
 public:
  InputPads(const HostStep& step, uint32_t first_output) : step_(step), first_output_(first_output) {}
  uint32_t operator[](int32_t input) const { return first_output_ + step_.src[static_cast<std::size_t>(input)]; }

 private:
  const HostStep& step_;
  uint32_t first_output_;
};

template <class Message>
void add_yolov5_decoders(const DetectParams& p, const InputPads& pads, Message& out) {
  set_image(p, out);
  for (const DetectHead& head : p.heads) {
    hef_wire::Yolov5Decoder& decoder = *out.add_decoders();
    for (float h : head.anchor_h) decoder.add_h(static_cast<uint32_t>(std::lround(h)));
    for (float w : head.anchor_w) decoder.add_w(static_cast<uint32_t>(std::lround(w)));
    decoder.set_stride(static_cast<uint32_t>(head.stride));
    decoder.set_pad_index(pads[head.boxes]);
  }
}

void set_yolov5_seg(const DetectParams& p, const InputPads& pads, hef_wire::Yolov5SegNms& out) {
  add_yolov5_decoders(p, pads, out);
  hef_wire::Prototypes& prototypes = *out.mutable_prototypes();
  prototypes.set_number(static_cast<uint32_t>(p.mask_coefficients));
  prototypes.set_stride(static_cast<uint32_t>(p.image_h / p.prototype_h));
  prototypes.set_pad_index(pads[p.prototypes]);
  out.set_mask_threshold(0.5);  // N11.7
}

void set_yolox(const DetectParams& p, const InputPads& pads, hef_wire::YoloxNms& out) {
  set_image(p, out);
  for (const DetectHead& head : p.heads) {
    hef_wire::YoloxDecoder& decoder = *out.add_decoders();
    decoder.set_stride(static_cast<uint32_t>(head.stride));
    decoder.set_boxes_pad(pads[head.boxes]);
    decoder.set_scores_pad(pads[head.scores]);
    decoder.set_objectness_pad(pads[head.objectness]);
  }
}

void set_yolov8(const DetectParams& p, const InputPads& pads, hef_wire::Yolov8Nms& out) {
  set_image(p, out);
  out.set_regression_length(static_cast<uint32_t>(p.bins));
  for (const DetectHead& head : p.heads) {
    hef_wire::Yolov8Decoder& decoder = *out.add_decoders();
    decoder.set_stride(static_cast<uint32_t>(head.stride));
    decoder.set_boxes_pad(pads[head.boxes]);
    decoder.set_scores_pad(pads[head.scores]);
  }
}

void set_ssd(const DetectParams& p, const InputPads& pads, hef_wire::SsdNms& out) {
  set_image(p, out);
  out.set_centers_scale_factor(static_cast<uint32_t>(std::lround(p.center_scale)));
  out.set_bbox_dimensions_scale_factor(static_cast<uint32_t>(std::lround(p.size_scale)));
  out.set_ty(0);
  out.set_tx(1);
  out.set_th(2);
  out.set_tw(3);
  for (const DetectHead& head : p.heads) {
    hef_wire::SsdDecoder& decoder = *out.add_decoders();
    decoder.mutable_h()->Add(head.anchor_h.begin(), head.anchor_h.end());
    decoder.mutable_w()->Add(head.anchor_w.begin(), head.anchor_w.end());
    decoder.set_boxes_pad(pads[head.boxes]);
    decoder.set_scores_pad(pads[head.scores]);
  }
}

void set_nms(const DetectParams& p, const InputPads& pads, hef_wire::NmsOp& out) {
  out.set_score_threshold(p.score_threshold);
  out.set_iou_threshold(p.iou_threshold);
  out.set_max_per_class(static_cast<uint32_t>(p.max_per_class));
  out.set_classes(static_cast<uint32_t>(p.classes + (p.background >= 0 ? 1 : 0)));
  out.set_background_removal(p.background >= 0);
  out.set_background_removal_index(static_cast<uint32_t>(std::max(p.background, 0)));
  out.set_decode_only(p.decode_only);
  switch (p.arch) {
    case DetectArch::kYolov5: return add_yolov5_decoders(p, pads, *out.mutable_yolov5());
    case DetectArch::kYolov5Seg: return set_yolov5_seg(p, pads, *out.mutable_yolov5_seg());
    case DetectArch::kYolox: return set_yolox(p, pads, *out.mutable_yolox());
    case DetectArch::kYolov8: return set_yolov8(p, pads, *out.mutable_yolov8());
    case DetectArch::kSsd: return set_ssd(p, pads, *out.mutable_ssd());
    case DetectArch::kYolov6: return;  // the vendor has no message for it
  }
}

template <class Message>
void read_image(const Message& message, std::string_view arch, HefInfo::Nms& nms) {
  nms.arch = arch;
  nms.image_h = static_cast<int>(message.image_height());
  nms.image_w = static_cast<int>(message.image_width());
}

}  // namespace

std::optional<KnownExtension> extension_of(const HostStep& step) {
  const DetectParams& p = std::get<DetectParams>(step.params);
  if (p.decode_only) return KnownExtension{29, "BBOX_DECODING"};
  switch (p.arch) {
    case DetectArch::kYolov5: return KnownExtension{14, "YOLOV5_NMS"};
    case DetectArch::kYolov5Seg: return KnownExtension{24, "YOLOV5_SEG_NMS"};
    case DetectArch::kYolox: return KnownExtension{15, "YOLOX_NMS"};
    case DetectArch::kYolov8: return KnownExtension{27, "YOLOV8_NMS"};
    case DetectArch::kSsd: return KnownExtension{16, "SSD_NMS"};
    case DetectArch::kYolov6: break;
  }
  return std::nullopt;
}

std::string host_name(const std::string& network, const HostStep& step) { return network + "/" + step.name; }

uint32_t add_host_ops(const Program& program, const std::string& network, uint32_t first_output, uint32_t next_pad,
                      hef_wire::NetworkGroup& group) {
  uint32_t next = next_pad;
  for (const HostStep& step : program.host) {
    const DetectParams& p = std::get<DetectParams>(step.params);
    hef_wire::Op& op = *group.add_ops();
    op.set_name(host_name(network, step));
    hef_wire::Pad& result = *op.add_output_pads();
    result.set_index(next++);
    result.set_name(op.name());
    result.mutable_nms_shape()->set_classes(static_cast<uint32_t>(p.classes));
    result.mutable_nms_shape()->set_max_per_class(static_cast<uint32_t>(p.max_per_class));
    for (uint32_t port : step.src) {
      hef_wire::PadEdge& edge = *group.add_pad_edges();
      edge.set_source(first_output + port);
      edge.set_destination(next);
      hef_wire::Pad& pad = *op.add_input_pads();
      pad.set_name(cat(op.name(), "_", next));
      pad.set_index(next++);
    }
    set_nms(p, InputPads(step, first_output), *op.mutable_nms_op());
  }
  return next;
}

HefInfo::Nms read_nms(const hef_wire::Op& op) {
  const hef_wire::NmsOp& message = op.nms_op();
  HefInfo::Nms nms;
  nms.name = op.name();
  nms.classes = static_cast<int>(message.classes());
  nms.max_per_class = static_cast<int>(message.max_per_class());
  nms.score_threshold = message.score_threshold();
  nms.iou_threshold = message.iou_threshold();
  nms.decode_only = message.decode_only();
  nms.mask_threshold = message.yolov5_seg().mask_threshold();
  if (message.has_yolov5()) read_image(message.yolov5(), "yolov5", nms);
  if (message.has_yolov5_seg()) read_image(message.yolov5_seg(), "yolov5_seg", nms);
  if (message.has_yolox()) read_image(message.yolox(), "yolox", nms);
  if (message.has_yolov8()) read_image(message.yolov8(), "yolov8", nms);
  if (message.has_ssd()) read_image(message.ssd(), "ssd", nms);
  return nms;
}

}  // namespace graupel
