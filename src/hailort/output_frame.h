// OutputFrame: what a caller reads of one virtual output stream, made from frames of device codes.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "hailort/frame_transform.h"
#include "hailort/hef_impl.h"
#include "hailort/nms_settings.h"
#include "kernels/detect/detect.h"

namespace hailort {

class OutputFrame {
 public:
  /// `format`: the caller's, with AUTO where the stream's own is wanted. Errors: HAILO_INVALID_ARGUMENT for formats
  /// that do not fit.
  static Expected<OutputFrame> create(const Hef::Impl& hef, const VStreamEdge& edge, const hailo_format_t& format,
                                      const NmsSettings& settings);

  /// The stream as a caller of create() would see it; settings that do not fit are left out.
  static hailo_vstream_info_t info_with(const VStreamEdge& edge, const hailo_format_t& format,
                                        const NmsSettings& settings);

  /// The stream as the caller sees it with these settings.
  const hailo_vstream_info_t& info() const { return info_; }
  const hailo_format_t& format() const { return format_; }
  std::size_t bytes() const { return HailoRTCommon::get_frame_size(info_, format_); }
  /// Numbers of the streams whose codes make() takes.
  const std::vector<std::size_t>& streams() const { return streams_; }
  /// The frame is the stream's codes as they are.
  bool is_identity() const { return transform_ && transform_->is_identity(); }
  /// One call at a time. `dst` has bytes().
  void make(std::span<const uint8_t* const> codes, uint8_t* dst);

 private:
  static Expected<OutputFrame> create_detections(const Hef::Impl& hef, const VStreamEdge& edge,
                                                 const hailo_format_t& format, const NmsSettings& settings);
  void make_detections(std::span<const uint8_t* const> codes, uint8_t* dst);

  /// The host's part of detections: codes become floats, floats boxes.
  struct Detections {
    graupel::Detector detector;
    std::vector<graupel::TensorType> types;  ///< of each input's codes
    std::vector<std::vector<float>> reals;
    std::vector<const float*> inputs;
    std::size_t prototypes = 0;  ///< which of them, of a detector with masks
  };

  hailo_vstream_info_t info_{};
  hailo_format_t format_{};
  std::vector<std::size_t> streams_;
  std::optional<FrameTransform> transform_;  ///< none: detections_
  std::optional<Detections> detections_;
};

}  // namespace hailort
