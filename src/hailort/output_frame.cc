#include "hailort/output_frame.h"

#include "hailo/hailort_defaults.hpp"
#include "hailort/log.h"

namespace hailort {

Expected<OutputFrame> OutputFrame::create(const Hef::Impl& hef, const VStreamEdge& edge, const hailo_format_t& format,
                                          const NmsSettings&) {
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

hailo_vstream_info_t OutputFrame::info_with(const VStreamEdge& edge, const hailo_format_t&, const NmsSettings&) {
  return edge.info;
}

void OutputFrame::make(std::span<const uint8_t* const> codes, uint8_t* dst) { transform_->run(codes[0], dst); }

}  // namespace hailort
