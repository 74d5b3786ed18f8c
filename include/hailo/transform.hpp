// Transforms between frames in the caller's format and frames of device codes.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "hailo/buffer.hpp"
#include "hailo/hailort_common.hpp"
#include "hailo/stream.hpp"

namespace hailort {

/// Errors of create(): HAILO_INVALID_ARGUMENT for types, orders and shapes that do not go together. A context serves
/// one thread at a time.
class HAILORTAPI InputTransformContext final {
 public:
  static Expected<std::unique_ptr<InputTransformContext>> create(
      const hailo_3d_image_shape_t& src_image_shape, const hailo_format_t& src_format,
      const hailo_3d_image_shape_t& dst_image_shape, const hailo_format_t& dst_format,
      const std::vector<hailo_quant_info_t>& dst_quant_infos);
  static Expected<std::unique_ptr<InputTransformContext>> create(const hailo_3d_image_shape_t& src_image_shape,
                                                                 const hailo_format_t& src_format,
                                                                 const hailo_3d_image_shape_t& dst_image_shape,
                                                                 const hailo_format_t& dst_format,
                                                                 const hailo_quant_info_t& dst_quant_info);
  static Expected<std::unique_ptr<InputTransformContext>> create(const hailo_stream_info_t& stream_info,
                                                                 const hailo_transform_params_t& transform_params);
  static Expected<std::unique_ptr<InputTransformContext>> create(const hailo_stream_info_t& stream_info, bool unused,
                                                                 hailo_format_type_t format_type);
  static Expected<std::unique_ptr<InputTransformContext>> create(InputStream& input_stream,
                                                                 const hailo_transform_params_t& transform_params);
  ~InputTransformContext();

  /// HAILO_INVALID_ARGUMENT for sizes that are not the frame sizes.
  hailo_status transform(const MemoryView src, MemoryView dst);
  size_t get_src_frame_size() const;
  size_t get_dst_frame_size() const;
  std::string description() const;
  static Expected<bool> is_transformation_required(const hailo_3d_image_shape_t& src_image_shape,
                                                   const hailo_format_t& src_format,
                                                   const hailo_3d_image_shape_t& dst_image_shape,
                                                   const hailo_format_t& dst_format,
                                                   const std::vector<hailo_quant_info_t>& quant_infos);
  static bool is_transformation_required(const hailo_3d_image_shape_t& src_image_shape,
                                         const hailo_format_t& src_format,
                                         const hailo_3d_image_shape_t& dst_image_shape,
                                         const hailo_format_t& dst_format, const hailo_quant_info_t& quant_info);

  class Impl;
  explicit InputTransformContext(std::unique_ptr<Impl> impl);

 private:
  std::unique_ptr<Impl> m_impl;
};

class HAILORTAPI OutputTransformContext {
 public:
  static Expected<std::unique_ptr<OutputTransformContext>> create(
      const hailo_3d_image_shape_t& src_image_shape, const hailo_format_t& src_format,
      const hailo_3d_image_shape_t& dst_image_shape, const hailo_format_t& dst_format,
      const std::vector<hailo_quant_info_t>& dst_quant_infos, const hailo_nms_info_t& nms_info);
  static Expected<std::unique_ptr<OutputTransformContext>> create(const hailo_3d_image_shape_t& src_image_shape,
                                                                  const hailo_format_t& src_format,
                                                                  const hailo_3d_image_shape_t& dst_image_shape,
                                                                  const hailo_format_t& dst_format,
                                                                  const hailo_quant_info_t& dst_quant_info,
                                                                  const hailo_nms_info_t& nms_info);
  static Expected<std::unique_ptr<OutputTransformContext>> create(const hailo_stream_info_t& stream_info,
                                                                  const hailo_transform_params_t& transform_params);
  static Expected<std::unique_ptr<OutputTransformContext>> create(const hailo_stream_info_t& stream_info, bool unused,
                                                                  hailo_format_type_t format_type);
  static Expected<std::unique_ptr<OutputTransformContext>> create(OutputStream& output_stream,
                                                                  const hailo_transform_params_t& transform_params);
  virtual ~OutputTransformContext();
  OutputTransformContext(const OutputTransformContext&) = delete;
  OutputTransformContext& operator=(const OutputTransformContext&) = delete;

  hailo_status transform(const MemoryView src, MemoryView dst);
  size_t get_src_frame_size() const;
  size_t get_dst_frame_size() const;
  std::string description() const;
  static Expected<bool> is_transformation_required(const hailo_3d_image_shape_t& src_image_shape,
                                                   const hailo_format_t& src_format,
                                                   const hailo_3d_image_shape_t& dst_image_shape,
                                                   const hailo_format_t& dst_format,
                                                   const std::vector<hailo_quant_info_t>& quant_infos);
  static bool is_transformation_required(const hailo_3d_image_shape_t& src_image_shape,
                                         const hailo_format_t& src_format,
                                         const hailo_3d_image_shape_t& dst_image_shape,
                                         const hailo_format_t& dst_format, const hailo_quant_info_t& quant_info);

  class Impl;
  explicit OutputTransformContext(std::unique_ptr<Impl> impl);

 private:
  std::unique_ptr<Impl> m_impl;
};

/// Takes apart streams that carry several outputs. The virtual device has none: create() is HAILO_INVALID_OPERATION.
class HAILORTAPI OutputDemuxer {
 public:
  static Expected<std::unique_ptr<OutputDemuxer>> create(OutputStream& output_stream);
  virtual ~OutputDemuxer() = default;
  OutputDemuxer(const OutputDemuxer&) = delete;
  OutputDemuxer& operator=(const OutputDemuxer&) = delete;

  virtual std::vector<hailo_stream_info_t> get_edges_stream_info() = 0;
  virtual hailo_status transform_demux(const MemoryView src, const std::map<std::string, MemoryView>& dst) = 0;
  virtual hailo_status transform_demux(const MemoryView src, std::vector<MemoryView>& raw_buffers) = 0;

  const size_t src_frame_size;

 protected:
  explicit OutputDemuxer(size_t frame_size) : src_frame_size(frame_size) {}
};

/// Height and width of every feature change places. HAILO_INVALID_ARGUMENT for sizes that differ.
HAILORTAPI hailo_status transpose_buffer(const MemoryView src, const hailo_3d_image_shape_t& shape,
                                         const hailo_format_t& format, MemoryView dst);

/// Joins defused on-chip detections, which the virtual device does not make: HAILO_NOT_SUPPORTED.
HAILORTAPI hailo_status fuse_buffers(const std::vector<MemoryView>& buffers,
                                     const std::vector<hailo_nms_info_t>& infos_of_buffers, MemoryView dst);

}  // namespace hailort
