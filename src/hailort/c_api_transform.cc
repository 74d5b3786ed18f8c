// The C interface: transforms, demuxing and joining.
#include "hailort/c_api.h"

namespace hailort {
namespace {

/// Both directions ask the same question.
using Required = Expected<bool> (*)(const hailo_3d_image_shape_t&, const hailo_format_t&, const hailo_3d_image_shape_t&,
                                    const hailo_format_t&, const std::vector<hailo_quant_info_t>&);

hailo_status is_required(Required required, const hailo_3d_image_shape_t* src_shape, const hailo_format_t* src_format,
                         const hailo_3d_image_shape_t* dst_shape, const hailo_format_t* dst_format,
                         const hailo_quant_info_t* quant_infos, size_t count, bool* out) {
  HAILORT_NOT_NULL(src_shape);
  HAILORT_NOT_NULL(src_format);
  HAILORT_NOT_NULL(dst_shape);
  HAILORT_NOT_NULL(dst_format);
  HAILORT_NOT_NULL(quant_infos);
  HAILORT_NOT_NULL(out);
  HAILORT_GET(*out, required(*src_shape, *src_format, *dst_shape, *dst_format, {quant_infos, quant_infos + count}));
  return HAILO_SUCCESS;
}

/// Of one direction: from a stream's description or from the stream itself.
template <class Context, class Handle, class Source>
hailo_status create_context(const char* function, Source& source, const hailo_transform_params_t* params,
                            Handle** context) {
  if (params == nullptr) return bad_argument(function, "params");
  if (context == nullptr) return bad_argument(function, "context");
  HAILORT_GET(auto own, Context::create(source, *params));
  *context = Handles::keep(new Handle{std::move(own)});
  return HAILO_SUCCESS;
}

template <class Handle>
hailo_status release_context(const char* function, Handle* context) {
  if (!Handles::remove(context)) return bad_argument(function, "context");
  delete context;
  return HAILO_SUCCESS;
}

template <class Handle>
hailo_status transform_frame(const char* function, Handle* context, const void* src, size_t src_size, void* dst,
                             size_t dst_size) {
  if (!Handles::alive(context)) return bad_argument(function, "context");
  if (src == nullptr) return bad_argument(function, "src");
  if (dst == nullptr) return bad_argument(function, "dst");
  return context->context->transform(MemoryView::create_const(src, src_size), MemoryView(dst, dst_size));
}

}  // namespace
}  // namespace hailort

using namespace hailort;  // NOLINT: the definitions below are the interface's, in C

size_t hailo_get_host_frame_size(const hailo_stream_info_t* stream_info, const hailo_transform_params_t* params) {
  if (stream_info == nullptr || params == nullptr) return 0;
  hailo_transform_params_t expanded = *params;
  expanded.user_buffer_format = HailoRTDefaults::expand_auto_format(params->user_buffer_format, stream_info->format);
  return HailoRTCommon::get_frame_size(*stream_info, expanded);
}

hailo_status hailo_create_input_transform_context(const hailo_stream_info_t* stream_info,
                                                  const hailo_transform_params_t* params,
                                                  hailo_input_transform_context* context) {
  HAILORT_NOT_NULL(stream_info);
  return create_context<InputTransformContext>(__func__, *stream_info, params, context);
}

hailo_status hailo_create_input_transform_context_by_stream(hailo_input_stream stream,
                                                            const hailo_transform_params_t* params,
                                                            hailo_input_transform_context* context) {
  HAILORT_ALIVE(stream);
  return create_context<InputTransformContext>(__func__, stream->stream, params, context);
}

hailo_status hailo_release_input_transform_context(hailo_input_transform_context context) {
  return release_context(__func__, context);
}

hailo_status hailo_transform_frame_by_input_transform_context(hailo_input_transform_context context, const void* src,
                                                              size_t src_size, void* dst, size_t dst_size) {
  return transform_frame(__func__, context, src, src_size, dst, dst_size);
}

hailo_status hailo_create_output_transform_context(const hailo_stream_info_t* stream_info,
                                                   const hailo_transform_params_t* params,
                                                   hailo_output_transform_context* context) {
  HAILORT_NOT_NULL(stream_info);
  return create_context<OutputTransformContext>(__func__, *stream_info, params, context);
}

hailo_status hailo_create_output_transform_context_by_stream(hailo_output_stream stream,
                                                             const hailo_transform_params_t* params,
                                                             hailo_output_transform_context* context) {
  HAILORT_ALIVE(stream);
  return create_context<OutputTransformContext>(__func__, stream->stream, params, context);
}

hailo_status hailo_release_output_transform_context(hailo_output_transform_context context) {
  return release_context(__func__, context);
}

hailo_status hailo_transform_frame_by_output_transform_context(hailo_output_transform_context context, const void* src,
                                                               size_t src_size, void* dst, size_t dst_size) {
  return transform_frame(__func__, context, src, src_size, dst, dst_size);
}

hailo_status hailo_is_input_transformation_required2(const hailo_3d_image_shape_t* src_shape,
                                                     const hailo_format_t* src_format,
                                                     const hailo_3d_image_shape_t* dst_shape,
                                                     const hailo_format_t* dst_format,
                                                     const hailo_quant_info_t* quant_infos, size_t count, bool* out) {
  return is_required(InputTransformContext::is_transformation_required, src_shape, src_format, dst_shape, dst_format,
                     quant_infos, count, out);
}

hailo_status hailo_is_output_transformation_required2(const hailo_3d_image_shape_t* src_shape,
                                                      const hailo_format_t* src_format,
                                                      const hailo_3d_image_shape_t* dst_shape,
                                                      const hailo_format_t* dst_format,
                                                      const hailo_quant_info_t* quant_infos, size_t count, bool* out) {
  return is_required(OutputTransformContext::is_transformation_required, src_shape, src_format, dst_shape, dst_format,
                     quant_infos, count, out);
}

hailo_status hailo_is_input_transformation_required(const hailo_3d_image_shape_t* src_shape,
                                                    const hailo_format_t* src_format,
                                                    const hailo_3d_image_shape_t* dst_shape,
                                                    const hailo_format_t* dst_format,
                                                    const hailo_quant_info_t* quant_info, bool* out) {
  return hailo_is_input_transformation_required2(src_shape, src_format, dst_shape, dst_format, quant_info, 1, out);
}

hailo_status hailo_is_output_transformation_required(const hailo_3d_image_shape_t* src_shape,
                                                     const hailo_format_t* src_format,
                                                     const hailo_3d_image_shape_t* dst_shape,
                                                     const hailo_format_t* dst_format,
                                                     const hailo_quant_info_t* quant_info, bool* out) {
  return hailo_is_output_transformation_required2(src_shape, src_format, dst_shape, dst_format, quant_info, 1, out);
}

hailo_status hailo_is_qp_valid(const hailo_quant_info_t quant_info, bool* is_qp_valid) {
  HAILORT_NOT_NULL(is_qp_valid);
  *is_qp_valid = Quantization::is_qp_valid(quant_info);
  return HAILO_SUCCESS;
}

hailo_status hailo_create_demuxer_by_stream(hailo_output_stream stream, const hailo_demux_params_t* demux_params,
                                            hailo_output_demuxer* demuxer) {
  HAILORT_ALIVE(stream);
  HAILORT_NOT_NULL(demux_params);
  HAILORT_NOT_NULL(demuxer);
  return OutputDemuxer::create(stream->stream).status();
}

// There is no demuxer that these could be called with.
hailo_status hailo_release_output_demuxer(hailo_output_demuxer demuxer) {
  HAILORT_ALIVE(demuxer);
  return HAILO_INVALID_ARGUMENT;
}
hailo_status hailo_demux_raw_frame_by_output_demuxer(hailo_output_demuxer demuxer, const void*, size_t,
                                                     hailo_stream_raw_buffer_t*, size_t) {
  HAILORT_ALIVE(demuxer);
  return HAILO_INVALID_ARGUMENT;
}
hailo_status hailo_demux_by_name_raw_frame_by_output_demuxer(hailo_output_demuxer demuxer, const void*, size_t,
                                                             hailo_stream_raw_buffer_by_name_t*, size_t) {
  HAILORT_ALIVE(demuxer);
  return HAILO_INVALID_ARGUMENT;
}
hailo_status hailo_get_mux_infos_by_output_demuxer(hailo_output_demuxer demuxer, hailo_stream_info_t*, size_t*) {
  HAILORT_ALIVE(demuxer);
  return HAILO_INVALID_ARGUMENT;
}

hailo_status hailo_fuse_nms_frames(const hailo_nms_fuse_input_t* nms_fuse_inputs, uint32_t inputs_count,
                                   uint8_t* fused_buffer, size_t fused_buffer_size) {
  HAILORT_NOT_NULL(nms_fuse_inputs);
  HAILORT_NOT_NULL(fused_buffer);
  std::vector<MemoryView> buffers;
  std::vector<hailo_nms_info_t> infos;
  for (uint32_t i = 0; i < inputs_count; ++i) {
    buffers.emplace_back(nms_fuse_inputs[i].buffer, nms_fuse_inputs[i].size);
    infos.push_back(nms_fuse_inputs[i].nms_info);
  }
  return fuse_buffers(buffers, infos, MemoryView(fused_buffer, fused_buffer_size));
}
