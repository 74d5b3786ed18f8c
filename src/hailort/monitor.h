// What runs on the device, once a second, in a file that `hailortcli monitor` reads. HAILO_MONITOR=1 turns it on.
//
// The file is hmon_files/<pid> in the folder for temporary files. One line each, fields between tabs:
//   device   id, architecture, share of the time that a frame ran
//   network  name, its share, frames per second
//   stream   network, name, H2D or D2H, frames queued (mean, most, fewest), room
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "hailort/network.h"

namespace hailort {

/// One network at one moment; frames and time count from when it was configured.
struct MonitorSample {
  struct Stream {
    std::string name;
    bool input = false;
    std::size_t queued = 0;
  };
  std::string network;
  uint64_t frames = 0;
  std::chrono::nanoseconds busy{0};
  std::vector<Stream> streams;
};

class Monitor {
 public:
  using Sampler = std::function<std::vector<MonitorSample>()>;
  /// Null when nobody asked for it. `sampler` is called from a thread of the monitor's until it is destroyed.
  static std::unique_ptr<Monitor> start(std::string device_id, Sampler sampler);
  explicit Monitor(std::string device_id, Sampler sampler);
  ~Monitor();
  Monitor(const Monitor&) = delete;
  Monitor& operator=(const Monitor&) = delete;

 private:
  void run();

  std::string device_id_, path_;
  Sampler sampler_;
  std::mutex mutex_;
  std::condition_variable stopped_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace hailort
