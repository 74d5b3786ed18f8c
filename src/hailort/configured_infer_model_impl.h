// A configured model: frames go to the device from the caller's thread and come back through one of its own, which
// makes the caller's outputs and calls back.
#pragma once

#include <deque>
#include <map>
#include <thread>

#include "base/bytes.h"
#include "hailort/infer_model_impl.h"
#include "hailort/output_frame.h"

namespace hailort {

class ConfiguredInferModel::Impl {
 public:
  /// Errors: HAILO_INVALID_ARGUMENT for formats and settings that do not fit.
  static Expected<std::shared_ptr<Impl>> create(std::shared_ptr<ConfiguredNetworkGroup::Impl> group,
                                                const InferModel::Impl& model);
  explicit Impl(std::shared_ptr<ConfiguredNetworkGroup::Impl> group);
  ~Impl();

  Bindings bindings() const { return Bindings(input_names_, output_names_); }
  std::size_t frame_bytes(const std::string& edge) const;
  Expected<AsyncInferJob> run_async(const std::vector<Bindings>& frames, AsyncInferJob::Impl::Callback callback);
  hailo_status shutdown() { return network().shutdown(); }
  Network& network() const { return group_->network(); }

 private:
  struct Input {
    std::size_t stream;
    FrameTransform transform;
  };
  /// A frame on its way.
  struct Frame {
    std::shared_ptr<AsyncInferJob::Impl> job;
    hailo_status status = HAILO_SUCCESS;
    std::vector<std::vector<uint8_t>> pictures;             ///< inputs in planes, joined
    std::vector<graupel::Bytes> input_codes, output_codes;  ///< where the caller's memory does not serve
    std::vector<const uint8_t*> codes;                      ///< outputs of the device
    std::vector<uint8_t*> results;                          ///< the caller's outputs
  };
  struct Completion;

  Expected<std::vector<Transfer>> start(const Bindings& bindings, const std::shared_ptr<Frame>& frame);
  Expected<uint8_t*> input_data(std::size_t number, const Bindings& bindings, Frame& frame);
  std::shared_ptr<Frame> take_frame();

  std::shared_ptr<ConfiguredNetworkGroup::Impl> group_;
  std::vector<std::string> input_names_, output_names_;
  std::vector<Input> inputs_;
  std::shared_ptr<Completion> completion_;
  std::thread thread_;
};

/// What the completing thread keeps alive: a callback may drop the model.
struct ConfiguredInferModel::Impl::Completion {
  void push(std::shared_ptr<Frame> frame);
  void run();
  void finish(Frame& frame);

  std::vector<OutputFrame> outputs;
  std::mutex mutex;
  std::condition_variable work;
  std::deque<std::shared_ptr<Frame>> done;
  std::vector<std::shared_ptr<Frame>> spare;  ///< with their memory
  bool stop = false;
};

}  // namespace hailort
