// The log of libhailort: warnings and errors on stderr as `[HailoRT] [error] …`, and all of it in a file hailort.log.
//   HAILORT_CONSOLE_LOGGER_LEVEL  trace | debug | info | warning | error | critical | off (default: warning)
//   HAILORT_LOGGER_PATH           folder of the file (default: the current one); NONE: no file
#pragma once

#include <string>

#include "base/result.h"
#include "hailo/expected.hpp"

namespace hailort {

enum class LogLevel { kTrace, kDebug, kInfo, kWarning, kError, kCritical, kOff };

void log(LogLevel level, const std::string& text);

/// Logs the sentence as an error and returns the status: `return refuse(HAILO_INVALID_ARGUMENT, "…");`.
template <class... Parts>
hailo_status refuse(hailo_status status, const Parts&... parts) {
  log(LogLevel::kError, graupel::cat(parts..., " (", static_cast<int>(status), ")"));
  return status;
}

/// The same for functions that return an Expected.
template <class... Parts>
Unexpected refused(hailo_status status, const Parts&... parts) {
  return make_unexpected(refuse(status, parts...));
}

/// The status that says who must act, as graupel's code does.
hailo_status status_of(const graupel::Error& error);

}  // namespace hailort

/// HAILORT_TRY(auto x, expr): declares x from the Expected's value, or returns its status.
#define HAILORT_TRY(declaration, ...)                                                                                  \
  auto GRAUPEL_JOIN(expected_, __LINE__) = (__VA_ARGS__);                                                              \
  if (!GRAUPEL_JOIN(expected_, __LINE__)) return hailort::make_unexpected(GRAUPEL_JOIN(expected_, __LINE__).status()); \
  declaration = GRAUPEL_JOIN(expected_, __LINE__).release()

/// HAILORT_DO(expr): returns a status that is not success.
#define HAILORT_DO(...)                                           \
  do {                                                            \
    const hailo_status hailort_status_ = (__VA_ARGS__);           \
    if (HAILO_SUCCESS != hailort_status_) return hailort_status_; \
  } while (false)

/// The same in functions that return an Expected.
#define HAILORT_DO_EXPECTED(...)                                                            \
  do {                                                                                      \
    const hailo_status hailort_status_ = (__VA_ARGS__);                                     \
    if (HAILO_SUCCESS != hailort_status_) return hailort::make_unexpected(hailort_status_); \
  } while (false)
