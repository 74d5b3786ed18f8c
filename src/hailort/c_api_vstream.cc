// The C interface: virtual streams.
#include "hailort/c_api.h"

namespace hailort {
namespace {

template <class Entry>
std::map<std::string, hailo_vstream_params_t> params_of(const Entry* entries, size_t count) {
  std::map<std::string, hailo_vstream_params_t> by_name;
  for (size_t i = 0; i < count; ++i) by_name.emplace(entries[i].name, entries[i].params);
  return by_name;
}

/// Handles in the order in which the caller named the streams.
template <class Handle, class Entry, class VStream>
hailo_status hand_out(std::vector<VStream> made, const Entry* entries, size_t count, Handle** out) {
  std::map<std::string, VStream> by_name;
  for (VStream& vstream : made) by_name.emplace(vstream.name(), std::move(vstream));
  for (size_t i = 0; i < count; ++i) {
    const auto own = by_name.find(entries[i].name);
    if (own == by_name.end()) return bad_argument("hailo_create_vstreams", "params (a name twice)");
    out[i] = Handles::keep(new Handle{std::move(own->second)});
    by_name.erase(own);
  }
  return HAILO_SUCCESS;
}

template <class Handle>
hailo_status release(Handle* const* handles, size_t count) {
  hailo_status status = HAILO_SUCCESS;
  for (size_t i = 0; i < count; ++i) {
    if (Handles::remove(handles[i]))
      delete handles[i];
    else
      status = bad_argument("hailo_release_vstreams", "vstream");
  }
  return status;
}

template <class Handle>
bool all_alive(Handle* const* handles, size_t count) {
  for (size_t i = 0; i < count; ++i)
    if (!Handles::alive(handles[i])) return false;
  return true;
}

std::map<std::string, MemoryView> views_of(const hailo_stream_raw_buffer_by_name_t* buffers, size_t count) {
  std::map<std::string, MemoryView> views;
  for (size_t i = 0; i < count; ++i)
    views.emplace(buffers[i].name, MemoryView(buffers[i].raw_buffer.buffer, buffers[i].raw_buffer.size));
  return views;
}

}  // namespace
}  // namespace hailort

using namespace hailort;  // NOLINT: the definitions below are the interface's, in C

hailo_status hailo_create_input_vstreams(hailo_configured_network_group group,
                                         const hailo_input_vstream_params_by_name_t* params, size_t count,
                                         hailo_input_vstream* vstreams) {
  HAILORT_ALIVE(group);
  HAILORT_NOT_NULL(params);
  HAILORT_NOT_NULL(vstreams);
  HAILORT_GET(auto made, group->group->create_input_vstreams(params_of(params, count)));
  return hand_out(std::move(made), params, count, vstreams);
}

hailo_status hailo_create_output_vstreams(hailo_configured_network_group group,
                                          const hailo_output_vstream_params_by_name_t* params, size_t count,
                                          hailo_output_vstream* vstreams) {
  HAILORT_ALIVE(group);
  HAILORT_NOT_NULL(params);
  HAILORT_NOT_NULL(vstreams);
  HAILORT_GET(auto made, group->group->create_output_vstreams(params_of(params, count)));
  return hand_out(std::move(made), params, count, vstreams);
}

hailo_status hailo_release_input_vstreams(const hailo_input_vstream* vstreams, size_t count) {
  HAILORT_NOT_NULL(vstreams);
  return release(vstreams, count);
}
hailo_status hailo_release_output_vstreams(const hailo_output_vstream* vstreams, size_t count) {
  HAILORT_NOT_NULL(vstreams);
  return release(vstreams, count);
}

hailo_status hailo_get_input_vstream_frame_size(hailo_input_vstream vstream, size_t* frame_size) {
  HAILORT_ALIVE(vstream);
  HAILORT_NOT_NULL(frame_size);
  *frame_size = vstream->vstream.get_frame_size();
  return HAILO_SUCCESS;
}
hailo_status hailo_get_output_vstream_frame_size(hailo_output_vstream vstream, size_t* frame_size) {
  HAILORT_ALIVE(vstream);
  HAILORT_NOT_NULL(frame_size);
  *frame_size = vstream->vstream.get_frame_size();
  return HAILO_SUCCESS;
}
hailo_status hailo_get_input_vstream_info(hailo_input_vstream vstream, hailo_vstream_info_t* info) {
  HAILORT_ALIVE(vstream);
  HAILORT_NOT_NULL(info);
  *info = vstream->vstream.get_info();
  return HAILO_SUCCESS;
}
hailo_status hailo_get_output_vstream_info(hailo_output_vstream vstream, hailo_vstream_info_t* info) {
  HAILORT_ALIVE(vstream);
  HAILORT_NOT_NULL(info);
  *info = vstream->vstream.get_info();
  return HAILO_SUCCESS;
}
hailo_status hailo_get_input_vstream_user_format(hailo_input_vstream vstream, hailo_format_t* format) {
  HAILORT_ALIVE(vstream);
  HAILORT_NOT_NULL(format);
  *format = vstream->vstream.get_user_buffer_format();
  return HAILO_SUCCESS;
}
hailo_status hailo_get_output_vstream_user_format(hailo_output_vstream vstream, hailo_format_t* format) {
  HAILORT_ALIVE(vstream);
  HAILORT_NOT_NULL(format);
  *format = vstream->vstream.get_user_buffer_format();
  return HAILO_SUCCESS;
}
hailo_status hailo_get_input_vstream_quant_infos(hailo_input_vstream vstream, hailo_quant_info_t* infos,
                                                 size_t* count) {
  HAILORT_ALIVE(vstream);
  HAILORT_NOT_NULL(infos);
  HAILORT_NOT_NULL(count);
  return copy_out(vstream->vstream.get_quant_infos(), infos, count);
}
hailo_status hailo_get_output_vstream_quant_infos(hailo_output_vstream vstream, hailo_quant_info_t* infos,
                                                  size_t* count) {
  HAILORT_ALIVE(vstream);
  HAILORT_NOT_NULL(infos);
  HAILORT_NOT_NULL(count);
  return copy_out(vstream->vstream.get_quant_infos(), infos, count);
}

hailo_status hailo_get_vstream_frame_size(hailo_vstream_info_t* vstream_info, hailo_format_t* user_buffer_format,
                                          size_t* frame_size) {
  HAILORT_NOT_NULL(vstream_info);
  HAILORT_NOT_NULL(user_buffer_format);
  HAILORT_NOT_NULL(frame_size);
  *frame_size = HailoRTCommon::get_frame_size(*vstream_info, *user_buffer_format);
  return HAILO_SUCCESS;
}

hailo_status hailo_vstream_write_raw_buffer(hailo_input_vstream vstream, const void* buffer, size_t buffer_size) {
  HAILORT_ALIVE(vstream);
  HAILORT_NOT_NULL(buffer);
  return vstream->vstream.write(MemoryView::create_const(buffer, buffer_size));
}
hailo_status hailo_vstream_write_pix_buffer(hailo_input_vstream vstream, const hailo_pix_buffer_t* buffer) {
  HAILORT_ALIVE(vstream);
  HAILORT_NOT_NULL(buffer);
  return vstream->vstream.write(*buffer);
}
hailo_status hailo_flush_input_vstream(hailo_input_vstream vstream) {
  HAILORT_ALIVE(vstream);
  return vstream->vstream.flush();
}
hailo_status hailo_vstream_read_raw_buffer(hailo_output_vstream vstream, void* buffer, size_t buffer_size) {
  HAILORT_ALIVE(vstream);
  HAILORT_NOT_NULL(buffer);
  return vstream->vstream.read(MemoryView(buffer, buffer_size));
}
hailo_status hailo_vstream_set_nms_score_threshold(hailo_output_vstream vstream, float32_t threshold) {
  HAILORT_ALIVE(vstream);
  return vstream->vstream.set_nms_score_threshold(threshold);
}
hailo_status hailo_vstream_set_nms_iou_threshold(hailo_output_vstream vstream, float32_t threshold) {
  HAILORT_ALIVE(vstream);
  return vstream->vstream.set_nms_iou_threshold(threshold);
}
hailo_status hailo_vstream_set_nms_max_proposals_per_class(hailo_output_vstream vstream, uint32_t count) {
  HAILORT_ALIVE(vstream);
  return vstream->vstream.set_nms_max_proposals_per_class(count);
}

hailo_status hailo_clear_input_vstreams(const hailo_input_vstream* vstreams, size_t count) {
  HAILORT_NOT_NULL(vstreams);
  if (!all_alive(vstreams, count)) return bad_argument(__func__, "vstreams");
  std::vector<std::reference_wrapper<InputVStream>> all;
  for (size_t i = 0; i < count; ++i) all.emplace_back(vstreams[i]->vstream);
  return InputVStream::clear(all);
}
hailo_status hailo_clear_output_vstreams(const hailo_output_vstream* vstreams, size_t count) {
  HAILORT_NOT_NULL(vstreams);
  if (!all_alive(vstreams, count)) return bad_argument(__func__, "vstreams");
  std::vector<std::reference_wrapper<OutputVStream>> all;
  for (size_t i = 0; i < count; ++i) all.emplace_back(vstreams[i]->vstream);
  return OutputVStream::clear(all);
}

hailo_status hailo_infer(hailo_configured_network_group group, hailo_input_vstream_params_by_name_t* inputs_params,
                         hailo_stream_raw_buffer_by_name_t* input_buffers, size_t inputs_count,
                         hailo_output_vstream_params_by_name_t* outputs_params,
                         hailo_stream_raw_buffer_by_name_t* output_buffers, size_t outputs_count, size_t frames_count) {
  HAILORT_ALIVE(group);
  HAILORT_NOT_NULL(inputs_params);
  HAILORT_NOT_NULL(input_buffers);
  HAILORT_NOT_NULL(outputs_params);
  HAILORT_NOT_NULL(output_buffers);
  HAILORT_GET(InferVStreams pipeline, InferVStreams::create(*group->group, params_of(inputs_params, inputs_count),
                                                            params_of(outputs_params, outputs_count)));
  auto outputs = views_of(output_buffers, outputs_count);
  return pipeline.infer(views_of(input_buffers, inputs_count), outputs, frames_count);
}
