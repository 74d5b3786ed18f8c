// Where the service listens, and which version of its interface both sides speak.
#pragma once

#include <cstdlib>
#include <string>

namespace hailort {

/// HAILORT_SERVICE_ADDRESS, or a socket in the folder for temporary files.
inline std::string service_address() {
  const char* given = std::getenv("HAILORT_SERVICE_ADDRESS");
  return given != nullptr && *given != '\0' ? given : "unix:///tmp/hailort_uds.sock";
}

inline constexpr char kServiceVersion[] = "4.23.0/1";  ///< a change of service.proto counts the last number up

}  // namespace hailort
