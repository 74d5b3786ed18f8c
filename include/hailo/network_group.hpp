// A network group: a compiled network on a virtual device.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "hailo/hef.hpp"
#include "hailo/runtime_statistics.hpp"
#include "hailo/stream.hpp"

namespace hailort {

class InputVStream;
class OutputVStream;

enum class BufferType {
  UNINITIALIZED,
  VIEW,
  PIX_BUFFER,
  DMA_BUFFER,
};

/// Memory of any kind that a frame can be in.
struct BufferRepresentation {
  BufferType buffer_type;
  union {
    MemoryView view;
    hailo_dma_buffer_t dma_buffer;
  };
};

/// By stream name: the memory of a frame of device codes, and what to call when it is the caller's again.
using NamedBuffersCallbacks =
    std::unordered_map<std::string, std::pair<BufferRepresentation, std::function<void(hailo_status)>>>;

using InputStreamRefVector = std::vector<std::reference_wrapper<InputStream>>;
using OutputStreamRefVector = std::vector<std::reference_wrapper<OutputStream>>;

struct LatencyMeasurementResult {
  std::chrono::nanoseconds avg_hw_latency;
};

using src_context_t = uint16_t;
using src_stream_index_t = uint8_t;
using IntermediateBufferKey = std::pair<src_context_t, src_stream_index_t>;

/// The network group runs while this lives.
class HAILORTAPI ActivatedNetworkGroup {
 public:
  virtual ~ActivatedNetworkGroup();
  ActivatedNetworkGroup(const ActivatedNetworkGroup&) = delete;
  ActivatedNetworkGroup& operator=(const ActivatedNetworkGroup&) = delete;

  const std::string& get_network_group_name() const;
  /// A device's memory between contexts; the virtual device has none: HAILO_NOT_SUPPORTED.
  Expected<Buffer> get_intermediate_buffer(const IntermediateBufferKey& key);
  uint32_t get_invalid_frames_count() { return 0; }

  class Impl;
  explicit ActivatedNetworkGroup(std::unique_ptr<Impl> impl);

 private:
  std::unique_ptr<Impl> m_impl;
};

class HAILORTAPI ConfiguredNetworkGroup {
 public:
  virtual ~ConfiguredNetworkGroup();
  ConfiguredNetworkGroup(const ConfiguredNetworkGroup&) = delete;
  ConfiguredNetworkGroup& operator=(const ConfiguredNetworkGroup&) = delete;

  const std::string& name() const;
  const std::string& get_network_group_name() const { return name(); }
  Expected<hailo_stream_interface_t> get_default_streams_interface();
  bool is_scheduled() const;
  bool is_multi_context() const;
  const ConfigureNetworkParams get_config_params() const;

  /// HAILO_INVALID_OPERATION with a scheduler, and while any network group of the device is active.
  Expected<std::unique_ptr<ActivatedNetworkGroup>> activate();
  Expected<std::unique_ptr<ActivatedNetworkGroup>> activate(const hailo_activate_network_group_params_t& params);
  hailo_status wait_for_activation(const std::chrono::milliseconds& timeout);
  /// Every pending and later transfer ends in HAILO_STREAM_ABORT.
  hailo_status shutdown();

  std::vector<std::reference_wrapper<InputStream>> get_input_streams_by_interface(hailo_stream_interface_t interface);
  std::vector<std::reference_wrapper<OutputStream>> get_output_streams_by_interface(hailo_stream_interface_t interface);
  ExpectedRef<InputStream> get_input_stream_by_name(const std::string& name);
  ExpectedRef<OutputStream> get_output_stream_by_name(const std::string& name);
  Expected<InputStreamRefVector> get_input_streams_by_network(const std::string& network_name = "");
  Expected<OutputStreamRefVector> get_output_streams_by_network(const std::string& network_name = "");
  InputStreamRefVector get_input_streams();
  OutputStreamRefVector get_output_streams();

  Expected<std::vector<hailo_network_info_t>> get_network_infos() const;
  Expected<std::vector<hailo_stream_info_t>> get_all_stream_infos(const std::string& network_name = "") const;
  Expected<std::vector<hailo_vstream_info_t>> get_input_vstream_infos(const std::string& network_name = "") const;
  Expected<std::vector<hailo_vstream_info_t>> get_output_vstream_infos(const std::string& network_name = "") const;
  Expected<std::vector<hailo_vstream_info_t>> get_all_vstream_infos(const std::string& network_name = "") const;
  Expected<std::vector<std::string>> get_sorted_output_names();
  Expected<std::vector<std::string>> get_stream_names_from_vstream_name(const std::string& vstream_name);
  Expected<std::vector<std::string>> get_vstream_names_from_stream_name(const std::string& stream_name);

  Expected<std::map<std::string, hailo_vstream_params_t>> make_input_vstream_params(
      bool unused, hailo_format_type_t format_type, uint32_t timeout_ms, uint32_t queue_size,
      const std::string& network_name = "");
  Expected<std::map<std::string, hailo_vstream_params_t>> make_output_vstream_params(
      bool unused, hailo_format_type_t format_type, uint32_t timeout_ms, uint32_t queue_size,
      const std::string& network_name = "");
  /// Groups of outputs that come from the same streams.
  Expected<std::vector<std::map<std::string, hailo_vstream_params_t>>> make_output_vstream_params_groups(
      bool unused, hailo_format_type_t format_type, uint32_t timeout_ms, uint32_t queue_size);
  Expected<std::vector<std::vector<std::string>>> get_output_vstream_groups();
  Expected<std::vector<InputVStream>> create_input_vstreams(
      const std::map<std::string, hailo_vstream_params_t>& inputs_params);
  Expected<std::vector<OutputVStream>> create_output_vstreams(
      const std::map<std::string, hailo_vstream_params_t>& outputs_params);

  /// HAILO_INVALID_OPERATION without a scheduler; HAILO_NOT_IMPLEMENTED for a network other than the default.
  hailo_status set_scheduler_timeout(const std::chrono::milliseconds& timeout, const std::string& network_name = "");
  hailo_status set_scheduler_threshold(uint32_t threshold, const std::string& network_name = "");
  hailo_status set_scheduler_priority(uint8_t priority, const std::string& network_name = "");

  /// HAILO_NOT_AVAILABLE without the flag and before the first frame.
  Expected<LatencyMeasurementResult> get_latency_measurement(const std::string& network_name = "");
  AccumulatorPtr get_activation_time_accumulator() const;
  AccumulatorPtr get_deactivation_time_accumulator() const;

  /// Frames that can wait at once.
  Expected<size_t> infer_queue_size() const;
  /// One frame; every stream is named. HAILO_QUEUE_IS_FULL when infer_queue_size() frames wait.
  hailo_status infer_async(const NamedBuffersCallbacks& named_buffers_callbacks,
                           const std::function<void(hailo_status)>& infer_request_done_cb);

  /// `edge_name`: a virtual output stream. HAILO_NOT_FOUND, HAILO_INVALID_OPERATION (not detections).
  hailo_status set_nms_score_threshold(const std::string& edge_name, float32_t nms_score_threshold);
  hailo_status set_nms_iou_threshold(const std::string& edge_name, float32_t iou_threshold);
  hailo_status set_nms_max_bboxes_per_class(const std::string& edge_name, uint32_t max_bboxes_per_class);
  hailo_status set_nms_max_bboxes_total(const std::string& edge_name, uint32_t max_bboxes_total);
  hailo_status set_nms_max_accumulated_mask_size(const std::string& edge_name, uint32_t max_accumulated_mask_size);

  /// Caches between frames belong to other devices: HAILO_NOT_SUPPORTED.
  hailo_status init_cache(uint32_t read_offset);
  hailo_status update_cache_offset(int32_t offset_delta_entries);
  Expected<std::vector<uint32_t>> get_cache_ids() const;
  Expected<Buffer> read_cache_buffer(uint32_t cache_id);
  hailo_status write_cache_buffer(uint32_t cache_id, MemoryView buffer);

  /// Handles of a service process: HAILO_NOT_SUPPORTED.
  Expected<uint32_t> get_client_handle() const;
  Expected<uint32_t> get_vdevice_client_handle() const;
  static Expected<std::shared_ptr<ConfiguredNetworkGroup>> duplicate_network_group_client(
      uint32_t ng_handle, uint32_t vdevice_handle, const std::string& network_group_name);
  hailo_status before_fork() { return HAILO_SUCCESS; }
  hailo_status after_fork_in_parent() { return HAILO_SUCCESS; }
  hailo_status after_fork_in_child() { return HAILO_SUCCESS; }

  class Impl;
  explicit ConfiguredNetworkGroup(std::shared_ptr<Impl> impl);
  const std::shared_ptr<Impl>& impl() const { return m_impl; }

 private:
  std::shared_ptr<Impl> m_impl;
};

using ConfiguredNetworkGroupVector = std::vector<std::shared_ptr<ConfiguredNetworkGroup>>;

}  // namespace hailort
