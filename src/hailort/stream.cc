#include "hailo/stream.hpp"

#include <cstring>

#include "hailort/log.h"
#include "hailort/stream_impl.h"

namespace hailort {
namespace {

constexpr std::size_t kSyncDepth = 4;  ///< frames that a synchronous stream holds

hailo_status check_size(const StreamEdge& edge, size_t size) {
  if (size == edge.info.hw_frame_size) return HAILO_SUCCESS;
  return refuse(HAILO_INVALID_ARGUMENT, "stream '", edge.info.name, "' moves frames of ", edge.info.hw_frame_size,
                " bytes, not ", size);
}

hailo_status no_dmabuf() {
  return refuse(HAILO_NOT_SUPPORTED, "DMA buffers are the kernel's; the virtual device takes plain memory");
}

std::string describe(const StreamEdge& edge) {
  return graupel::cat("Stream(", edge.info.name, ", index ", int{edge.info.index}, ")");
}

}  // namespace

void SyncReaders::start() {
  std::call_once(once, [this] {
    for (const std::size_t output : outputs)
      readers.push_back(
          std::make_unique<FrameReader>(network->shared_from_this(), output, kSyncDepth, HAILO_STREAM_NOT_ACTIVATED));
  });
}

FrameReader* SyncReaders::reader(std::size_t output) {
  start();
  for (std::size_t i = 0; i < outputs.size(); ++i)
    if (outputs[i] == output) return readers[i].get();
  return nullptr;
}

FrameWriter& InputStream::Impl::writer() {
  std::call_once(once_, [this] {
    writer_ =
        std::make_unique<FrameWriter>(network.shared_from_this(), id.number, kSyncDepth, HAILO_STREAM_NOT_ACTIVATED);
  });
  return *writer_;
}

InputStream::InputStream(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
InputStream::~InputStream() = default;

hailo_status InputStream::set_timeout(std::chrono::milliseconds timeout) {
  m_impl->timeout = timeout;
  return HAILO_SUCCESS;
}
std::chrono::milliseconds InputStream::get_timeout() const { return m_impl->timeout; }
hailo_stream_interface_t InputStream::get_interface() const { return HAILO_STREAM_INTERFACE_PCIE; }
bool InputStream::is_scheduled() { return m_impl->network.is_scheduled(); }
EventPtr& InputStream::get_network_group_activated_event() { return m_impl->network.activated_event(); }
EventPtr& InputStream::get_core_op_activated_event() { return m_impl->network.activated_event(); }
const hailo_stream_info_t& InputStream::get_info() const { return m_impl->edge().info; }
const std::vector<hailo_quant_info_t>& InputStream::get_quant_infos() const { return m_impl->edge().quant_infos; }
std::string InputStream::to_string() const { return describe(m_impl->edge()); }

hailo_status InputStream::abort() {
  m_impl->writer().abort();
  return HAILO_SUCCESS;
}

hailo_status InputStream::clear_abort() {
  m_impl->writer().resume();
  return HAILO_SUCCESS;
}

hailo_status InputStream::flush() { return m_impl->writer().flush(m_impl->timeout); }

hailo_status InputStream::write(const MemoryView& buffer) { return write(buffer.data(), buffer.size()); }

hailo_status InputStream::write(const void* buffer, size_t size) {
  HAILORT_DO(check_size(m_impl->edge(), size));
  m_impl->readers->start();
  FrameWriter& writer = m_impl->writer();
  const auto slot = writer.acquire(m_impl->timeout);
  if (!slot) return slot.status();
  std::memcpy(writer.data(*slot), buffer, size);
  return writer.submit(*slot);
}

hailo_status InputStream::wait_for_async_ready(size_t transfer_size, std::chrono::milliseconds timeout) {
  HAILORT_DO(check_size(m_impl->edge(), transfer_size));
  return m_impl->network.wait_for_room(m_impl->id, 1, timeout);
}

Expected<size_t> InputStream::get_async_max_queue_size() const { return size_t{Network::kQueueFrames}; }

hailo_status InputStream::write_async(const MemoryView& buffer, const TransferDoneCallback& user_callback) {
  return write_async(buffer.data(), buffer.size(), user_callback);
}

hailo_status InputStream::write_async(const void* buffer, size_t size, const TransferDoneCallback& user_callback) {
  HAILORT_DO(check_size(m_impl->edge(), size));
  auto* data = static_cast<uint8_t*>(const_cast<void*>(buffer));
  return m_impl->network.enqueue(
      m_impl->id, {data, this, [=](hailo_status status) { user_callback(CompletionInfo(status, data, size)); }});
}

hailo_status InputStream::write_async(int, size_t, const TransferDoneCallback&) { return no_dmabuf(); }

OutputStream::OutputStream(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
OutputStream::~OutputStream() = default;

hailo_status OutputStream::set_timeout(std::chrono::milliseconds timeout) {
  m_impl->timeout = timeout;
  return HAILO_SUCCESS;
}
std::chrono::milliseconds OutputStream::get_timeout() const { return m_impl->timeout; }
hailo_stream_interface_t OutputStream::get_interface() const { return HAILO_STREAM_INTERFACE_PCIE; }
bool OutputStream::is_scheduled() { return m_impl->network.is_scheduled(); }
EventPtr& OutputStream::get_network_group_activated_event() { return m_impl->network.activated_event(); }
EventPtr& OutputStream::get_core_op_activated_event() { return m_impl->network.activated_event(); }
const hailo_stream_info_t& OutputStream::get_info() const { return m_impl->edge().info; }
const std::vector<hailo_quant_info_t>& OutputStream::get_quant_infos() const { return m_impl->edge().quant_infos; }
std::string OutputStream::to_string() const { return describe(m_impl->edge()); }

hailo_status OutputStream::abort() {
  if (FrameReader* reader = m_impl->readers->reader(m_impl->id.number)) reader->abort();
  return HAILO_SUCCESS;
}

hailo_status OutputStream::clear_abort() {
  if (FrameReader* reader = m_impl->readers->reader(m_impl->id.number)) reader->resume();
  return HAILO_SUCCESS;
}

hailo_status OutputStream::read(MemoryView buffer) { return read(buffer.data(), buffer.size()); }

hailo_status OutputStream::read(void* buffer, size_t size) {
  HAILORT_DO(check_size(m_impl->edge(), size));
  FrameReader* reader = m_impl->readers->reader(m_impl->id.number);
  if (reader == nullptr)
    return refuse(HAILO_INVALID_OPERATION, "stream '", m_impl->edge().info.name,
                  "' was configured with HAILO_STREAM_FLAGS_ASYNC");
  const auto slot = reader->acquire(m_impl->timeout);
  if (!slot) return slot.status();
  std::memcpy(buffer, reader->data(*slot), size);
  reader->release(*slot);
  return HAILO_SUCCESS;
}

hailo_status OutputStream::wait_for_async_ready(size_t transfer_size, std::chrono::milliseconds timeout) {
  HAILORT_DO(check_size(m_impl->edge(), transfer_size));
  return m_impl->network.wait_for_room(m_impl->id, 1, timeout);
}

Expected<size_t> OutputStream::get_async_max_queue_size() const { return size_t{Network::kQueueFrames}; }

hailo_status OutputStream::read_async(MemoryView buffer, const TransferDoneCallback& user_callback) {
  return read_async(buffer.data(), buffer.size(), user_callback);
}

hailo_status OutputStream::read_async(void* buffer, size_t size, const TransferDoneCallback& user_callback) {
  HAILORT_DO(check_size(m_impl->edge(), size));
  auto* data = static_cast<uint8_t*>(buffer);
  return m_impl->network.enqueue(
      m_impl->id, {data, this, [=](hailo_status status) { user_callback(CompletionInfo(status, data, size)); }});
}

hailo_status OutputStream::read_async(int, size_t, const TransferDoneCallback&) { return no_dmabuf(); }

}  // namespace hailort
