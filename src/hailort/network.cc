#include "hailort/network.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <string_view>
#include <thread>

#include "hailort/frame_queue.h"
#include "hailort/log.h"
#include "hailort/service_link.h"
#include "hailort/virtual_device.h"
#include "runtime/self_test.h"

namespace hailort {
namespace {

void finish(std::vector<Transfer> transfers, hailo_status status) {
  for (const Transfer& transfer : transfers) transfer.done(status);
}

hailo_status no_scheduler(const char* what) {
  return refuse(HAILO_INVALID_OPERATION, "the ", what,
                " of a network group belongs to the scheduler, and this virtual device has none");
}

/// With GRAUPEL_SELF_TEST set: whether this CPU computes what the compiler computed.
hailo_status test_cpu(const Hef::Impl& hef, std::size_t network, graupel::Session& session) {
  const char* wanted = std::getenv("GRAUPEL_SELF_TEST");
  if (wanted == nullptr || *wanted == '\0' || std::string_view(wanted) == "0") return HAILO_SUCCESS;
  const std::string& name = hef.networks()[network].name;
  const std::optional<graupel::Golden>& golden = hef.info().networks[network].golden;
  if (!golden)
    return refuse(HAILO_HEF_NOT_SUPPORTED, "GRAUPEL_SELF_TEST is set, but network '", name,
                  "' has no golden vector; compile the model again");
  const graupel::Result<> tested = graupel::self_test(session, *golden);
  if (tested.ok()) return HAILO_SUCCESS;
  const bool differs = tested.error().code == graupel::ErrorCode::kMismatch;
  return refuse(differs ? HAILO_HEF_NOT_COMPATIBLE_WITH_DEVICE : status_of(tested.error()), "network '", name,
                "': ", tested.error().text());
}

}  // namespace

Network::Network(std::shared_ptr<VirtualDevice> device, std::shared_ptr<const Hef::Impl> hef,
                 const ConfigureNetworkParams& params)
    : device_(std::move(device)),
      hef_(std::move(hef)),
      params_(params),
      queues_(hef_->streams(HAILO_H2D_STREAM).size() + hef_->streams(HAILO_D2H_STREAM).size()) {}

Expected<std::shared_ptr<Network>> Network::create(std::shared_ptr<VirtualDevice> device,
                                                   std::shared_ptr<const Hef::Impl> hef,
                                                   const ConfigureNetworkParams& params) {
  if (!hef->is_runnable())
    return refused(HAILO_HEF_NOT_COMPATIBLE_WITH_DEVICE, "network group '", hef->group(), "' was compiled for ",
                   hef->info().architecture, " by ", hef->info().compiler_version,
                   " and can only be inspected: this virtual device runs programs that graupel compiled");
  std::shared_ptr<Network> network(new Network(std::move(device), std::move(hef), params));
  if (ServiceDevice* const service = network->device_->service()) {
    const ServiceStatus configured = service->configure(network->hef().bytes(), network->service_);
    if (!configured.ok()) return refused(configured.code, configured.why);
  }
  for (std::size_t i = 0; i < network->hef().networks().size(); ++i) HAILORT_DO_EXPECTED(network->add_part(i));
  const bool scheduled = network->is_scheduled();
  HAILORT_TRY(network->activated_event_,
              Event::create_shared(scheduled ? Event::State::signalled : Event::State::not_signalled));
  auto lock = network->lock();
  network->device_->state_->networks.push_back(network.get());
  lock.unlock();
  return network;
}

hailo_status Network::add_part(std::size_t number) {
  const GroupNetwork& network = hef_->networks()[number];
  Part& part = parts_.emplace_back();
  if (!service_) {
    graupel::Result<graupel::Session> session = graupel::Session::create(*network.program);
    if (!session.ok()) {
      const bool memory = session.error().code == graupel::ErrorCode::kIo;
      return refuse(memory ? HAILO_OUT_OF_HOST_MEMORY : status_of(session.error()), session.error().text());
    }
    part.session.emplace(std::move(session).value());
    HAILORT_DO(test_cpu(*hef_, number, *part.session));
  }
  for (std::size_t i = 0; i < network.inputs; ++i)
    part.queues.push_back(queue_number({HAILO_H2D_STREAM, network.first_input + i}));
  for (std::size_t i = 0; i < network.outputs; ++i)
    part.queues.push_back(queue_number({HAILO_D2H_STREAM, network.first_output + i}));
  part.in.resize(network.inputs);
  part.out.resize(network.outputs);
  return HAILO_SUCCESS;
}

Network::~Network() {
  auto held = lock();
  shut_down_ = true;
  device_->state_->remove(this);
  cancel_all(std::move(held));
}

std::unique_lock<std::mutex> Network::lock() const { return std::unique_lock(device_->state_->mutex); }
std::condition_variable& Network::changed() const { return device_->state_->changed; }
void Network::wake_device() { device_->state_->work.notify_one(); }
bool Network::is_scheduled() const { return device_->is_scheduled(); }

uint16_t Network::batch_size(std::size_t network) const {
  const auto own = params_.network_params_by_name.find(hef_->networks()[network].name);
  const bool given = own != params_.network_params_by_name.end() && own->second.batch_size != HAILO_DEFAULT_BATCH_SIZE;
  return given ? own->second.batch_size : params_.batch_size;
}

std::size_t Network::frame_bytes(StreamId stream) const {
  const GroupNetwork& network = hef_->networks()[hef_->streams(stream.direction)[stream.number].network];
  const graupel::Port& port = stream.direction == HAILO_H2D_STREAM
                                  ? network.program->inputs[stream.number - network.first_input]
                                  : network.program->outputs[stream.number - network.first_output];
  return port.type.bytes();
}

std::size_t Network::queue_number(StreamId stream) const {
  const bool input = stream.direction == HAILO_H2D_STREAM;
  return input ? stream.number : hef_->streams(HAILO_H2D_STREAM).size() + stream.number;
}

hailo_status Network::state() const {
  if (shut_down_) return HAILO_STREAM_ABORT;
  return active_ || is_scheduled() ? HAILO_SUCCESS : HAILO_STREAM_NOT_ACTIVATED;
}

std::size_t Network::ready_frames(const Part& part) const {
  std::size_t frames = kQueueFrames;
  for (const std::size_t queue : part.queues) frames = std::min(frames, queues_[queue].size());
  return frames;
}

std::size_t Network::ready_frames() const {
  std::size_t frames = 0;
  for (const Part& part : parts_) frames = std::max(frames, ready_frames(part));
  return frames;
}

std::size_t Network::room() const {
  std::size_t longest = 0;
  for (const Queue& queue : queues_) longest = std::max(longest, queue.size());
  return kQueueFrames - longest;
}

bool Network::due(Clock::time_point now) const {
  return ready_frames() >= std::max<std::size_t>(threshold_, 1) || waiters_ > 0 || now - last_run_ >= timeout_;
}

const Network::Part* Network::next_part() const {
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    const Part& part = parts_[(next_part_ + i) % parts_.size()];
    if (ready_frames(part) > 0) return &part;
  }
  return nullptr;
}

int Network::burst() const {
  const Part* part = next_part();
  return part == nullptr ? 1 : std::max<int>(batch_size(static_cast<std::size_t>(part - parts_.data())), 1);
}

Network::Frame Network::pop_frame() {
  Frame frame;
  frame.part = &parts_[static_cast<std::size_t>(next_part() - parts_.data())];
  next_part_ = static_cast<std::size_t>(frame.part - parts_.data()) + 1;
  for (const std::size_t queue : frame.part->queues) {
    frame.transfers.push_back(std::move(queues_[queue].front()));
    queues_[queue].pop_front();
  }
  return frame;
}

hailo_status Network::execute_in_service(const Frame& frame) {
  const auto network = static_cast<std::size_t>(frame.part - parts_.data());
  const GroupNetwork& streams = hef_->networks()[network];
  std::vector<graupel::ByteSpan> in;
  std::vector<std::span<std::byte>> out;
  for (std::size_t i = 0; i < streams.inputs; ++i)
    in.emplace_back(reinterpret_cast<const std::byte*>(frame.transfers[i].data),
                    frame_bytes({HAILO_H2D_STREAM, streams.first_input + i}));
  for (std::size_t i = 0; i < streams.outputs; ++i)
    out.emplace_back(reinterpret_cast<std::byte*>(frame.transfers[streams.inputs + i].data),
                     frame_bytes({HAILO_D2H_STREAM, streams.first_output + i}));
  const ServiceStatus done = service_->run(network, in, out);
  return done.ok() ? HAILO_SUCCESS : refuse(done.code, done.why);
}

hailo_status Network::execute(const Frame& frame) {
  if (service_) return execute_in_service(frame);
  Part& part = *frame.part;
  for (std::size_t i = 0; i < part.in.size(); ++i) part.in[i] = frame.transfers[i].data;
  for (std::size_t i = 0; i < part.out.size(); ++i) part.out[i] = frame.transfers[part.in.size() + i].data;
  const graupel::Result<> done = part.session->run(part.in, part.out);
  return done.ok() ? HAILO_SUCCESS : refuse(HAILO_INTERNAL_FAILURE, done.error().text());
}

void Network::record_time(Part& part, Clock::duration time) {
  part.latency_sum += time;
  ++part.latency_count;
  busy_time_ += time;
  ++frames_;
}

hailo_status Network::enqueue_locked(StreamId stream, Transfer transfer) {
  HAILORT_DO(state());
  if (queue(stream).size() >= kQueueFrames) return HAILO_QUEUE_IS_FULL;
  queue(stream).push_back(std::move(transfer));
  if (ready_frames() > 0) wake_device();
  return HAILO_SUCCESS;
}

hailo_status Network::enqueue(StreamId stream, Transfer transfer) {
  const auto held = lock();
  return enqueue_locked(stream, std::move(transfer));
}

hailo_status Network::enqueue_frames(std::vector<std::vector<Transfer>> frames) {
  const auto held = lock();
  HAILORT_DO(state());
  if (room() < frames.size()) return HAILO_QUEUE_IS_FULL;
  for (std::vector<Transfer>& frame : frames)
    for (std::size_t i = 0; i < queues_.size(); ++i) queues_[i].push_back(std::move(frame[i]));
  wake_device();
  return HAILO_SUCCESS;
}

void Network::end_frame(std::vector<Transfer>& frame, std::function<void(hailo_status)> done) const {
  const auto after = [](std::function<void(hailo_status)>& first, std::function<void(hailo_status)> then) {
    first = [first = std::move(first), then = std::move(then)](hailo_status status) {
      first(status);
      then(status);
    };
  };
  // The last stream's transfer ends a network's frame.
  if (parts_.size() == 1) return after(frame.back().done, std::move(done));
  struct Rest {
    std::atomic<std::size_t> parts;
    std::atomic<hailo_status> status{HAILO_SUCCESS};
  };
  const auto rest = std::make_shared<Rest>();
  rest->parts = parts_.size();
  for (const Part& part : parts_)
    after(frame[part.queues.back()].done, [rest, done](hailo_status status) {
      hailo_status none = HAILO_SUCCESS;
      if (status != HAILO_SUCCESS) rest->status.compare_exchange_strong(none, status);
      if (--rest->parts == 0) done(rest->status);
    });
}

hailo_status Network::wait_for_room(std::optional<StreamId> stream, std::size_t frames, Milliseconds timeout) {
  auto held = lock();
  add_waiter(1);
  wake_device();
  const auto enough = [&] { return (stream ? kQueueFrames - queue(*stream).size() : room()) >= frames; };
  changed().wait_for(held, timeout, [&] { return shut_down_ || enough(); });
  add_waiter(-1);
  if (shut_down_) return HAILO_STREAM_ABORT;
  return enough() ? HAILO_SUCCESS
                  : refuse(HAILO_TIMEOUT, "no room for ", frames, " frames within ", timeout.count(),
                           " ms; the queue holds ", kQueueFrames);
}

void Network::withdraw(const void* owner) {
  std::vector<Transfer> dropped;
  {
    auto held = lock();
    for (Queue& queue : queues_) {
      for (Transfer& transfer : queue)
        if (transfer.owner == owner) dropped.push_back(std::move(transfer));
      std::erase_if(queue, [&](const Transfer& transfer) { return transfer.owner == owner; });
    }
  }
  finish(std::move(dropped), HAILO_STREAM_ABORT);
  auto held = lock();
  if (device_->thread_.get_id() != std::this_thread::get_id()) changed().wait(held, [&] { return !busy_; });
  changed().notify_all();
}

void Network::cancel_all(std::unique_lock<std::mutex> held) {
  std::vector<Transfer> dropped;
  for (Queue& queue : queues_) {
    for (Transfer& transfer : queue) dropped.push_back(std::move(transfer));
    queue.clear();
  }
  changed().notify_all();
  if (device_->thread_.get_id() != std::this_thread::get_id()) changed().wait(held, [&] { return !busy_; });
  held.unlock();
  finish(std::move(dropped), HAILO_STREAM_ABORT);
  changed().notify_all();
}

hailo_status Network::activate() {
  const auto held = lock();
  if (is_scheduled())
    return refuse(HAILO_INVALID_OPERATION, "network group '", hef_->group(),
                  "' is activated by the scheduler; create the virtual device with HAILO_SCHEDULING_ALGORITHM_NONE to "
                  "do it by hand");
  if (device_->state_->active != nullptr)
    return refuse(HAILO_INVALID_OPERATION, "network group '", device_->state_->active->hef_->group(),
                  "' is active; one at a time can be");
  if (shut_down_) return HAILO_STREAM_ABORT;
  device_->state_->active = this;
  active_ = true;
  ++activations_;
  for (FrameReader* reader : readers_) reader->restart();
  activated_event_->signal();
  changed().notify_all();
  return HAILO_SUCCESS;
}

void Network::deactivate() {
  auto held = lock();
  if (!active_) return;
  device_->state_->active = nullptr;
  active_ = false;
  ++activations_;
  activated_event_->reset();
  cancel_all(std::move(held));
}

hailo_status Network::wait_for_activation(Milliseconds timeout) {
  if (is_scheduled())
    return refuse(HAILO_INVALID_OPERATION, "there is no activation to wait for where a scheduler activates");
  auto held = lock();
  return changed().wait_for(held, timeout, [&] { return active_; }) ? HAILO_SUCCESS : HAILO_TIMEOUT;
}

hailo_status Network::shutdown() {
  auto held = lock();
  if (shut_down_) return HAILO_SUCCESS;
  shut_down_ = true;
  cancel_all(std::move(held));
  return HAILO_SUCCESS;
}

hailo_status Network::set_timeout(Milliseconds timeout) {
  if (!is_scheduled()) return no_scheduler("timeout");
  const auto held = lock();
  timeout_ = timeout;
  wake_device();
  return HAILO_SUCCESS;
}

hailo_status Network::set_threshold(uint32_t frames) {
  if (!is_scheduled()) return no_scheduler("threshold");
  if (frames > kQueueFrames)
    return refuse(HAILO_INVALID_ARGUMENT, "a threshold of ", frames, " frames; the queue holds ", kQueueFrames);
  const auto held = lock();
  threshold_ = frames;
  wake_device();
  return HAILO_SUCCESS;
}

hailo_status Network::set_priority(uint8_t priority) {
  if (!is_scheduled()) return no_scheduler("priority");
  if (priority > HAILO_SCHEDULER_PRIORITY_MAX)
    return refuse(HAILO_INVALID_ARGUMENT, "priority ", int{priority}, " (accepted: ", HAILO_SCHEDULER_PRIORITY_MIN,
                  " to ", HAILO_SCHEDULER_PRIORITY_MAX, ")");
  if (service_) {
    const ServiceStatus set = service_->set_priority(priority);
    if (!set.ok()) return refuse(set.code, set.why);
  }
  const auto held = lock();
  priority_ = priority;
  wake_device();
  return HAILO_SUCCESS;
}

Expected<std::chrono::nanoseconds> Network::latency(std::optional<std::size_t> network) {
  const auto held = lock();
  std::chrono::nanoseconds sum{0};
  int64_t count = 0;
  const std::size_t first = network.value_or(0), end = network ? *network + 1 : parts_.size();
  for (std::size_t i = first; i < end; ++i) {
    sum += parts_[i].latency_sum;
    count += parts_[i].latency_count;
  }
  if ((params_.latency & HAILO_LATENCY_MEASURE) == 0 || count == 0)
    return refused(HAILO_NOT_AVAILABLE, "no latency of network group '", hef_->group(),
                   "': set HAILO_LATENCY_MEASURE before configuring, and run a frame");
  if ((params_.latency & HAILO_LATENCY_CLEAR_AFTER_GET) != 0)
    for (std::size_t i = first; i < end; ++i) parts_[i].latency_sum = {}, parts_[i].latency_count = 0;
  return Expected<std::chrono::nanoseconds>(sum / count);
}

}  // namespace hailort
