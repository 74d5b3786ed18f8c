#include "hailort/virtual_device.h"

#include <algorithm>

#include "hailort/log.h"

namespace hailort {

VirtualDevice::VirtualDevice(bool scheduled, std::unique_ptr<ServiceDevice> service)
    : service_(std::move(service)),
      state_(std::make_shared<State>(scheduled)),
      thread_([state = state_] { state->run(); }),
      monitor_(Monitor::start(kId, [state = state_] { return state->sample(); })) {}

VirtualDevice::~VirtualDevice() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stop = true;
  }
  state_->work.notify_all();
  if (thread_.get_id() == std::this_thread::get_id())
    thread_.detach();
  else
    thread_.join();
}

void VirtualDevice::close() {
  std::vector<std::shared_ptr<Network>> alive;
  {
    const std::lock_guard lock(state_->mutex);
    for (Network* network : state_->networks) alive.push_back(network->weak_from_this().lock());
  }
  for (const std::shared_ptr<Network>& network : alive)
    if (network) network->shutdown();
}

void VirtualDevice::State::remove(Network* network) {
  std::erase(networks, network);
  if (active == network) active = nullptr;
  if (burst == network) burst = nullptr;
}

Network* VirtualDevice::State::pick_by_turn(Clock::time_point now, Clock::time_point& wake) {
  Network* best = nullptr;
  std::size_t best_at = 0;
  for (std::size_t i = 0; i < networks.size(); ++i) {
    const std::size_t at = (next + i) % networks.size();
    Network* network = networks[at];
    if (!network->has_frame()) continue;
    if (!network->due(now)) {
      wake = std::min(wake, network->last_run_ + network->timeout_);
    } else if (best == nullptr || network->priority_ > best->priority_) {
      best = network;
      best_at = at;
    }
  }
  if (best != nullptr) next = best_at + 1;
  return best;
}

Network* VirtualDevice::State::pick(Clock::time_point now, Clock::time_point& wake) {
  if (!scheduled) return active != nullptr && active->has_frame() ? active : nullptr;
  if (burst != nullptr && burst_left > 0 && burst->has_frame()) {
    --burst_left;
    return burst;
  }
  burst = pick_by_turn(now, wake);
  if (burst != nullptr) burst_left = burst->burst() - 1;
  return burst;
}

void VirtualDevice::State::run_frame(Network& network, std::unique_lock<std::mutex>& lock) {
  const Network::Frame frame = network.pop_frame();
  network.busy_ = true;
  changed.notify_all();
  lock.unlock();
  const Clock::time_point start = Clock::now();
  const hailo_status status = network.execute(frame);
  const Clock::duration time = Clock::now() - start;
  for (const Transfer& transfer : frame.transfers) transfer.done(status);
  lock.lock();
  network.record_time(*frame.part, time);
  network.busy_ = false;
  network.last_run_ = Clock::now();
  changed.notify_all();
}

std::vector<MonitorSample> VirtualDevice::State::sample() {
  const std::lock_guard lock(mutex);
  std::vector<MonitorSample> samples;
  for (const Network* network : networks) {
    MonitorSample& sample = samples.emplace_back();
    sample.network = network->hef().group();
    sample.frames = network->frames_;
    sample.busy = network->busy_time_;
    std::size_t queue = 0;
    for (const hailo_stream_direction_t direction : {HAILO_H2D_STREAM, HAILO_D2H_STREAM})
      for (const StreamEdge& edge : network->hef().streams(direction))
        sample.streams.push_back({edge.info.name, direction == HAILO_H2D_STREAM, network->queues_[queue++].size()});
  }
  return samples;
}

void VirtualDevice::State::run() {
  std::unique_lock lock(mutex);
  while (!stop) {
    Clock::time_point wake = Clock::time_point::max();
    if (Network* picked = pick(Clock::now(), wake)) {
      std::shared_ptr<Network> network = picked->weak_from_this().lock();
      if (!network) continue;  // it is about to remove itself
      run_frame(*network, lock);
      lock.unlock();
      network.reset();  // perhaps the last holder, and its destructor takes the lock
      lock.lock();
    } else if (wake == Clock::time_point::max()) {
      work.wait(lock);
    } else {
      work.wait_until(lock, wake);
    }
  }
}

}  // namespace hailort
