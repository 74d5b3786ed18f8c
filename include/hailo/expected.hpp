// Expected<T>: a value or the status that says why there is none.
#pragma once

#include <cassert>
#include <functional>
#include <new>
#include <string>
#include <type_traits>
#include <utility>
#ifdef __cpp_exceptions
#include <stdexcept>
#endif

#include "hailo/hailort.h"

namespace hailort {

#ifdef __cpp_exceptions
/// Thrown by Expected::expect() only.
class hailort_error : public std::runtime_error {
 public:
  template <typename... Args>
  hailort_error(hailo_status status, Args&&... what)
      : std::runtime_error(std::forward<Args>(what)...), m_status(status) {}
  hailo_status status() const { return m_status; }

 private:
  hailo_status m_status;
};
#else
class hailort_error {
 public:
  hailo_status status() const { return HAILO_INVALID_OPERATION; }
};
#endif

/// A status on its way into an Expected of any type. Never HAILO_SUCCESS.
class Unexpected final {
 public:
  explicit Unexpected(hailo_status status) : m_status(status) {}
  operator hailo_status() { return m_status; }  // NOLINT: implicit by contract
  hailo_status m_status;
};

inline Unexpected make_unexpected(hailo_status status) { return Unexpected(status); }

template <typename T>
class Expected final {
 public:
  template <typename U>
  friend class Expected;

  Expected(Unexpected unexpected) : m_status(unexpected.m_status) { assert(HAILO_SUCCESS != m_status); }  // NOLINT
  Expected(T&& value) : m_value(std::move(value)), m_status(HAILO_SUCCESS) {}                             // NOLINT
  Expected(hailo_status) = delete;  ///< make_unexpected() says what is meant
  explicit Expected(const Expected& other) : m_status(other.m_status) {
    if (other.has_value()) new (&m_value) T(other.m_value);
  }
  template <typename U>
  Expected(const Expected<U>& other) : m_status(other.m_status) {  // NOLINT
    if (other.has_value()) new (&m_value) T(other.m_value);
  }
  Expected(Expected&& other) : m_status(other.m_status) {
    if (other.has_value()) new (&m_value) T(std::move(other.m_value));
  }
  template <typename... Args, std::enable_if_t<std::is_constructible<T, Args...>::value, int> = 0>
  explicit Expected(Args&&... args) : m_value(std::forward<Args>(args)...), m_status(HAILO_SUCCESS) {}
  Expected& operator=(const Expected&) = delete;
  Expected& operator=(Expected&&) = delete;
  Expected& operator=(const T&) = delete;
  Expected& operator=(T&&) = delete;
  Expected& operator=(hailo_status) = delete;
  ~Expected() {
    if (has_value()) m_value.~T();
  }

  bool has_value() const { return HAILO_SUCCESS == m_status; }
  explicit operator bool() const { return has_value(); }
  hailo_status status() const { return m_status; }

  /// The value; the caller has checked that there is one.
  T& value() & {
    assert(has_value());
    return m_value;
  }
  const T& value() const& {
    assert(has_value());
    return m_value;
  }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }

  /// Moves the value out; what is left has the status HAILO_UNINITIALIZED.
  T release() {
    assert(has_value());
    T value = std::move(m_value);
    make_unexpected(HAILO_UNINITIALIZED);
    return value;
  }
  /// Drops the value, if any.
  void make_unexpected(hailo_status status) {
    assert(HAILO_SUCCESS != status);
    if (has_value()) m_value.~T();
    m_status = status;
  }

#ifdef __cpp_exceptions
  /// The value, or a hailort_error with `message` and the status.
  T expect(const std::string& message) && {
    if (!has_value()) throw hailort_error(m_status, message + " (status " + std::to_string(m_status) + ")");
    return release();
  }
#endif

 private:
  union {
    T m_value;
  };
  hailo_status m_status;
};

template <typename T>
using ExpectedRef = Expected<std::reference_wrapper<T>>;

}  // namespace hailort
