#include "hailo/inference_pipeline.hpp"

#include <algorithm>
#include <thread>

#include "hailo/hailort_common.hpp"
#include "hailort/log.h"
#include "hailort/network_group_impl.h"

namespace hailort {
namespace {

template <class Params>
std::map<std::string, hailo_vstream_params_t> with(std::map<std::string, hailo_vstream_params_t> by_name,
                                                   const Params& params) {
  for (auto& [name, own] : by_name) own = params;
  return by_name;
}

/// The exact bytes of `frames` frames for every stream, and nothing else.
template <class VStream>
hailo_status check(const std::vector<VStream>& vstreams, const std::map<std::string, MemoryView>& views,
                   size_t frames) {
  if (views.size() != vstreams.size())
    return refuse(HAILO_INVALID_ARGUMENT, views.size(), " buffers for ", vstreams.size(), " virtual streams");
  for (const VStream& vstream : vstreams) {
    const auto view = views.find(vstream.name());
    if (view == views.end()) return refuse(HAILO_INVALID_ARGUMENT, "no buffer for '", vstream.name(), "'");
    if (view->second.size() != frames * vstream.get_frame_size())
      return refuse(HAILO_INVALID_ARGUMENT, "the buffer of '", vstream.name(), "' has ", view->second.size(),
                    " bytes; ", frames, " frames have ", frames * vstream.get_frame_size());
  }
  return HAILO_SUCCESS;
}

}  // namespace

Expected<std::pair<std::vector<InputVStream>, std::vector<OutputVStream>>> VStreamsBuilder::create_vstreams(
    ConfiguredNetworkGroup& net_group, bool unused, hailo_format_type_t format_type, const std::string& network_name) {
  hailo_vstream_params_t params{};
  params.user_buffer_format.type = format_type;
  params.timeout_ms = HAILO_DEFAULT_VSTREAM_TIMEOUT_MS;
  params.queue_size = HAILO_DEFAULT_VSTREAM_QUEUE_SIZE;
  (void)unused;
  return create_vstreams(net_group, params, network_name);
}

Expected<std::pair<std::vector<InputVStream>, std::vector<OutputVStream>>> VStreamsBuilder::create_vstreams(
    ConfiguredNetworkGroup& net_group, const hailo_vstream_params_t& vstreams_params, const std::string& network_name) {
  HAILORT_TRY(const auto inputs, net_group.make_input_vstream_params(true, HAILO_FORMAT_TYPE_AUTO, 0, 0, network_name));
  HAILORT_TRY(const auto outputs,
              net_group.make_output_vstream_params(true, HAILO_FORMAT_TYPE_AUTO, 0, 0, network_name));
  HAILORT_TRY(auto in, net_group.create_input_vstreams(with(inputs, vstreams_params)));
  HAILORT_TRY(auto out, net_group.create_output_vstreams(with(outputs, vstreams_params)));
  return std::make_pair(std::move(in), std::move(out));
}

Expected<std::vector<InputVStream>> VStreamsBuilder::create_input_vstreams(
    ConfiguredNetworkGroup& net_group, const std::map<std::string, hailo_vstream_params_t>& inputs_params) {
  return net_group.create_input_vstreams(inputs_params);
}

Expected<std::vector<OutputVStream>> VStreamsBuilder::create_output_vstreams(
    ConfiguredNetworkGroup& net_group, const std::map<std::string, hailo_vstream_params_t>& outputs_params) {
  return net_group.create_output_vstreams(outputs_params);
}

InferVStreams::InferVStreams(std::vector<InputVStream>&& inputs, std::vector<OutputVStream>&& outputs,
                             size_t frames_multiple)
    : m_inputs(std::move(inputs)), m_outputs(std::move(outputs)), m_frames_multiple(frames_multiple) {}

Expected<InferVStreams> InferVStreams::create(ConfiguredNetworkGroup& net_group,
                                              const std::map<std::string, hailo_vstream_params_t>& input_params,
                                              const std::map<std::string, hailo_vstream_params_t>& output_params) {
  HAILORT_TRY(auto inputs, net_group.create_input_vstreams(input_params));
  HAILORT_TRY(auto outputs, net_group.create_output_vstreams(output_params));
  const bool whole_batches = net_group.is_multi_context() && !net_group.is_scheduled();
  const size_t multiple = whole_batches ? std::max<size_t>(net_group.impl()->network().batch_size(0), 1) : 1;
  return InferVStreams(std::move(inputs), std::move(outputs), multiple);
}

hailo_status InferVStreams::check_views(const std::map<std::string, MemoryView>& inputs,
                                        const std::map<std::string, MemoryView>& outputs, size_t frames_count) const {
  if (frames_count % m_frames_multiple != 0)
    return refuse(HAILO_INVALID_ARGUMENT, frames_count, " frames are not a multiple of the batch of ",
                  m_frames_multiple);
  HAILORT_DO(check(m_inputs, inputs, frames_count));
  return check(m_outputs, outputs, frames_count);
}

hailo_status InferVStreams::infer(const std::map<std::string, MemoryView>& input_data,
                                  std::map<std::string, MemoryView>& output_data, size_t frames_count) {
  HAILORT_DO(check_views(input_data, output_data, frames_count));
  std::vector<hailo_status> statuses(m_inputs.size() + m_outputs.size(), HAILO_SUCCESS);
  std::vector<std::thread> threads;
  const auto stop = [this] {
    for (InputVStream& input : m_inputs) input.abort();
    for (OutputVStream& output : m_outputs) output.abort();
  };
  const auto each_frame = [&](auto& vstream, const MemoryView& view, hailo_status& status, auto move) {
    const size_t bytes = vstream.get_frame_size();
    for (size_t i = 0; i < frames_count && status == HAILO_SUCCESS; ++i)
      status = move(MemoryView(const_cast<uint8_t*>(view.data()) + i * bytes, bytes));
    if (status != HAILO_SUCCESS) stop();
  };
  for (size_t i = 0; i < m_inputs.size(); ++i)
    threads.emplace_back([&, i] {
      InputVStream& input = m_inputs[i];
      each_frame(input, input_data.at(input.name()), statuses[i], [&](MemoryView frame) { return input.write(frame); });
    });
  for (size_t i = 0; i < m_outputs.size(); ++i)
    threads.emplace_back([&, i] {
      OutputVStream& output = m_outputs[i];
      each_frame(output, output_data.at(output.name()), statuses[m_inputs.size() + i],
                 [&](MemoryView frame) { return output.read(frame); });
    });
  for (std::thread& thread : threads) thread.join();
  // The first failure stops the others, whose abort says less.
  hailo_status result = HAILO_SUCCESS;
  for (const hailo_status status : statuses)
    if (status != HAILO_SUCCESS && (result == HAILO_SUCCESS || result == HAILO_STREAM_ABORT)) result = status;
  if (result == HAILO_SUCCESS) return result;
  for (InputVStream& input : m_inputs) input.resume();
  for (OutputVStream& output : m_outputs) output.resume();
  InputVStream::clear(m_inputs);
  OutputVStream::clear(m_outputs);
  return result;
}

Expected<std::reference_wrapper<InputVStream>> InferVStreams::get_input_by_name(const std::string& name) {
  for (InputVStream& input : m_inputs)
    if (input.name() == name) return std::ref(input);
  return refused(HAILO_NOT_FOUND, "there is no virtual input stream '", name, "'");
}

Expected<std::reference_wrapper<OutputVStream>> InferVStreams::get_output_by_name(const std::string& name) {
  for (OutputVStream& output : m_outputs)
    if (output.name() == name) return std::ref(output);
  return refused(HAILO_NOT_FOUND, "there is no virtual output stream '", name, "'");
}

std::vector<std::reference_wrapper<InputVStream>> InferVStreams::get_input_vstreams() {
  return {m_inputs.begin(), m_inputs.end()};
}

std::vector<std::reference_wrapper<OutputVStream>> InferVStreams::get_output_vstreams() {
  return {m_outputs.begin(), m_outputs.end()};
}

namespace {

/// On every output with detections; HAILO_INVALID_OPERATION when there is none.
template <class Set>
hailo_status on_detections(std::vector<OutputVStream>& outputs, Set set) {
  bool any = false;
  for (OutputVStream& output : outputs) {
    if (!HailoRTCommon::is_nms(output.get_info())) continue;
    HAILORT_DO(set(output));
    any = true;
  }
  return any ? HAILO_SUCCESS
             : refuse(HAILO_INVALID_OPERATION, "no output has detections whose settings could be changed");
}

}  // namespace

hailo_status InferVStreams::set_nms_score_threshold(float32_t threshold) {
  return on_detections(m_outputs, [=](OutputVStream& output) { return output.set_nms_score_threshold(threshold); });
}
hailo_status InferVStreams::set_nms_iou_threshold(float32_t threshold) {
  return on_detections(m_outputs, [=](OutputVStream& output) { return output.set_nms_iou_threshold(threshold); });
}
hailo_status InferVStreams::set_nms_max_proposals_per_class(uint32_t count) {
  return on_detections(m_outputs, [=](OutputVStream& output) { return output.set_nms_max_proposals_per_class(count); });
}
hailo_status InferVStreams::set_nms_max_accumulated_mask_size(uint32_t bytes) {
  return on_detections(m_outputs,
                       [=](OutputVStream& output) { return output.set_nms_max_accumulated_mask_size(bytes); });
}

}  // namespace hailort
