#include "hailort/frame_queue.h"

#include <numeric>

#include "hailort/log.h"

namespace hailort {

FrameQueue::FrameQueue(std::shared_ptr<Network> network, StreamId stream, std::size_t depth, hailo_status inactive)
    : network_(std::move(network)),
      stream_(stream),
      inactive_(inactive),
      frame_bytes_(network_->frame_bytes(stream)),
      buffers_(depth, graupel::Bytes(frame_bytes_)),
      idle_(depth) {
  std::iota(idle_.begin(), idle_.end(), std::size_t{0});
}

void FrameQueue::abort() {
  const auto lock = network_->lock();
  aborted_ = true;
  network_->changed().notify_all();
}

void FrameQueue::resume() {
  const auto lock = network_->lock();
  aborted_ = false;
}

bool FrameQueue::is_aborted() const {
  const auto lock = network_->lock();
  return aborted_;
}

template <class Ready>
hailo_status FrameQueue::wait(std::unique_lock<std::mutex>& lock, Milliseconds timeout, Ready ready) {
  const uint64_t activations = network_->activations();
  const auto over = [&] {
    return aborted_ || network_->state() != HAILO_SUCCESS || network_->activations() != activations;
  };
  const bool before = network_->state() == HAILO_STREAM_NOT_ACTIVATED;
  network_->changed().wait_for(lock, timeout, [&] { return over() || ready(); });
  if (aborted_ || network_->state() == HAILO_STREAM_ABORT) return HAILO_STREAM_ABORT;
  if (before) return inactive_;
  if (over()) return HAILO_STREAM_ABORT;
  return ready() ? HAILO_SUCCESS : HAILO_TIMEOUT;
}

Transfer FrameQueue::transfer(std::size_t buffer) {
  return {reinterpret_cast<uint8_t*>(buffers_[buffer].data()), this,
          [this, buffer](hailo_status status) { finished(buffer, status); }};
}

FrameWriter::FrameWriter(std::shared_ptr<Network> network, std::size_t input, std::size_t depth, hailo_status inactive)
    : FrameQueue(std::move(network), {HAILO_H2D_STREAM, input}, depth, inactive) {}

FrameWriter::~FrameWriter() {
  drain();
  network_->withdraw(this);
}

/// What was written before the writer goes still reaches those who read, as long as the device gets on with it.
void FrameWriter::drain() {
  constexpr Milliseconds kPatience(200);
  auto lock = network_->lock();
  const auto over = [this] { return aborted_ || network_->state() != HAILO_SUCCESS || !network_->has_readers(); };
  network_->add_waiter(1);
  network_->wake_device();
  while (idle_.size() < buffers_.size() && !over()) {
    const std::size_t before = idle_.size();
    const bool moved = network_->changed().wait_for(lock, kPatience, [&] { return over() || idle_.size() != before; });
    if (!moved && !network_->is_busy()) break;
  }
  network_->add_waiter(-1);
}

Expected<std::size_t> FrameWriter::acquire(Milliseconds timeout) {
  auto lock = network_->lock();
  const int waits = idle_.empty() ? 1 : 0;
  network_->add_waiter(waits);
  network_->wake_device();
  const hailo_status status = wait(lock, timeout, [this] { return !idle_.empty(); });
  network_->add_waiter(-waits);
  if (status != HAILO_SUCCESS) return make_unexpected(status);
  const std::size_t buffer = idle_.front();
  idle_.pop_front();
  return Expected<std::size_t>(buffer);
}

hailo_status FrameWriter::submit(std::size_t buffer) {
  const auto lock = network_->lock();
  const hailo_status status = aborted_ ? HAILO_STREAM_ABORT : network_->enqueue_locked(stream_, transfer(buffer));
  if (status == HAILO_SUCCESS) return status;
  idle_.push_back(buffer);
  network_->changed().notify_all();
  return status == HAILO_STREAM_NOT_ACTIVATED ? HAILO_STREAM_ABORT : status;  // it was active when the frame came
}

hailo_status FrameWriter::flush(Milliseconds timeout) {
  auto lock = network_->lock();
  network_->add_waiter(1);
  network_->wake_device();
  const hailo_status status = wait(lock, timeout, [this] { return idle_.size() == buffers_.size(); });
  network_->add_waiter(-1);
  return status;
}

void FrameWriter::finished(std::size_t buffer, hailo_status) {
  const auto lock = network_->lock();
  idle_.push_back(buffer);
  network_->changed().notify_all();
}

FrameReader::FrameReader(std::shared_ptr<Network> network, std::size_t output, std::size_t depth, hailo_status inactive)
    : FrameQueue(std::move(network), {HAILO_D2H_STREAM, output}, depth, inactive) {
  const auto lock = network_->lock();
  network_->add_reader(this);
  launch();
}

FrameReader::~FrameReader() {
  {
    const auto lock = network_->lock();
    network_->remove_reader(this);
    aborted_ = true;  // what is withdrawn is not launched again
  }
  network_->withdraw(this);
}

void FrameReader::launch() {
  while (!idle_.empty() && network_->enqueue_locked(stream_, transfer(idle_.front())) == HAILO_SUCCESS)
    idle_.pop_front();
}

Expected<std::size_t> FrameReader::acquire(Milliseconds timeout) {
  auto lock = network_->lock();
  const hailo_status status = wait(lock, timeout, [this] { return !ready_.empty(); });
  if (status != HAILO_SUCCESS) return make_unexpected(status);
  const std::size_t buffer = ready_.front();
  ready_.pop_front();
  return Expected<std::size_t>(buffer);
}

void FrameReader::release(std::size_t buffer) {
  const auto lock = network_->lock();
  idle_.push_back(buffer);
  launch();
}

void FrameReader::restart() {
  idle_.insert(idle_.end(), ready_.begin(), ready_.end());
  ready_.clear();
  launch();
}

void FrameReader::clear() {
  const auto lock = network_->lock();
  restart();
}

void FrameReader::finished(std::size_t buffer, hailo_status status) {
  const auto lock = network_->lock();
  if (status == HAILO_SUCCESS)
    ready_.push_back(buffer);
  else
    idle_.push_back(buffer);
  network_->changed().notify_all();
}

}  // namespace hailort
