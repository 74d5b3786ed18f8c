// The buffers of a frame, and jobs.
#include "hailort/infer_model_impl.h"
#include "hailort/log.h"

namespace hailort {
namespace {

using Stream = ConfiguredInferModel::Bindings::InferStream;

using Streams = std::unordered_map<std::string, Stream>;

Streams deep_copy(const Streams& streams) {
  Streams copies;
  for (const auto& [name, stream] : streams)
    copies.emplace(name, Stream(std::make_shared<Stream::Impl>(stream.impl())));
  return copies;
}

Streams make_streams(const std::vector<std::string>& names) {
  Streams streams;
  for (const std::string& name : names)
    streams.emplace(name, Stream(std::make_shared<Stream::Impl>(Stream::Impl{name, {}})));
  return streams;
}

Expected<Stream> only(const Streams& streams) {
  if (streams.size() != 1) return refused(HAILO_INVALID_OPERATION, "there are ", streams.size(), " streams; name one");
  return Stream(streams.begin()->second);
}

Expected<Stream> find(const Streams& streams, const std::string& name) {
  const auto found = streams.find(name);
  if (found == streams.end()) return refused(HAILO_NOT_FOUND, "there is no stream '", name, "'");
  return Stream(found->second);
}

template <class Kind>
Expected<Kind> get(const Stream::Impl& stream) {
  if (const auto* buffer = std::get_if<Kind>(&stream.buffer)) return Expected<Kind>(Kind(*buffer));
  return refused(HAILO_INVALID_OPERATION, "stream '", stream.name, "' has no buffer of this kind");
}

}  // namespace

Stream::InferStream(std::shared_ptr<Impl> impl) : m_impl(std::move(impl)) {}

hailo_status Stream::set_buffer(MemoryView view) {
  m_impl->buffer = view;
  return HAILO_SUCCESS;
}
Expected<MemoryView> Stream::get_buffer() const { return get<MemoryView>(*m_impl); }
hailo_status Stream::set_pix_buffer(const hailo_pix_buffer_t& pix_buffer) {
  m_impl->buffer = pix_buffer;
  return HAILO_SUCCESS;
}
Expected<hailo_pix_buffer_t> Stream::get_pix_buffer() const { return get<hailo_pix_buffer_t>(*m_impl); }
hailo_status Stream::set_dma_buffer(hailo_dma_buffer_t dma_buffer) {
  m_impl->buffer = dma_buffer;
  return HAILO_SUCCESS;
}
Expected<hailo_dma_buffer_t> Stream::get_dma_buffer() const { return get<hailo_dma_buffer_t>(*m_impl); }

using Bindings = ConfiguredInferModel::Bindings;

Bindings::Bindings(const Bindings& other)
    : m_inputs(deep_copy(other.m_inputs)), m_outputs(deep_copy(other.m_outputs)) {}
Bindings& Bindings::operator=(const Bindings& other) {
  m_inputs = deep_copy(other.m_inputs);
  m_outputs = deep_copy(other.m_outputs);
  return *this;
}
Bindings::Bindings(const std::vector<std::string>& inputs, const std::vector<std::string>& outputs)
    : m_inputs(make_streams(inputs)), m_outputs(make_streams(outputs)) {}

Expected<Stream> Bindings::input() { return only(m_inputs); }
Expected<Stream> Bindings::output() { return only(m_outputs); }
Expected<Stream> Bindings::input(const std::string& name) { return find(m_inputs, name); }
Expected<Stream> Bindings::output(const std::string& name) { return find(m_outputs, name); }
Expected<Stream> Bindings::input() const { return only(m_inputs); }
Expected<Stream> Bindings::output() const { return only(m_outputs); }
Expected<Stream> Bindings::input(const std::string& name) const { return find(m_inputs, name); }
Expected<Stream> Bindings::output(const std::string& name) const { return find(m_outputs, name); }

void AsyncInferJob::Impl::frame_done(hailo_status status) {
  {
    const std::lock_guard lock(mutex_);
    if (status_ == HAILO_SUCCESS) status_ = status;
    if (--left_ > 0) return;
  }
  callback_(AsyncInferCompletionInfo(status_));
  callback_ = nullptr;  // and what it holds
  const std::lock_guard lock(mutex_);
  called_ = true;
  done_.notify_all();
}

hailo_status AsyncInferJob::Impl::wait(Milliseconds timeout) {
  std::unique_lock lock(mutex_);
  return done_.wait_for(lock, timeout, [this] { return called_; }) ? status_ : HAILO_TIMEOUT;
}

AsyncInferJob::AsyncInferJob() = default;
AsyncInferJob::AsyncInferJob(std::shared_ptr<Impl> impl) : m_impl(std::move(impl)), m_wait_in_destructor(true) {}
AsyncInferJob::AsyncInferJob(AsyncInferJob&& other)
    : m_impl(std::move(other.m_impl)), m_wait_in_destructor(std::exchange(other.m_wait_in_destructor, false)) {}

AsyncInferJob& AsyncInferJob::operator=(AsyncInferJob&& other) {
  if (this == &other) return *this;
  AsyncInferJob before(std::move(*this));  // waits for the job that was here
  m_impl = std::move(other.m_impl);
  m_wait_in_destructor = std::exchange(other.m_wait_in_destructor, false);
  return *this;
}

AsyncInferJob::~AsyncInferJob() {
  if (m_wait_in_destructor && wait(Milliseconds(HAILO_DEFAULT_ASYNC_INFER_TIMEOUT_MS)) == HAILO_TIMEOUT)
    refuse(HAILO_TIMEOUT, "a job that nobody waited for is not done within ", HAILO_DEFAULT_ASYNC_INFER_TIMEOUT_MS,
           " ms");
}

hailo_status AsyncInferJob::wait(std::chrono::milliseconds timeout) {
  m_wait_in_destructor = false;
  if (!m_impl) return HAILO_SUCCESS;
  const hailo_status status = m_impl->wait(timeout);
  return status == HAILO_TIMEOUT ? refuse(status, "the job is not done within ", timeout.count(), " ms") : status;
}

void AsyncInferJob::detach() { m_wait_in_destructor = false; }

}  // namespace hailort
