// Buffers between a caller who waits and the device, one frame each.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "base/bytes.h"
#include "hailort/network.h"

namespace hailort {

/// What both ends have in common: they can be aborted, and wait for the network to be active.
class FrameQueue {
 public:
  /// `inactive`: the status of calls while the network is not active.
  FrameQueue(std::shared_ptr<Network> network, StreamId stream, std::size_t depth, hailo_status inactive);
  FrameQueue(const FrameQueue&) = delete;
  FrameQueue& operator=(const FrameQueue&) = delete;

  /// Ends calls that wait, and those that come, in HAILO_STREAM_ABORT until resume().
  void abort();
  void resume();
  bool is_aborted() const;
  Network& network() const { return *network_; }
  std::size_t frame_bytes() const { return frame_bytes_; }

 protected:
  /// Waits for `ready` with the lock held: success, HAILO_STREAM_ABORT, HAILO_TIMEOUT or the inactive status.
  template <class Ready>
  hailo_status wait(std::unique_lock<std::mutex>& lock, Milliseconds timeout, Ready ready);
  Transfer transfer(std::size_t buffer);
  virtual void finished(std::size_t buffer, hailo_status status) = 0;
  ~FrameQueue() = default;

  std::shared_ptr<Network> network_;
  StreamId stream_;
  hailo_status inactive_;
  std::size_t frame_bytes_;
  std::vector<graupel::Bytes> buffers_;
  std::deque<std::size_t> idle_;
  bool aborted_ = false;
};

class FrameWriter final : public FrameQueue {
 public:
  FrameWriter(std::shared_ptr<Network> network, std::size_t input, std::size_t depth, hailo_status inactive);
  ~FrameWriter();

  /// A buffer to fill; HAILO_TIMEOUT when the device takes none in time.
  Expected<std::size_t> acquire(Milliseconds timeout);
  uint8_t* data(std::size_t buffer) { return reinterpret_cast<uint8_t*>(buffers_[buffer].data()); }
  /// Hands the buffer to the device.
  hailo_status submit(std::size_t buffer);
  /// Waits until the device has taken every frame.
  hailo_status flush(Milliseconds timeout);
  void clear() { network_->withdraw(this); }

 private:
  void drain();
  void finished(std::size_t buffer, hailo_status status) override;
};

class FrameReader final : public FrameQueue {
 public:
  FrameReader(std::shared_ptr<Network> network, std::size_t output, std::size_t depth, hailo_status inactive);
  ~FrameReader();

  /// The oldest frame that the device has finished.
  Expected<std::size_t> acquire(Milliseconds timeout);
  const uint8_t* data(std::size_t buffer) const { return reinterpret_cast<const uint8_t*>(buffers_[buffer].data()); }
  /// The buffer is the device's again.
  void release(std::size_t buffer);
  void clear();
  /// With the network's lock: gives all buffers to the device again.
  void restart();

 private:
  void launch();
  void finished(std::size_t buffer, hailo_status status) override;
  std::deque<std::size_t> ready_;
};

}  // namespace hailort
