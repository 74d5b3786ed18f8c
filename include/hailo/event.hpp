// Things that a thread can wait for, each behind a file descriptor that poll() understands.
#pragma once

#include <chrono>
#include <condition_variable>  // clients of the vendor's headers rely on it and on <mutex>
#include <memory>
#include <mutex>
#include <vector>

#include "hailo/expected.hpp"

namespace hailort {

typedef underlying_handle_t underlying_waitable_handle_t;

class Waitable;
using WaitablePtr = std::shared_ptr<Waitable>;
using WaitablePtrList = std::vector<WaitablePtr>;

class HAILORTAPI Waitable {
 public:
  explicit Waitable(underlying_waitable_handle_t handle);
  virtual ~Waitable();
  Waitable(Waitable&& other);
  Waitable(const Waitable&) = delete;
  Waitable& operator=(const Waitable&) = delete;
  Waitable& operator=(Waitable&&) = delete;

  /// Errors: HAILO_TIMEOUT.
  virtual hailo_status wait(std::chrono::milliseconds timeout);
  virtual hailo_status signal() = 0;
  virtual bool is_auto_reset() = 0;
  underlying_waitable_handle_t get_underlying_handle() { return m_handle; }
  static constexpr auto INIFINITE_TIMEOUT() { return std::chrono::milliseconds(HAILO_INFINITE); }

 protected:
  /// What a successful wait takes away.
  virtual hailo_status post_wait() = 0;
  underlying_waitable_handle_t m_handle;
};

class Event;
using EventPtr = std::shared_ptr<Event>;
using EventPtrList = std::vector<EventPtr>;

/// Stays signalled until it is reset.
class HAILORTAPI Event : public Waitable {
 public:
  enum class State { signalled, not_signalled };
  using Waitable::Waitable;
  static Expected<Event> create(const State& initial_state);
  static Expected<EventPtr> create_shared(const State& initial_state);
  hailo_status signal() override;
  bool is_auto_reset() override { return false; }
  hailo_status reset();

 protected:
  hailo_status post_wait() override { return HAILO_SUCCESS; }
};

class Semaphore;
using SemaphorePtr = std::shared_ptr<Semaphore>;
using SemaphorePtrList = std::vector<SemaphorePtr>;

class HAILORTAPI Semaphore : public Waitable {
 public:
  using Waitable::Waitable;
  static Expected<Semaphore> create(uint32_t initial_count);
  static Expected<SemaphorePtr> create_shared(uint32_t initial_count);
  hailo_status signal() override;
  bool is_auto_reset() override { return true; }

 protected:
  hailo_status post_wait() override;
};

}  // namespace hailort
