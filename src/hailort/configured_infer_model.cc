#include "hailo/hailort_common.hpp"
#include "hailort/configured_infer_model_impl.h"
#include "hailort/log.h"
#include "hailort/pix_buffer.h"

namespace hailort {

ConfiguredInferModel::ConfiguredInferModel(std::shared_ptr<Impl> impl) : m_impl(std::move(impl)) {}

ConfiguredInferModel::Impl::Impl(std::shared_ptr<ConfiguredNetworkGroup::Impl> group)
    : group_(std::move(group)), completion_(std::make_shared<Completion>()) {}

Expected<std::shared_ptr<ConfiguredInferModel::Impl>> ConfiguredInferModel::Impl::create(
    std::shared_ptr<ConfiguredNetworkGroup::Impl> group, const InferModel::Impl& model) {
  auto impl = std::make_shared<Impl>(std::move(group));
  const Hef::Impl& hef = impl->network().hef();
  for (const InferModel::InferStream& input : model.inputs) {
    const VStreamEdge& edge = *input.impl().edge;
    const hailo_stream_info_t& stream = hef.streams(HAILO_H2D_STREAM)[edge.streams[0]].info;
    HAILORT_TRY(FrameTransform transform,
                FrameTransform::to_device({edge.info.shape, input.format()}, {stream.hw_shape, stream.format},
                                          edge.quant_infos));
    impl->inputs_.push_back({edge.streams[0], std::move(transform)});
  }
  for (const InferModel::InferStream& output : model.outputs) {
    HAILORT_TRY(OutputFrame frame,
                OutputFrame::create(hef, *output.impl().edge, output.format(), output.impl().settings));
    impl->completion_->outputs.push_back(std::move(frame));
  }
  impl->input_names_ = model.input_names;
  impl->output_names_ = model.output_names;
  impl->thread_ = std::thread([completion = impl->completion_] { completion->run(); });
  return impl;
}

ConfiguredInferModel::Impl::~Impl() {
  if (!thread_.joinable()) return;
  network().shutdown();
  {
    const std::lock_guard lock(completion_->mutex);
    completion_->stop = true;
  }
  completion_->work.notify_all();
  if (thread_.get_id() == std::this_thread::get_id())
    thread_.detach();
  else
    thread_.join();
}

std::size_t ConfiguredInferModel::Impl::frame_bytes(const std::string& edge) const {
  for (std::size_t i = 0; i < input_names_.size(); ++i)
    if (input_names_[i] == edge) return inputs_[i].transform.src_bytes();
  for (std::size_t i = 0; i < output_names_.size(); ++i)
    if (output_names_[i] == edge) return completion_->outputs[i].bytes();
  return 0;
}

void ConfiguredInferModel::Impl::Completion::push(std::shared_ptr<Frame> frame) {
  const std::lock_guard lock(mutex);
  done.push_back(std::move(frame));
  work.notify_one();
}

void ConfiguredInferModel::Impl::Completion::finish(Frame& frame) {
  for (std::size_t i = 0; frame.status == HAILO_SUCCESS && i < outputs.size(); ++i) {
    if (outputs[i].is_identity()) continue;  // the device wrote where the caller reads
    std::vector<const uint8_t*> codes;
    for (const std::size_t stream : outputs[i].streams()) codes.push_back(frame.codes[stream]);
    outputs[i].make(codes, frame.results[i]);
  }
  const std::shared_ptr<AsyncInferJob::Impl> job = std::move(frame.job);
  job->frame_done(frame.status);
}

void ConfiguredInferModel::Impl::Completion::run() {
  std::unique_lock lock(mutex);
  for (;;) {
    work.wait(lock, [this] { return stop || !done.empty(); });
    if (done.empty()) return;
    std::shared_ptr<Frame> frame = std::move(done.front());
    done.pop_front();
    lock.unlock();
    finish(*frame);
    lock.lock();
    spare.push_back(std::move(frame));
  }
}

std::shared_ptr<ConfiguredInferModel::Impl::Frame> ConfiguredInferModel::Impl::take_frame() {
  {
    const std::lock_guard lock(completion_->mutex);
    if (!completion_->spare.empty()) {
      std::shared_ptr<Frame> frame = std::move(completion_->spare.back());
      completion_->spare.pop_back();
      frame->status = HAILO_SUCCESS;
      return frame;
    }
  }
  auto frame = std::make_shared<Frame>();
  frame->pictures.resize(inputs_.size());
  frame->input_codes.resize(inputs_.size());
  const std::size_t outputs = network().hef().streams(HAILO_D2H_STREAM).size();
  frame->output_codes.resize(outputs);
  frame->codes.resize(outputs);
  frame->results.resize(completion_->outputs.size());
  return frame;
}

Expected<uint8_t*> ConfiguredInferModel::Impl::input_data(std::size_t number, const Bindings& bindings, Frame& frame) {
  const std::string& name = input_names_[number];
  const Input& input = inputs_[number];
  HAILORT_TRY(const Bindings::InferStream stream, bindings.input(name));
  MemoryView view;
  if (const auto* memory = std::get_if<MemoryView>(&stream.impl().buffer)) {
    view = *memory;
  } else if (const auto* picture = std::get_if<hailo_pix_buffer_t>(&stream.impl().buffer)) {
    HAILORT_TRY(view, whole_picture(*picture, frame.pictures[number]));
  } else if (std::holds_alternative<hailo_dma_buffer_t>(stream.impl().buffer)) {
    return refused(HAILO_NOT_SUPPORTED, "input '", name, "' has a DMA buffer; the virtual device takes plain memory");
  } else {
    return refused(HAILO_NOT_FOUND, "input '", name, "' has no buffer");
  }
  if (view.size() != input.transform.src_bytes())
    return refused(HAILO_INVALID_OPERATION, "the buffer of input '", name, "' has ", view.size(),
                   " bytes; a frame has ", input.transform.src_bytes());
  if (input.transform.is_identity() && input.transform.src_bytes() == input.transform.dst_bytes()) return view.data();
  frame.input_codes[number].resize(input.transform.dst_bytes());
  auto* codes = reinterpret_cast<uint8_t*>(frame.input_codes[number].data());
  input.transform.run(view.data(), codes);
  return Expected<uint8_t*>(codes);
}

Expected<std::vector<Transfer>> ConfiguredInferModel::Impl::start(const Bindings& bindings,
                                                                  const std::shared_ptr<Frame>& frame) {
  const auto nothing = [](hailo_status) {};
  std::vector<Transfer> transfers(inputs_.size() + frame->codes.size());
  // Outputs first: their errors cost no work.
  for (std::size_t i = 0; i < output_names_.size(); ++i) {
    const OutputFrame& output = completion_->outputs[i];
    HAILORT_TRY(const Bindings::InferStream stream, bindings.output(output_names_[i]));
    if (std::holds_alternative<std::monostate>(stream.impl().buffer))
      return refused(HAILO_NOT_FOUND, "output '", output_names_[i], "' has no buffer");
    const auto* memory = std::get_if<MemoryView>(&stream.impl().buffer);
    if (memory == nullptr)
      return refused(HAILO_NOT_SUPPORTED, "the buffer of output '", output_names_[i], "' is not plain memory");
    if (memory->size() != output.bytes())
      return refused(HAILO_INVALID_OPERATION, "the buffer of output '", output_names_[i], "' has ", memory->size(),
                     " bytes; a frame has ", output.bytes());
    frame->results[i] = const_cast<uint8_t*>(memory->data());
    for (const std::size_t number : output.streams()) {
      uint8_t* data = frame->results[i];
      if (!output.is_identity()) {
        frame->output_codes[number].resize(network().frame_bytes({HAILO_D2H_STREAM, number}));
        data = reinterpret_cast<uint8_t*>(frame->output_codes[number].data());
      }
      frame->codes[number] = data;
      transfers[inputs_.size() + number] = {data, this, nothing};
    }
  }
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    HAILORT_TRY(uint8_t* const data, input_data(i, bindings, *frame));
    transfers[inputs_[i].stream] = {data, this, nothing};
  }
  network().end_frame(transfers, [frame, completion = completion_](hailo_status status) {
    frame->status = status;
    completion->push(frame);
  });
  return transfers;
}

Expected<AsyncInferJob> ConfiguredInferModel::Impl::run_async(const std::vector<Bindings>& frames,
                                                              AsyncInferJob::Impl::Callback callback) {
  if (frames.empty()) return refused(HAILO_INVALID_ARGUMENT, "a job without frames");
  auto job = std::make_shared<AsyncInferJob::Impl>(frames.size(), std::move(callback));
  std::vector<std::vector<Transfer>> transfers;
  for (const Bindings& bindings : frames) {
    const std::shared_ptr<Frame> frame = take_frame();
    frame->job = job;
    HAILORT_TRY(auto one, start(bindings, frame));
    transfers.push_back(std::move(one));
  }
  const hailo_status status = network().enqueue_frames(std::move(transfers));
  if (status == HAILO_STREAM_ABORT) return make_unexpected(status);
  if (status != HAILO_SUCCESS) return refused(status, "a job of ", frames.size(), " frames is not taken");
  return AsyncInferJob(std::move(job));
}

namespace {

Unexpected not_configured() { return refused(HAILO_UNINITIALIZED, "this model was not configured"); }

}  // namespace

Expected<ConfiguredInferModel::Bindings> ConfiguredInferModel::create_bindings() {
  if (!m_impl) return not_configured();
  return m_impl->bindings();
}

Expected<ConfiguredInferModel::Bindings> ConfiguredInferModel::create_bindings(
    const std::map<std::string, MemoryView>& buffers) {
  if (!m_impl) return not_configured();
  Bindings bindings = m_impl->bindings();
  for (const auto& [name, view] : buffers) {
    if (m_impl->frame_bytes(name) == 0)
      return refused(HAILO_INVALID_ARGUMENT, "'", name, "' is neither an input nor an output of the model");
    const bool is_input = m_impl->network().hef().find_vstream(name)->info.direction == HAILO_H2D_STREAM;
    HAILORT_TRY(Bindings::InferStream stream, is_input ? bindings.input(name) : bindings.output(name));
    HAILORT_DO_EXPECTED(stream.set_buffer(view));
  }
  return bindings;
}

hailo_status ConfiguredInferModel::wait_for_async_ready(std::chrono::milliseconds timeout, uint32_t frames_count) {
  if (!m_impl) return not_configured();
  return m_impl->network().wait_for_room({}, frames_count, timeout);
}

hailo_status ConfiguredInferModel::activate() {
  if (!m_impl) return not_configured();
  return m_impl->network().activate();
}

hailo_status ConfiguredInferModel::deactivate() {
  if (!m_impl) return not_configured();
  if (m_impl->network().is_scheduled())
    return refuse(HAILO_INVALID_OPERATION, "a model is deactivated by the scheduler");
  m_impl->network().deactivate();
  return HAILO_SUCCESS;
}

hailo_status ConfiguredInferModel::run(const Bindings& bindings, std::chrono::milliseconds timeout) {
  const Clock::time_point start = Clock::now();
  HAILORT_DO(wait_for_async_ready(timeout, 1));
  auto job = run_async(bindings);
  if (!job) return job.status();
  const auto used = std::chrono::duration_cast<Milliseconds>(Clock::now() - start);
  return job->wait(std::max(timeout - used, Milliseconds(0)));
}

Expected<AsyncInferJob> ConfiguredInferModel::run_async(const Bindings& bindings,
                                                        std::function<void(const AsyncInferCompletionInfo&)> callback) {
  return run_async(std::vector<Bindings>{bindings}, std::move(callback));
}

Expected<AsyncInferJob> ConfiguredInferModel::run_async(const std::vector<Bindings>& bindings,
                                                        std::function<void(const AsyncInferCompletionInfo&)> callback) {
  if (!m_impl) return not_configured();
  return m_impl->run_async(bindings, std::move(callback));
}

Expected<LatencyMeasurementResult> ConfiguredInferModel::get_hw_latency_measurement() {
  if (!m_impl) return not_configured();
  HAILORT_TRY(const std::chrono::nanoseconds mean, m_impl->network().latency({}));
  return LatencyMeasurementResult{mean};
}

hailo_status ConfiguredInferModel::set_scheduler_timeout(const std::chrono::milliseconds& timeout) {
  if (!m_impl) return not_configured();
  return m_impl->network().set_timeout(timeout);
}

hailo_status ConfiguredInferModel::set_scheduler_threshold(uint32_t threshold) {
  if (!m_impl) return not_configured();
  return m_impl->network().set_threshold(threshold);
}

hailo_status ConfiguredInferModel::set_scheduler_priority(uint8_t priority) {
  if (!m_impl) return not_configured();
  return m_impl->network().set_priority(priority);
}

Expected<size_t> ConfiguredInferModel::get_async_queue_size() const {
  if (!m_impl) return not_configured();
  return size_t{Network::kQueueFrames};
}

hailo_status ConfiguredInferModel::shutdown() {
  if (!m_impl) return not_configured();
  return m_impl->shutdown();
}

hailo_status ConfiguredInferModel::update_cache_offset(int32_t) {
  return refuse(HAILO_NOT_SUPPORTED, "caches between frames belong to other devices");
}

}  // namespace hailort
