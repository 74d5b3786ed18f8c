// The CPU as a device: one thread that runs frames of the networks configured on it, one after another.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "hailort/monitor.h"
#include "hailort/network.h"
#include "hailort/service_link.h"

namespace hailort {

/// Of this process, or a place in the queue of hailort_service. With a scheduler: among the networks whose frames have
/// reached the threshold or the timeout, the highest priority first, equal ones in turn, a batch of frames at a time.
/// Without: the active network.
class VirtualDevice {
 public:
  static constexpr char kId[] = "0000:01:00.0";

  /// `service`: runs the frames instead of this process; the thread then hands them over one by one.
  explicit VirtualDevice(bool scheduled, std::unique_ptr<ServiceDevice> service = nullptr);
  ~VirtualDevice();
  VirtualDevice(const VirtualDevice&) = delete;
  VirtualDevice& operator=(const VirtualDevice&) = delete;

  bool is_scheduled() const { return state_->scheduled; }
  /// Null: frames run here.
  ServiceDevice* service() const { return service_.get(); }
  /// Shuts every network down.
  void close();

 private:
  friend class Network;
  /// What the thread keeps alive: it may be the one that drops the device.
  struct State {
    explicit State(bool s) : scheduled(s) {}
    /// Null: nothing is due before `wake`.
    Network* pick(Clock::time_point now, Clock::time_point& wake);
    Network* pick_by_turn(Clock::time_point now, Clock::time_point& wake);
    void run();
    void run_frame(Network& network, std::unique_lock<std::mutex>& lock);
    void remove(Network* network);
    std::vector<MonitorSample> sample();

    const bool scheduled;
    std::mutex mutex;
    std::condition_variable work;     ///< for the thread
    std::condition_variable changed;  ///< for everybody who waits for it
    std::vector<Network*> networks;   ///< each removes itself
    std::size_t next = 0;             ///< whose turn it is
    Network* burst = nullptr;         ///< whose batch is running
    int burst_left = 0;
    Network* active = nullptr;
    bool stop = false;
  };

  std::unique_ptr<ServiceDevice> service_;
  std::shared_ptr<State> state_;
  std::thread thread_;
  std::unique_ptr<Monitor> monitor_;
};

}  // namespace hailort
