// A model before it is configured, and the buffers of a frame.
#pragma once

#include <optional>
#include <variant>

#include "hailo/infer_model.hpp"
#include "hailort/hef_impl.h"
#include "hailort/network_group_impl.h"
#include "hailort/nms_settings.h"
#include "hailort/virtual_device.h"

namespace hailort {

class InferModel::InferStream::Impl {
 public:
  const Hef::Impl* hef = nullptr;  ///< the model keeps it
  const VStreamEdge* edge = nullptr;
  hailo_format_t format{};
  NmsSettings settings;

  bool input() const { return edge->info.direction == HAILO_H2D_STREAM; }
  /// The stream as the settings make it.
  hailo_vstream_info_t info() const;
};

class InferModel::Impl {
 public:
  Impl(std::shared_ptr<VirtualDevice> device, Hef h, std::string name);
  /// HAILO_INVALID_OPERATION for several edges, HAILO_NOT_FOUND for an unknown name.
  Expected<InferStream> only(hailo_stream_direction_t direction) const;
  Expected<InferStream> find(hailo_stream_direction_t direction, const std::string& name) const;

  std::shared_ptr<VirtualDevice> device;
  Hef hef;
  std::string name;
  ConfigureNetworkParams params;
  std::vector<InferStream> inputs, outputs;
  std::vector<std::string> input_names, output_names;
};

class ConfiguredInferModel::Bindings::InferStream::Impl {
 public:
  std::string name;
  std::variant<std::monostate, MemoryView, hailo_pix_buffer_t, hailo_dma_buffer_t> buffer;
};

/// A job: frames that are still out, and the callback when there are none.
class AsyncInferJob::Impl {
 public:
  using Callback = std::function<void(const AsyncInferCompletionInfo&)>;
  Impl(std::size_t frames, Callback callback) : left_(frames), callback_(std::move(callback)) {}
  /// The last of the frames calls the callback.
  void frame_done(hailo_status status);
  hailo_status wait(Milliseconds timeout);

 private:
  std::mutex mutex_;
  std::condition_variable done_;
  std::size_t left_;
  bool called_ = false;
  hailo_status status_ = HAILO_SUCCESS;
  Callback callback_;
};

}  // namespace hailort
