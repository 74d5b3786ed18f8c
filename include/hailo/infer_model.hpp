// InferModel: one model, configured once, run asynchronously frame by frame on the caller's buffers.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "hailo/hef.hpp"
#include "hailo/network_group.hpp"
#include "hailo/vdevice.hpp"

namespace hailort {

/// Its destructor waits for the job, unless wait() or detach() was called.
class HAILORTAPI AsyncInferJob {
 public:
  AsyncInferJob();
  virtual ~AsyncInferJob();
  AsyncInferJob(const AsyncInferJob&) = delete;
  AsyncInferJob& operator=(const AsyncInferJob&) = delete;
  AsyncInferJob(AsyncInferJob&& other);
  AsyncInferJob& operator=(AsyncInferJob&& other);

  /// The job's status once its callback has returned, or HAILO_TIMEOUT.
  hailo_status wait(std::chrono::milliseconds timeout);
  void detach();

  class Impl;
  explicit AsyncInferJob(std::shared_ptr<Impl> impl);

 private:
  std::shared_ptr<Impl> m_impl;
  bool m_wait_in_destructor = false;
};

struct AsyncInferCompletionInfo {
  AsyncInferCompletionInfo(hailo_status s) : status(s) {}  // NOLINT: implicit by contract
  hailo_status status;
};

static const auto ASYNC_INFER_EMPTY_CALLBACK = [](const AsyncInferCompletionInfo&) {};

/// Copies share the configured model.
class HAILORTAPI ConfiguredInferModel {
 public:
  ConfiguredInferModel() = default;

  /// The buffers of one frame; a copy has buffers of its own. input() and output() without a name are
  /// HAILO_INVALID_OPERATION when there are several.
  class HAILORTAPI Bindings {
   public:
    class HAILORTAPI InferStream {
     public:
      /// The memory must live until the job is done. The getters are HAILO_INVALID_OPERATION for another kind of
      /// buffer.
      hailo_status set_buffer(MemoryView view);
      Expected<MemoryView> get_buffer() const;
      hailo_status set_pix_buffer(const hailo_pix_buffer_t& pix_buffer);
      Expected<hailo_pix_buffer_t> get_pix_buffer() const;
      hailo_status set_dma_buffer(hailo_dma_buffer_t dma_buffer);
      Expected<hailo_dma_buffer_t> get_dma_buffer() const;

      class Impl;
      explicit InferStream(std::shared_ptr<Impl> impl);
      const Impl& impl() const { return *m_impl; }

     private:
      std::shared_ptr<Impl> m_impl;
    };

    Bindings() = default;
    Bindings(const Bindings& other);
    Bindings& operator=(const Bindings& other);
    Bindings(Bindings&&) = default;
    Bindings& operator=(Bindings&&) = default;
    Bindings(const std::vector<std::string>& inputs, const std::vector<std::string>& outputs);

    Expected<InferStream> input();
    Expected<InferStream> output();
    Expected<InferStream> input(const std::string& name);
    Expected<InferStream> output(const std::string& name);
    Expected<InferStream> input() const;
    Expected<InferStream> output() const;
    Expected<InferStream> input(const std::string& name) const;
    Expected<InferStream> output(const std::string& name) const;

   private:
    std::unordered_map<std::string, InferStream> m_inputs, m_outputs;
  };

  Expected<Bindings> create_bindings();
  /// `buffers` by input or output name; HAILO_INVALID_ARGUMENT for other names.
  Expected<Bindings> create_bindings(const std::map<std::string, MemoryView>& buffers);
  /// Waits for room for `frames_count` frames; HAILO_TIMEOUT.
  hailo_status wait_for_async_ready(std::chrono::milliseconds timeout, uint32_t frames_count = 1);
  hailo_status activate();
  hailo_status deactivate();
  hailo_status run(const Bindings& bindings, std::chrono::milliseconds timeout);
  /// `callback` is called once, from a thread of the library. Errors: HAILO_NOT_FOUND (no buffer),
  /// HAILO_INVALID_OPERATION (size of a buffer), HAILO_NOT_SUPPORTED (kind of buffer), HAILO_QUEUE_IS_FULL,
  /// HAILO_STREAM_NOT_ACTIVATED, HAILO_STREAM_ABORT.
  Expected<AsyncInferJob> run_async(
      const Bindings& bindings,
      std::function<void(const AsyncInferCompletionInfo&)> callback = ASYNC_INFER_EMPTY_CALLBACK);
  /// One job and one call for all frames.
  Expected<AsyncInferJob> run_async(
      const std::vector<Bindings>& bindings,
      std::function<void(const AsyncInferCompletionInfo&)> callback = ASYNC_INFER_EMPTY_CALLBACK);
  Expected<LatencyMeasurementResult> get_hw_latency_measurement();
  hailo_status set_scheduler_timeout(const std::chrono::milliseconds& timeout);
  hailo_status set_scheduler_threshold(uint32_t threshold);
  hailo_status set_scheduler_priority(uint8_t priority);
  Expected<size_t> get_async_queue_size() const;
  /// Pending jobs end in HAILO_STREAM_ABORT; so does what follows.
  hailo_status shutdown();
  hailo_status update_cache_offset(int32_t offset_delta_entries);

  class Impl;
  explicit ConfiguredInferModel(std::shared_ptr<Impl> impl);

 private:
  std::shared_ptr<Impl> m_impl;
};

class HAILORTAPI InferModel {
 public:
  virtual ~InferModel();

  /// Copies share their settings with the model's.
  class HAILORTAPI InferStream {
   public:
    const std::string name() const;
    hailo_3d_image_shape_t shape() const;
    hailo_format_t format() const;
    size_t get_frame_size() const;
    Expected<hailo_nms_shape_t> get_nms_shape() const;
    void set_format_type(hailo_format_type_t type);
    void set_format_order(hailo_format_order_t order);
    std::vector<hailo_quant_info_t> get_quant_infos() const;
    bool is_nms() const;
    void set_nms_score_threshold(float32_t threshold);
    void set_nms_iou_threshold(float32_t threshold);
    void set_nms_max_proposals_per_class(uint32_t max_proposals_per_class);
    void set_nms_max_proposals_total(uint32_t max_proposals_total);
    void set_nms_max_accumulated_mask_size(uint32_t max_accumulated_mask_size);

    class Impl;
    explicit InferStream(std::shared_ptr<Impl> impl);
    const Impl& impl() const { return *m_impl; }

   private:
    std::shared_ptr<Impl> m_impl;
  };

  const Hef& hef() const;
  void set_batch_size(uint16_t batch_size);
  void set_power_mode(hailo_power_mode_t power_mode);
  void set_hw_latency_measurement_flags(hailo_latency_measurement_flags_t latency);
  /// Errors: those of VDevice::configure(); HAILO_INVALID_ARGUMENT (formats that do not fit, several groups without a
  /// name); HAILO_INVALID_OPERATION (a batch larger than the queue).
  Expected<ConfiguredInferModel> configure();
  Expected<InferStream> input();
  Expected<InferStream> output();
  Expected<InferStream> input(const std::string& name);
  Expected<InferStream> output(const std::string& name);
  const std::vector<InferStream>& inputs() const;
  const std::vector<InferStream>& outputs() const;
  const std::vector<std::string>& get_input_names() const;
  const std::vector<std::string>& get_output_names() const;

  class Impl;
  explicit InferModel(std::unique_ptr<Impl> impl);

 private:
  std::unique_ptr<Impl> m_impl;
};

}  // namespace hailort
