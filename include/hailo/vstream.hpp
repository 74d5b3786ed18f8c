// Virtual streams: frames in the caller's format, behind queues and timeouts. One thread may write while another reads.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "hailo/network_group.hpp"
#include "hailo/runtime_statistics.hpp"

namespace hailort {

/// Errors of write(): HAILO_INVALID_ARGUMENT (size), HAILO_NETWORK_GROUP_NOT_ACTIVATED, HAILO_TIMEOUT,
/// HAILO_STREAM_ABORT (after abort() until resume(), and after the network group's shutdown()),
/// HAILO_NOT_SUPPORTED (DMA buffers).
class HAILORTAPI InputVStream {
 public:
  InputVStream(InputVStream&& other) noexcept;
  InputVStream& operator=(InputVStream&& other) noexcept;
  virtual ~InputVStream();

  /// Returns when the frame has been copied into the queue.
  hailo_status write(const MemoryView& buffer);
  hailo_status write(const hailo_pix_buffer_t& buffer);
  /// Waits until the device has taken every frame.
  hailo_status flush();
  /// Drops the frames that wait.
  static hailo_status clear(std::vector<InputVStream>& vstreams);
  static hailo_status clear(std::vector<std::reference_wrapper<InputVStream>>& vstreams);
  hailo_status abort();
  hailo_status resume();
  bool is_aborted();
  bool is_multi_planar();

  size_t get_frame_size() const;
  const hailo_vstream_info_t& get_info() const;
  const std::vector<hailo_quant_info_t>& get_quant_infos() const;
  const hailo_format_t& get_user_buffer_format() const;
  std::string name() const;
  std::string network_name() const;
  const std::map<std::string, AccumulatorPtr>& get_fps_accumulators() const;
  const std::map<std::string, AccumulatorPtr>& get_latency_accumulators() const;
  const std::map<std::string, std::vector<AccumulatorPtr>>& get_queue_size_accumulators() const;
  AccumulatorPtr get_pipeline_latency_accumulator() const;
  hailo_status before_fork() { return HAILO_SUCCESS; }
  hailo_status after_fork_in_parent() { return HAILO_SUCCESS; }
  hailo_status after_fork_in_child() { return HAILO_SUCCESS; }

  class Impl;
  explicit InputVStream(std::unique_ptr<Impl> impl);

 private:
  std::unique_ptr<Impl> m_impl;
};

class HAILORTAPI OutputVStream {
 public:
  OutputVStream(OutputVStream&& other) noexcept;
  OutputVStream& operator=(OutputVStream&& other) noexcept;
  virtual ~OutputVStream();

  hailo_status read(MemoryView buffer);
  static hailo_status clear(std::vector<OutputVStream>& vstreams);
  static hailo_status clear(std::vector<std::reference_wrapper<OutputVStream>>& vstreams);
  hailo_status abort();
  hailo_status resume();
  bool is_aborted();

  size_t get_frame_size() const;
  const hailo_vstream_info_t& get_info() const;
  const std::vector<hailo_quant_info_t>& get_quant_infos() const;
  const hailo_format_t& get_user_buffer_format() const;
  std::string name() const;
  std::string network_name() const;
  const std::map<std::string, AccumulatorPtr>& get_fps_accumulators() const;
  const std::map<std::string, AccumulatorPtr>& get_latency_accumulators() const;
  const std::map<std::string, std::vector<AccumulatorPtr>>& get_queue_size_accumulators() const;
  AccumulatorPtr get_pipeline_latency_accumulator() const;

  /// HAILO_INVALID_OPERATION for an output without detections.
  hailo_status set_nms_score_threshold(float32_t threshold);
  hailo_status set_nms_iou_threshold(float32_t threshold);
  hailo_status set_nms_max_proposals_per_class(uint32_t max_proposals_per_class);
  hailo_status set_nms_max_accumulated_mask_size(uint32_t max_accumulated_mask_size);
  hailo_status before_fork() { return HAILO_SUCCESS; }
  hailo_status after_fork_in_parent() { return HAILO_SUCCESS; }
  hailo_status after_fork_in_child() { return HAILO_SUCCESS; }

  class Impl;
  explicit OutputVStream(std::unique_ptr<Impl> impl);

 private:
  std::unique_ptr<Impl> m_impl;
};

class HAILORTAPI VStreamsBuilder {
 public:
  VStreamsBuilder() = delete;
  static Expected<std::pair<std::vector<InputVStream>, std::vector<OutputVStream>>> create_vstreams(
      ConfiguredNetworkGroup& net_group, bool unused, hailo_format_type_t format_type,
      const std::string& network_name = "");
  static Expected<std::pair<std::vector<InputVStream>, std::vector<OutputVStream>>> create_vstreams(
      ConfiguredNetworkGroup& net_group, const hailo_vstream_params_t& vstreams_params,
      const std::string& network_name = "");
  static Expected<std::vector<InputVStream>> create_input_vstreams(
      ConfiguredNetworkGroup& net_group, const std::map<std::string, hailo_vstream_params_t>& inputs_params);
  static Expected<std::vector<OutputVStream>> create_output_vstreams(
      ConfiguredNetworkGroup& net_group, const std::map<std::string, hailo_vstream_params_t>& outputs_params);
};

}  // namespace hailort
