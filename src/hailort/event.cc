#include "hailo/event.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <utility>

#include "hailort/log.h"

namespace hailort {
namespace {

constexpr int kNone = -1;

Expected<int> open_eventfd(unsigned initial, int flags) {
  const int fd = ::eventfd(initial, EFD_CLOEXEC | EFD_NONBLOCK | flags);
  if (fd < 0) return refused(HAILO_EVENT_CREATE_FAIL, "the system gives no event descriptor");
  return Expected<int>(fd);
}

}  // namespace

Waitable::Waitable(underlying_waitable_handle_t handle) : m_handle(handle) {}
Waitable::Waitable(Waitable&& other) : m_handle(std::exchange(other.m_handle, kNone)) {}
Waitable::~Waitable() {
  if (m_handle != kNone) ::close(m_handle);
}

hailo_status Waitable::wait(std::chrono::milliseconds timeout) {
  const bool forever = timeout >= INIFINITE_TIMEOUT();
  const auto deadline = std::chrono::steady_clock::now() + (forever ? std::chrono::milliseconds(0) : timeout);
  for (;;) {
    pollfd one{m_handle, POLLIN, 0};
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    const int ready = ::poll(&one, 1, forever ? -1 : static_cast<int>(std::max<int64_t>(left, 0)));
    // Another thread may have taken what was there.
    if (ready > 0 && post_wait() == HAILO_SUCCESS) return HAILO_SUCCESS;
    if (ready < 0 && errno != EINTR) return refuse(HAILO_READ_EVENT_FAIL, "waiting for an event failed");
    if (ready == 0) return HAILO_TIMEOUT;
  }
}

Expected<Event> Event::create(const State& initial_state) {
  HAILORT_TRY(const int fd, open_eventfd(initial_state == State::signalled ? 1 : 0, 0));
  return Event(fd);
}

Expected<EventPtr> Event::create_shared(const State& initial_state) {
  HAILORT_TRY(Event event, create(initial_state));
  return std::make_shared<Event>(std::move(event));
}

hailo_status Event::signal() {
  const uint64_t one = 1;
  return ::write(m_handle, &one, sizeof one) == sizeof one ? HAILO_SUCCESS : HAILO_READ_EVENT_FAIL;
}

hailo_status Event::reset() {
  uint64_t count = 0;
  return ::read(m_handle, &count, sizeof count) == sizeof count || errno == EAGAIN ? HAILO_SUCCESS
                                                                                   : HAILO_READ_EVENT_FAIL;
}

Expected<Semaphore> Semaphore::create(uint32_t initial_count) {
  HAILORT_TRY(const int fd, open_eventfd(initial_count, EFD_SEMAPHORE));
  return Semaphore(fd);
}

Expected<SemaphorePtr> Semaphore::create_shared(uint32_t initial_count) {
  HAILORT_TRY(Semaphore semaphore, create(initial_count));
  return std::make_shared<Semaphore>(std::move(semaphore));
}

hailo_status Semaphore::signal() {
  const uint64_t one = 1;
  return ::write(m_handle, &one, sizeof one) == sizeof one ? HAILO_SUCCESS : HAILO_READ_EVENT_FAIL;
}

hailo_status Semaphore::post_wait() {
  uint64_t count = 0;
  return ::read(m_handle, &count, sizeof count) == sizeof count ? HAILO_SUCCESS : HAILO_READ_EVENT_FAIL;
}

}  // namespace hailort
