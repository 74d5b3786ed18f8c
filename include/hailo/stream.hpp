// Streams: frames of device codes, as they enter and leave the device.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "hailo/buffer.hpp"
#include "hailo/event.hpp"

namespace hailort {

#define INVALID_CORE_OP_HANDLE (UINT32_MAX)

using device_id_t = std::string;

/// Errors of transfers: HAILO_INVALID_ARGUMENT (size), HAILO_STREAM_NOT_ACTIVATED, HAILO_STREAM_ABORT, HAILO_TIMEOUT,
/// HAILO_QUEUE_IS_FULL (asynchronous). A stream is used either synchronously or asynchronously.
class HAILORTAPI InputStream {
 public:
  struct CompletionInfo {
    hailo_status status;
    union {
      const void* buffer_addr;
      int dmabuf_fd;
    };
    size_t buffer_size;
    CompletionInfo(hailo_status s, const uint8_t* addr, size_t size)
        : status(s), buffer_addr(addr), buffer_size(size) {}
  };
  /// Called from a thread of the library, once, when the buffer is the caller's again.
  using TransferDoneCallback = std::function<void(const CompletionInfo& completion_info)>;

  virtual ~InputStream();
  InputStream(const InputStream&) = delete;
  InputStream& operator=(const InputStream&) = delete;

  hailo_status set_timeout(std::chrono::milliseconds timeout);
  std::chrono::milliseconds get_timeout() const;
  hailo_stream_interface_t get_interface() const;
  hailo_status abort();
  hailo_status clear_abort();
  /// Waits until the device has taken every frame.
  hailo_status flush();
  bool is_scheduled();
  EventPtr& get_network_group_activated_event();
  EventPtr& get_core_op_activated_event();

  /// Returns when the frame has been copied.
  hailo_status write(const MemoryView& buffer);
  hailo_status write(const void* buffer, size_t size);

  hailo_status wait_for_async_ready(size_t transfer_size, std::chrono::milliseconds timeout);
  Expected<size_t> get_async_max_queue_size() const;
  hailo_status write_async(const MemoryView& buffer, const TransferDoneCallback& user_callback);
  hailo_status write_async(const void* buffer, size_t size, const TransferDoneCallback& user_callback);
  hailo_status write_async(int dmabuf_fd, size_t size, const TransferDoneCallback& user_callback);

  const hailo_stream_info_t& get_info() const;
  const std::vector<hailo_quant_info_t>& get_quant_infos() const;
  size_t get_frame_size() const { return get_info().hw_frame_size; }
  std::string name() const { return get_info().name; }
  std::string to_string() const;

  class Impl;
  explicit InputStream(std::unique_ptr<Impl> impl);

 private:
  std::unique_ptr<Impl> m_impl;
};

class HAILORTAPI OutputStream {
 public:
  struct CompletionInfo {
    hailo_status status;
    union {
      void* buffer_addr;
      int dmabuf_fd;
    };
    size_t buffer_size;
    CompletionInfo(hailo_status s, uint8_t* addr, size_t size) : status(s), buffer_addr(addr), buffer_size(size) {}
  };
  using TransferDoneCallback = std::function<void(const CompletionInfo& completion_info)>;

  virtual ~OutputStream();
  OutputStream(const OutputStream&) = delete;
  OutputStream& operator=(const OutputStream&) = delete;

  hailo_status set_timeout(std::chrono::milliseconds timeout);
  std::chrono::milliseconds get_timeout() const;
  hailo_stream_interface_t get_interface() const;
  hailo_status abort();
  hailo_status clear_abort();
  bool is_scheduled();
  EventPtr& get_network_group_activated_event();
  EventPtr& get_core_op_activated_event();

  hailo_status read(MemoryView buffer);
  hailo_status read(void* buffer, size_t size);

  hailo_status wait_for_async_ready(size_t transfer_size, std::chrono::milliseconds timeout);
  Expected<size_t> get_async_max_queue_size() const;
  hailo_status read_async(MemoryView buffer, const TransferDoneCallback& user_callback);
  hailo_status read_async(void* buffer, size_t size, const TransferDoneCallback& user_callback);
  hailo_status read_async(int dmabuf_fd, size_t size, const TransferDoneCallback& user_callback);

  const hailo_stream_info_t& get_info() const;
  const std::vector<hailo_quant_info_t>& get_quant_infos() const;
  size_t get_frame_size() const { return get_info().hw_frame_size; }
  std::string name() const { return get_info().name; }
  std::string to_string() const;
  /// Frames that the device could not finish. The virtual device finishes all.
  uint32_t get_invalid_frames_count() const { return 0; }

  class Impl;
  explicit OutputStream(std::unique_ptr<Impl> impl);

 private:
  std::unique_ptr<Impl> m_impl;
};

}  // namespace hailort
