// A network group on the virtual device: a session per network in it, and a queue of transfers for each stream. A frame
// of a network runs when every stream of that network has a transfer.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "hailo/network_group.hpp"
#include "hailort/hef_impl.h"
#include "runtime/session.h"

namespace hailort {

using Milliseconds = std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

/// One frame's codes on one stream.
struct Transfer {
  uint8_t* data = nullptr;
  const void* owner = nullptr;  ///< for withdraw()
  std::function<void(hailo_status)>
      done;  ///< called once, from the device's thread or a cancelling one, without a lock
};

/// Numbers of the group's streams, in the order of the HEF.
struct StreamId {
  hailo_stream_direction_t direction;
  std::size_t number;
};

class FrameReader;
class ServiceGroup;
class VirtualDevice;

class Network : public std::enable_shared_from_this<Network> {
 public:
  static constexpr std::size_t kQueueFrames = 32;  ///< transfers that a stream holds

  /// Errors: HAILO_HEF_NOT_COMPATIBLE_WITH_DEVICE (no program inside, self-test), those of graupel::Session::create().
  static Expected<std::shared_ptr<Network>> create(std::shared_ptr<VirtualDevice> device,
                                                   std::shared_ptr<const Hef::Impl> hef,
                                                   const ConfigureNetworkParams& params);
  ~Network();
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  const Hef::Impl& hef() const { return *hef_; }
  const std::shared_ptr<const Hef::Impl>& shared_hef() const { return hef_; }
  const ConfigureNetworkParams& params() const { return params_; }
  /// Of one network of the group.
  uint16_t batch_size(std::size_t network) const;
  std::size_t frame_bytes(StreamId stream) const;
  bool is_scheduled() const;

  /// HAILO_STREAM_ABORT after shutdown(), HAILO_STREAM_NOT_ACTIVATED, HAILO_QUEUE_IS_FULL.
  hailo_status enqueue(StreamId stream, Transfer transfer);
  /// One transfer per stream of the group, inputs first; all or none.
  hailo_status enqueue_frames(std::vector<std::vector<Transfer>> frames);
  /// `frame`: one transfer per stream of the group. Once the frames of all networks in it have ended, `done` is called
  /// with their first failure.
  void end_frame(std::vector<Transfer>& frame, std::function<void(hailo_status)> done) const;
  /// Waits until every stream (or the one) has room; HAILO_TIMEOUT, also when there never will be.
  hailo_status wait_for_room(std::optional<StreamId> stream, std::size_t frames, Milliseconds timeout);
  /// Ends the owner's waiting transfers in HAILO_STREAM_ABORT and waits for the running one.
  void withdraw(const void* owner);

  /// HAILO_INVALID_OPERATION: a scheduler, or another active network.
  hailo_status activate();
  void deactivate();
  hailo_status wait_for_activation(Milliseconds timeout);
  hailo_status shutdown();

  /// HAILO_INVALID_OPERATION without a scheduler.
  hailo_status set_timeout(Milliseconds timeout);
  hailo_status set_threshold(uint32_t frames);
  hailo_status set_priority(uint8_t priority);

  /// Mean time of the device for one frame of a network, or of any. HAILO_NOT_AVAILABLE.
  Expected<std::chrono::nanoseconds> latency(std::optional<std::size_t> network);
  EventPtr& activated_event() { return activated_event_; }

  // With the device's lock held.
  std::unique_lock<std::mutex> lock() const;
  std::condition_variable& changed() const;
  hailo_status state() const;  ///< success, HAILO_STREAM_ABORT or HAILO_STREAM_NOT_ACTIVATED
  uint64_t activations() const { return activations_; }
  hailo_status enqueue_locked(StreamId stream, Transfer transfer);
  void wake_device();
  bool is_busy() const { return busy_; }
  bool has_readers() const { return !readers_.empty(); }
  /// A reader has its buffers launched whenever the network becomes active.
  void add_reader(FrameReader* reader) { readers_.push_back(reader); }
  void remove_reader(FrameReader* reader) { std::erase(readers_, reader); }
  /// A caller waits for room: no threshold holds frames back meanwhile.
  void add_waiter(int change) { waiters_ += change; }

 private:
  friend class VirtualDevice;
  using Queue = std::deque<Transfer>;

  /// A network of the group: its session, its part of the queues, and where the running frame is.
  struct Part {
    std::optional<graupel::Session> session;  ///< none where the service has it
    std::vector<std::size_t> queues;          ///< numbers; inputs first
    std::vector<const uint8_t*> in;
    std::vector<uint8_t*> out;
    std::chrono::nanoseconds latency_sum{0};
    int64_t latency_count = 0;
  };
  struct Frame {
    Part* part = nullptr;
    std::vector<Transfer> transfers;  ///< as Part::queues
  };

  Network(std::shared_ptr<VirtualDevice> device, std::shared_ptr<const Hef::Impl> hef,
          const ConfigureNetworkParams& params);

  hailo_status add_part(std::size_t network);
  std::size_t queue_number(StreamId stream) const;
  Queue& queue(StreamId stream) { return queues_[queue_number(stream)]; }
  std::size_t ready_frames(const Part& part) const;
  std::size_t ready_frames() const;  ///< of the network that has most
  bool has_frame() const { return ready_frames() > 0 && !weak_from_this().expired(); }
  std::size_t room() const;
  bool due(Clock::time_point now) const;
  /// Frames of the network whose turn it is that the scheduler runs in one go.
  int burst() const;
  const Part* next_part() const;
  /// Of the network whose turn it is.
  Frame pop_frame();
  hailo_status execute(const Frame& frame);
  hailo_status execute_in_service(const Frame& frame);
  void record_time(Part& part, Clock::duration time);
  void cancel_all(std::unique_lock<std::mutex> lock);

  std::shared_ptr<VirtualDevice> device_;
  std::shared_ptr<const Hef::Impl> hef_;
  ConfigureNetworkParams params_;
  std::vector<Part> parts_;
  std::unique_ptr<ServiceGroup> service_;  ///< null: frames run in this process
  EventPtr activated_event_;

  // Behind the device's lock.
  std::vector<Queue> queues_;  ///< of the inputs, then of the outputs
  std::size_t next_part_ = 0;  ///< whose turn it is
  std::vector<FrameReader*> readers_;
  bool active_ = false, shut_down_ = false, busy_ = false;
  uint64_t activations_ = 0;
  int waiters_ = 0;
  Milliseconds timeout_{0};
  uint32_t threshold_ = 0;
  uint8_t priority_ = HAILO_SCHEDULER_PRIORITY_NORMAL;
  Clock::time_point last_run_ = Clock::now();
  std::chrono::nanoseconds busy_time_{0};  ///< of all frames, as the count
  uint64_t frames_ = 0;
};

}  // namespace hailort
