// The public transform contexts.
#include "hailo/transform.hpp"

#include "hailo/hailort_defaults.hpp"
#include "hailort/frame_transform.h"
#include "hailort/log.h"

namespace hailort {
namespace {

using Side = FrameTransform::Side;

/// The device's side of a stream as a caller of raw streams moves it.
Side device_side(const hailo_stream_info_t& info) { return {info.hw_shape, info.format}; }

Side host_side(const hailo_stream_info_t& info, const hailo_transform_params_t& params) {
  if (params.transform_mode == HAILO_STREAM_NO_TRANSFORM) return device_side(info);
  return {info.shape, HailoRTDefaults::expand_auto_format(params.user_buffer_format, info.format)};
}

hailo_status run(const FrameTransform& transform, const MemoryView& src, MemoryView& dst) {
  if (src.size() != transform.src_bytes() || dst.size() != transform.dst_bytes())
    return refuse(HAILO_INVALID_ARGUMENT, "a transform of ", transform.src_bytes(), " into ", transform.dst_bytes(),
                  " bytes got ", src.size(), " and ", dst.size());
  transform.run(src.data(), dst.data());
  return HAILO_SUCCESS;
}

std::string describe(const FrameTransform& transform) {
  if (transform.is_identity()) return "copy";
  if (!transform.reorders()) return "quantization";
  return transform.quantizes() ? "reorder, quantization" : "reorder";
}

Expected<bool> required(Expected<FrameTransform> transform) {
  if (!transform) return make_unexpected(transform.status());
  return !transform->is_identity();
}

}  // namespace

class InputTransformContext::Impl {
 public:
  FrameTransform transform;
};

InputTransformContext::InputTransformContext(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
InputTransformContext::~InputTransformContext() = default;

Expected<std::unique_ptr<InputTransformContext>> InputTransformContext::create(
    const hailo_3d_image_shape_t& src_image_shape, const hailo_format_t& src_format,
    const hailo_3d_image_shape_t& dst_image_shape, const hailo_format_t& dst_format,
    const std::vector<hailo_quant_info_t>& dst_quant_infos) {
  const Side host = {src_image_shape, HailoRTDefaults::expand_auto_format(src_format, dst_format)};
  HAILORT_TRY(FrameTransform transform,
              FrameTransform::to_device(host, {dst_image_shape, dst_format}, dst_quant_infos));
  return std::make_unique<InputTransformContext>(std::make_unique<Impl>(Impl{std::move(transform)}));
}

Expected<std::unique_ptr<InputTransformContext>> InputTransformContext::create(
    const hailo_3d_image_shape_t& src_image_shape, const hailo_format_t& src_format,
    const hailo_3d_image_shape_t& dst_image_shape, const hailo_format_t& dst_format,
    const hailo_quant_info_t& dst_quant_info) {
  return create(src_image_shape, src_format, dst_image_shape, dst_format, std::vector{dst_quant_info});
}

Expected<std::unique_ptr<InputTransformContext>> InputTransformContext::create(
    const hailo_stream_info_t& stream_info, const hailo_transform_params_t& transform_params) {
  const Side host = host_side(stream_info, transform_params), device = device_side(stream_info);
  return create(host.shape, host.format, device.shape, device.format, stream_info.quant_info);
}

Expected<std::unique_ptr<InputTransformContext>> InputTransformContext::create(const hailo_stream_info_t& stream_info,
                                                                               bool unused,
                                                                               hailo_format_type_t format_type) {
  return create(stream_info, HailoRTDefaults::get_transform_params(unused, format_type));
}

Expected<std::unique_ptr<InputTransformContext>> InputTransformContext::create(
    InputStream& input_stream, const hailo_transform_params_t& transform_params) {
  const Side host = host_side(input_stream.get_info(), transform_params);
  const Side device = device_side(input_stream.get_info());
  return create(host.shape, host.format, device.shape, device.format, input_stream.get_quant_infos());
}

hailo_status InputTransformContext::transform(const MemoryView src, MemoryView dst) {
  return run(m_impl->transform, src, dst);
}
size_t InputTransformContext::get_src_frame_size() const { return m_impl->transform.src_bytes(); }
size_t InputTransformContext::get_dst_frame_size() const { return m_impl->transform.dst_bytes(); }
std::string InputTransformContext::description() const { return describe(m_impl->transform); }

Expected<bool> InputTransformContext::is_transformation_required(const hailo_3d_image_shape_t& src_image_shape,
                                                                 const hailo_format_t& src_format,
                                                                 const hailo_3d_image_shape_t& dst_image_shape,
                                                                 const hailo_format_t& dst_format,
                                                                 const std::vector<hailo_quant_info_t>& quant_infos) {
  const Side host = {src_image_shape, HailoRTDefaults::expand_auto_format(src_format, dst_format)};
  return required(FrameTransform::to_device(host, {dst_image_shape, dst_format}, quant_infos));
}

bool InputTransformContext::is_transformation_required(const hailo_3d_image_shape_t& src_image_shape,
                                                       const hailo_format_t& src_format,
                                                       const hailo_3d_image_shape_t& dst_image_shape,
                                                       const hailo_format_t& dst_format,
                                                       const hailo_quant_info_t& quant_info) {
  const auto is =
      is_transformation_required(src_image_shape, src_format, dst_image_shape, dst_format, std::vector{quant_info});
  return !is || *is;
}

class OutputTransformContext::Impl {
 public:
  FrameTransform transform;
};

OutputTransformContext::OutputTransformContext(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
OutputTransformContext::~OutputTransformContext() = default;

Expected<std::unique_ptr<OutputTransformContext>> OutputTransformContext::create(
    const hailo_3d_image_shape_t& src_image_shape, const hailo_format_t& src_format,
    const hailo_3d_image_shape_t& dst_image_shape, const hailo_format_t& dst_format,
    const std::vector<hailo_quant_info_t>& dst_quant_infos, const hailo_nms_info_t&) {
  const Side host = {dst_image_shape, HailoRTDefaults::expand_auto_format(dst_format, src_format)};
  HAILORT_TRY(FrameTransform transform, FrameTransform::to_host({src_image_shape, src_format}, host, dst_quant_infos));
  return std::make_unique<OutputTransformContext>(std::make_unique<Impl>(Impl{std::move(transform)}));
}

Expected<std::unique_ptr<OutputTransformContext>> OutputTransformContext::create(
    const hailo_3d_image_shape_t& src_image_shape, const hailo_format_t& src_format,
    const hailo_3d_image_shape_t& dst_image_shape, const hailo_format_t& dst_format,
    const hailo_quant_info_t& dst_quant_info, const hailo_nms_info_t& nms_info) {
  return create(src_image_shape, src_format, dst_image_shape, dst_format, std::vector{dst_quant_info}, nms_info);
}

Expected<std::unique_ptr<OutputTransformContext>> OutputTransformContext::create(
    const hailo_stream_info_t& stream_info, const hailo_transform_params_t& transform_params) {
  const Side host = host_side(stream_info, transform_params), device = device_side(stream_info);
  return create(device.shape, device.format, host.shape, host.format, stream_info.quant_info, hailo_nms_info_t{});
}

Expected<std::unique_ptr<OutputTransformContext>> OutputTransformContext::create(const hailo_stream_info_t& stream_info,
                                                                                 bool unused,
                                                                                 hailo_format_type_t format_type) {
  return create(stream_info, HailoRTDefaults::get_transform_params(unused, format_type));
}

Expected<std::unique_ptr<OutputTransformContext>> OutputTransformContext::create(
    OutputStream& output_stream, const hailo_transform_params_t& transform_params) {
  const Side host = host_side(output_stream.get_info(), transform_params);
  const Side device = device_side(output_stream.get_info());
  return create(device.shape, device.format, host.shape, host.format, output_stream.get_quant_infos(),
                hailo_nms_info_t{});
}

hailo_status OutputTransformContext::transform(const MemoryView src, MemoryView dst) {
  return run(m_impl->transform, src, dst);
}
size_t OutputTransformContext::get_src_frame_size() const { return m_impl->transform.src_bytes(); }
size_t OutputTransformContext::get_dst_frame_size() const { return m_impl->transform.dst_bytes(); }
std::string OutputTransformContext::description() const { return describe(m_impl->transform); }

Expected<bool> OutputTransformContext::is_transformation_required(const hailo_3d_image_shape_t& src_image_shape,
                                                                  const hailo_format_t& src_format,
                                                                  const hailo_3d_image_shape_t& dst_image_shape,
                                                                  const hailo_format_t& dst_format,
                                                                  const std::vector<hailo_quant_info_t>& quant_infos) {
  const Side host = {dst_image_shape, HailoRTDefaults::expand_auto_format(dst_format, src_format)};
  return required(FrameTransform::to_host({src_image_shape, src_format}, host, quant_infos));
}

bool OutputTransformContext::is_transformation_required(const hailo_3d_image_shape_t& src_image_shape,
                                                        const hailo_format_t& src_format,
                                                        const hailo_3d_image_shape_t& dst_image_shape,
                                                        const hailo_format_t& dst_format,
                                                        const hailo_quant_info_t& quant_info) {
  const auto is =
      is_transformation_required(src_image_shape, src_format, dst_image_shape, dst_format, std::vector{quant_info});
  return !is || *is;
}

Expected<std::unique_ptr<OutputDemuxer>> OutputDemuxer::create(OutputStream& output_stream) {
  return refused(HAILO_INVALID_OPERATION, "stream '", output_stream.name(),
                 "' carries one output; there is nothing to take apart");
}

hailo_status transpose_buffer(const MemoryView src, const hailo_3d_image_shape_t& shape, const hailo_format_t& format,
                              MemoryView dst) {
  hailo_format_t transposed = format;
  transposed.flags = static_cast<hailo_format_flags_t>(format.flags ^ HAILO_FORMAT_FLAGS_TRANSPOSED);
  const auto transform = FrameTransform::moved({shape, format}, {shape, transposed});
  return transform ? run(*transform, src, dst) : transform.status();
}

hailo_status fuse_buffers(const std::vector<MemoryView>&, const std::vector<hailo_nms_info_t>&, MemoryView) {
  return refuse(HAILO_NOT_SUPPORTED,
                "detections of a chip cannot be joined; the virtual device makes them on the host");
}

}  // namespace hailort
