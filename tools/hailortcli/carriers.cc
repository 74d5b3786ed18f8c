#include "hailortcli/carriers.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <thread>

#include "hailortcli/pending.h"

namespace hailort::cli {
namespace {

/// Blocking streams, raw or virtual: the caller writes, a thread for each output reads.
template <class Input, class Output>
class Blocking : public Carrier {
 public:
  ~Blocking() override {
    pending_.close();
    for (std::thread& reader : readers_) reader.join();
  }

  void send(uint64_t number) override {
    pending_.wait(outputs_.size(), kInFlight);
    for (std::size_t i = 0; i < inputs_.size(); ++i)
      require(inputs_[i].get().write(frames_[i].frame(number)), "cannot write to '" + inputs_[i].get().name() + "'");
    pending_.sent();
  }
  void wait_for_all() override { pending_.wait(outputs_.size(), 0); }
  std::size_t bytes_in() const override { return bytes_of(inputs_); }
  std::size_t bytes_out() const override { return bytes_of(outputs_); }
  LatencyMeasurementResult hw_latency() override {
    return group_->get_latency_measurement().expect("the device has no latency to tell");
  }

 protected:
  Blocking(std::shared_ptr<ConfiguredNetworkGroup> group, bool activate) : group_(std::move(group)) {
    if (activate) active_ = group_->activate().expect("cannot activate the network group");
  }

  void start(const std::vector<std::string>& files) {
    std::vector<std::string> names;
    for (Input& input : inputs_) names.push_back(input.name());
    check_input_files(files, names);
    for (Input& input : inputs_) frames_.emplace_back(input.name(), input.get_frame_size(), inputs_.size() == 1, files);
    for (Output& output : outputs_)
      readers_.emplace_back([this, &output] {
        std::vector<uint8_t> frame(output.get_frame_size());
        for (uint64_t received = 0; pending_.wait_for_frame(received); ++received)
          pending_.received(output.read(MemoryView(frame.data(), frame.size())));
      });
  }

  std::vector<std::reference_wrapper<Input>> inputs_;
  std::vector<std::reference_wrapper<Output>> outputs_;
  std::shared_ptr<ConfiguredNetworkGroup> group_;

 private:
  static constexpr uint64_t kInFlight = 16;  ///< fewer than a stream holds

  template <class Stream>
  static std::size_t bytes_of(const std::vector<std::reference_wrapper<Stream>>& streams) {
    std::size_t bytes = 0;
    for (const Stream& stream : streams) bytes += stream.get_frame_size();
    return bytes;
  }

  std::unique_ptr<ActivatedNetworkGroup> active_;
  std::vector<InputFrames> frames_;
  Pending pending_;
  std::vector<std::thread> readers_;
};

class RawStreams final : public Blocking<InputStream, OutputStream> {
 public:
  RawStreams(std::shared_ptr<ConfiguredNetworkGroup> group, const NetworkOptions& options)
      : Blocking(std::move(group), !options.scheduled) {
    inputs_ = group_->get_input_streams();
    outputs_ = group_->get_output_streams();
    start(options.input_files);
  }
};

/// The virtual streams, which must outlive the threads that read them.
struct OwnedVStreams {
  std::vector<InputVStream> in;
  std::vector<OutputVStream> out;
};

class VirtualStreams final : private OwnedVStreams, public Blocking<InputVStream, OutputVStream> {
 public:
  VirtualStreams(std::shared_ptr<ConfiguredNetworkGroup> group, const NetworkOptions& options)
      : Blocking(std::move(group), !options.scheduled) {
    constexpr uint32_t kMs = HAILO_DEFAULT_VSTREAM_TIMEOUT_MS, kQueue = HAILO_DEFAULT_VSTREAM_QUEUE_SIZE;
    auto in_params = group_->make_input_vstream_params(false, options.format_type, kMs, kQueue).expect("inputs");
    auto out_params = group_->make_output_vstream_params(false, options.format_type, kMs, kQueue).expect("outputs");
    for (auto* params : {&in_params, &out_params})
      for (auto& [name, one] : *params) {
        const StreamOptions own = options.stream(name);
        if (own.type != HAILO_FORMAT_TYPE_AUTO) one.user_buffer_format.type = own.type;
        if (own.order != HAILO_FORMAT_ORDER_AUTO) one.user_buffer_format.order = own.order;
        one.vstream_stats_flags = static_cast<hailo_vstream_stats_flags_t>(
            (options.fps_statistics ? HAILO_VSTREAM_STATS_MEASURE_FPS : 0) |
            (options.latency_statistics ? HAILO_VSTREAM_STATS_MEASURE_LATENCY : 0));
      }
    in = group_->create_input_vstreams(in_params).expect("cannot create the input streams");
    out = group_->create_output_vstreams(out_params).expect("cannot create the output streams");
    inputs_.assign(in.begin(), in.end());
    outputs_.assign(out.begin(), out.end());
    start(options.input_files);
  }

  std::vector<StreamStatistics> statistics() const override {
    std::vector<StreamStatistics> all;
    for (const InputVStream& stream : in) add(stream, all);
    for (const OutputVStream& stream : out) add(stream, all);
    return all;
  }

 private:
  template <class Stream>
  static void add(const Stream& stream, std::vector<StreamStatistics>& all) {
    const auto take = [&](const std::map<std::string, AccumulatorPtr>& accumulators, const char* what) {
      for (const auto& [name, one] : accumulators) {
        const AccumulatorResults r = one->get();
        const auto or_zero = [](const Expected<double>& value) { return value ? value.value() : 0; };
        all.push_back({name, what, r.count() ? r.count().value() : 0, or_zero(r.min()), or_zero(r.max()),
                       or_zero(r.mean()), or_zero(r.sd())});
      }
    };
    take(stream.get_fps_accumulators(), "fps");
    take(stream.get_latency_accumulators(), "latency_us");
  }
};

class AsyncModel final : public Carrier {
 public:
  AsyncModel(VDevice& vdevice, const Hef& hef, const std::string& group, const NetworkOptions& options)
      : model_(vdevice.create_infer_model(hef, group).expect("cannot create the model")) {
    model_->set_batch_size(options.batch_size);
    model_->set_power_mode(options.power_mode);
    if (options.hw_latency) model_->set_hw_latency_measurement_flags(HAILO_LATENCY_MEASURE);
    for (const std::string& name : model_->get_input_names()) set_format(model_->input(name).release(), options);
    for (const std::string& name : model_->get_output_names()) set_format(model_->output(name).release(), options);
    configured_ = model_->configure().expect("cannot configure the model");
    set_scheduler(options);
    check_input_files(options.input_files, model_->get_input_names());
    for (const auto& input : model_->inputs()) {
      bytes_in_ += input.get_frame_size();
      frames_.emplace_back(input.name(), input.get_frame_size(), model_->inputs().size() == 1, options.input_files);
    }
    slots_.resize(std::max<std::size_t>(1, configured_.get_async_queue_size().expect("queue size")));
    for (Slot& slot : slots_) bind(slot);
    for (const auto& output : model_->outputs()) bytes_out_ += output.get_frame_size();
    if (!options.scheduled) require(configured_.activate(), "cannot activate the model");
    activated_ = !options.scheduled;
  }
  ~AsyncModel() override {
    configured_.shutdown();
    if (activated_) configured_.deactivate();
  }

  void send(uint64_t number) override {
    pending_.wait(1, slots_.size() - 1);
    ConfiguredInferModel::Bindings& bindings = slots_[number % slots_.size()].bindings;
    for (std::size_t i = 0; i < frames_.size(); ++i)
      require(bindings.input(model_->get_input_names()[i])->set_buffer(frames_[i].frame(number)),
              "cannot bind an input");
    require(configured_.wait_for_async_ready(kTimeout), "no room for a frame");
    pending_.sent();
    configured_.run_async(bindings, [this](const AsyncInferCompletionInfo& info) { pending_.received(info.status); })
        .expect("cannot start a frame")
        .detach();
  }
  void wait_for_all() override { pending_.wait(1, 0); }
  std::size_t bytes_in() const override { return bytes_in_; }
  std::size_t bytes_out() const override { return bytes_out_; }
  LatencyMeasurementResult hw_latency() override {
    return configured_.get_hw_latency_measurement().expect("the device has no latency to tell");
  }

 private:
  /// The outputs of a frame on its way.
  struct Slot {
    ConfiguredInferModel::Bindings bindings;
    std::vector<std::vector<uint8_t>> outputs;
  };

  static void set_format(InferModel::InferStream stream, const NetworkOptions& options) {
    const StreamOptions own = options.stream(stream.name());
    stream.set_format_type(own.type != HAILO_FORMAT_TYPE_AUTO ? own.type : options.format_type);
    if (own.order != HAILO_FORMAT_ORDER_AUTO) stream.set_format_order(own.order);
  }
  void bind(Slot& slot) {
    slot.bindings = configured_.create_bindings().expect("cannot create bindings");
    for (const auto& output : model_->outputs()) {
      auto& bytes = slot.outputs.emplace_back(output.get_frame_size());
      require(slot.bindings.output(output.name())->set_buffer(MemoryView(bytes.data(), bytes.size())),
              "cannot bind an output");
    }
  }
  void set_scheduler(const NetworkOptions& options) {
    if (!options.scheduled) return;
    if (options.threshold) require(configured_.set_scheduler_threshold(*options.threshold), "scheduler threshold");
    if (options.timeout_ms)
      require(configured_.set_scheduler_timeout(std::chrono::milliseconds(*options.timeout_ms)), "scheduler timeout");
    require(configured_.set_scheduler_priority(options.priority), "scheduler priority");
  }

  std::shared_ptr<InferModel> model_;
  std::vector<InputFrames> frames_;
  std::vector<Slot> slots_;
  Pending pending_;
  ConfiguredInferModel configured_;
  std::size_t bytes_in_ = 0, bytes_out_ = 0;
  bool activated_ = false;
};

}  // namespace

std::shared_ptr<ConfiguredNetworkGroup> configure(VDevice& vdevice, Hef& hef, const std::string& name,
                                                  const NetworkOptions& options) {
  ConfigureNetworkParams params = vdevice.create_configure_params(hef, name).expect("cannot make parameters");
  params.batch_size = options.batch_size;
  for (const auto& [network, batch] : options.network_batches)
    params.network_params_by_name.at(network).batch_size = batch;
  params.power_mode = options.power_mode;
  if (options.hw_latency) params.latency = HAILO_LATENCY_MEASURE;
  if (options.interface == Interface::kAsyncStreams)
    for (auto& [stream, own] : params.stream_params_by_name) own.flags = HAILO_STREAM_FLAGS_ASYNC;
  auto group = vdevice.configure(hef, {{name, params}}).expect("cannot configure the network group").at(0);
  if (!options.scheduled) return group;
  if (options.threshold) require(group->set_scheduler_threshold(*options.threshold), "scheduler threshold");
  if (options.timeout_ms)
    require(group->set_scheduler_timeout(std::chrono::milliseconds(*options.timeout_ms)), "scheduler timeout");
  require(group->set_scheduler_priority(options.priority), "scheduler priority");
  return group;
}

namespace {

/// Formats are of virtual streams, and of those that there are.
void check_streams(const Hef& hef, const std::string& group, const NetworkOptions& options) {
  const bool raw = options.interface == Interface::kStreams || options.interface == Interface::kAsyncStreams;
  if (raw && !options.streams.empty())
    throw hailort_error(HAILO_INVALID_ARGUMENT, "raw streams have the device's format; set-vstream needs a full mode");
  const auto infos = hef.get_all_vstream_infos(group).expect("virtual streams");
  for (const auto& [name, own] : options.streams)
    if (std::none_of(infos.begin(), infos.end(), [&name = name](const auto& info) { return name == info.name; }))
      throw hailort_error(HAILO_NOT_FOUND, "there is no virtual stream '" + name + "'");
}

}  // namespace

std::unique_ptr<Carrier> make_carrier(VDevice& vdevice, Hef& hef, const std::string& group,
                                      const NetworkOptions& options) {
  check_streams(hef, group, options);
  switch (options.interface) {
    case Interface::kStreams: return std::make_unique<RawStreams>(configure(vdevice, hef, group, options), options);
    case Interface::kVStreams:
      return std::make_unique<VirtualStreams>(configure(vdevice, hef, group, options), options);
    case Interface::kAsyncStreams: return make_async_streams(configure(vdevice, hef, group, options), options);
    default: return std::make_unique<AsyncModel>(vdevice, hef, group, options);
  }
}

InputFrames::InputFrames(const std::string& name, std::size_t frame_bytes, bool single,
                         const std::vector<std::string>& files)
    : frame_bytes_(frame_bytes) {
  std::string path;
  for (const std::string& file : files) {
    const std::size_t equals = file.find('=');
    if (equals == std::string::npos && single) path = file;
    if (equals != std::string::npos && file.substr(0, equals) == name) path = file.substr(equals + 1);
  }
  if (path.empty()) {
    bytes_.resize(frame_bytes);
    // Below 64, so that they are small numbers as floats too.
    for (std::size_t i = 0; i < frame_bytes; ++i) bytes_[i] = static_cast<uint8_t>((i * 31 + i / 7) & 63);
    return;
  }
  std::ifstream stream(path, std::ios::binary);
  if (!stream) throw hailort_error(HAILO_OPEN_FILE_FAILURE, "cannot open '" + path + "'");
  bytes_.assign(std::istreambuf_iterator<char>(stream), {});
  if (bytes_.empty() || bytes_.size() % frame_bytes != 0)
    throw hailort_error(HAILO_INVALID_ARGUMENT, "'" + path + "' has " + std::to_string(bytes_.size()) +
                                                    " bytes; input '" + name + "' takes frames of " +
                                                    std::to_string(frame_bytes));
}

void check_input_files(const std::vector<std::string>& files, const std::vector<std::string>& names) {
  for (const std::string& file : files) {
    const std::size_t equals = file.find('=');
    if (equals == std::string::npos && (names.size() > 1 || files.size() > 1))
      throw hailort_error(HAILO_INVALID_ARGUMENT, "say which input '" + file + "' is for: name=file");
    if (equals != std::string::npos && std::find(names.begin(), names.end(), file.substr(0, equals)) == names.end())
      throw hailort_error(HAILO_INVALID_ARGUMENT, "there is no input '" + file.substr(0, equals) + "'");
  }
}

}  // namespace hailort::cli
