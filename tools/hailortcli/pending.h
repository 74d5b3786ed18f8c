// Frames that were sent and not yet received, counted across threads.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>

#include "hailo/hailort.hpp"

namespace hailort::cli {

inline constexpr std::chrono::milliseconds kTimeout(HAILO_DEFAULT_VSTREAM_TIMEOUT_MS);

inline void require(hailo_status status, const std::string& what) {
  if (status != HAILO_SUCCESS) throw hailort_error(status, what);
}

/// Frames that were sent and not yet received; the first failure of a receiver ends every wait.
class Pending {
 public:
  void sent() {
    const std::lock_guard lock(mutex_);
    ++sent_;
    changed_.notify_all();
  }
  /// False: there is no further frame to receive.
  bool wait_for_frame(uint64_t received) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return closed_ || sent_ > received; });
    return sent_ > received && status_ == HAILO_SUCCESS;
  }
  void received(hailo_status status) {
    const std::lock_guard lock(mutex_);
    if (status != HAILO_SUCCESS && status_ == HAILO_SUCCESS) status_ = status;
    ++received_;
    changed_.notify_all();
  }
  /// At most `in_flight` frames, each received `times` times, are still on their way.
  void wait(uint64_t times, uint64_t in_flight) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return status_ != HAILO_SUCCESS || received_ + in_flight * times >= sent_ * times; });
    require(status_, "a frame was not received");
  }
  /// Receivers end once they have what was sent.
  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  uint64_t sent_ = 0, received_ = 0;
  hailo_status status_ = HAILO_SUCCESS;
  bool closed_ = false;
};

}  // namespace hailort::cli
