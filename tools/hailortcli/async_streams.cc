// Raw streams with callbacks: each frame is a transfer on every stream.
#include <array>

#include "hailortcli/carriers.h"
#include "hailortcli/pending.h"

namespace hailort::cli {
namespace {

class AsyncStreams final : public Carrier {
 public:
  AsyncStreams(std::shared_ptr<ConfiguredNetworkGroup> group, const NetworkOptions& options)
      : group_(std::move(group)), inputs_(group_->get_input_streams()), outputs_(group_->get_output_streams()) {
    std::vector<std::string> names;
    for (InputStream& input : inputs_) names.push_back(input.name());
    check_input_files(options.input_files, names);
    for (InputStream& input : inputs_)
      frames_.emplace_back(input.name(), input.get_frame_size(), inputs_.size() == 1, options.input_files);
    for (auto& slot : slots_)
      for (OutputStream& output : outputs_) slot.emplace_back(output.get_frame_size());
    if (!options.scheduled) active_ = group_->activate().expect("cannot activate the network group");
  }
  ~AsyncStreams() override {
    active_.reset();
    group_->shutdown();  // no callback comes after it
  }

  void send(uint64_t number) override {
    pending_.wait(outputs_.size(), kInFlight - 1);
    pending_.sent();
    auto& slot = slots_[number % kInFlight];
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
      OutputStream& output = outputs_[i];
      require(output.wait_for_async_ready(slot[i].size(), kTimeout), "no room on '" + output.name() + "'");
      require(output.read_async(MemoryView(slot[i].data(), slot[i].size()),
                                [this](const OutputStream::CompletionInfo& info) { pending_.received(info.status); }),
              "cannot read from '" + output.name() + "'");
    }
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      InputStream& input = inputs_[i];
      require(input.wait_for_async_ready(input.get_frame_size(), kTimeout), "no room on '" + input.name() + "'");
      require(input.write_async(frames_[i].frame(number), [](const InputStream::CompletionInfo&) {}),
              "cannot write to '" + input.name() + "'");
    }
  }
  void wait_for_all() override { pending_.wait(outputs_.size(), 0); }
  std::size_t bytes_in() const override {
    std::size_t bytes = 0;
    for (const InputStream& input : inputs_) bytes += input.get_frame_size();
    return bytes;
  }
  std::size_t bytes_out() const override {
    std::size_t bytes = 0;
    for (const OutputStream& output : outputs_) bytes += output.get_frame_size();
    return bytes;
  }
  LatencyMeasurementResult hw_latency() override {
    return group_->get_latency_measurement().expect("the device has no latency to tell");
  }

 private:
  static constexpr std::size_t kInFlight = 16;  ///< fewer than a stream holds

  std::shared_ptr<ConfiguredNetworkGroup> group_;
  std::vector<std::reference_wrapper<InputStream>> inputs_;
  std::vector<std::reference_wrapper<OutputStream>> outputs_;
  std::vector<InputFrames> frames_;
  std::array<std::vector<std::vector<uint8_t>>, kInFlight> slots_;  ///< by frame on its way, then by output
  Pending pending_;
  std::unique_ptr<ActivatedNetworkGroup> active_;
};

}  // namespace

std::unique_ptr<Carrier> make_async_streams(std::shared_ptr<ConfiguredNetworkGroup> group,
                                            const NetworkOptions& options) {
  return std::make_unique<AsyncStreams>(std::move(group), options);
}

}  // namespace hailort::cli
