// What libhailort asks of the service that shares the device between processes. The client is a library of its own,
// loaded when a virtual device wants the service, so that programs without it need no RPC library.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "base/bytes.h"
#include "hailo/hailort.h"

namespace hailort {

struct ServiceStatus {
  hailo_status code = HAILO_SUCCESS;
  std::string why;  ///< of a failure

  bool ok() const { return code == HAILO_SUCCESS; }
};

/// A network group that the service has configured for this process; releases it when it is destroyed.
class ServiceGroup {
 public:
  virtual ~ServiceGroup() = default;
  /// One frame of a network of the group: memory of its input and output streams in the HEF's order. Waits until the
  /// service's scheduler has run it.
  virtual ServiceStatus run(std::size_t network, std::span<const graupel::ByteSpan> in,
                            std::span<const std::span<std::byte>> out) = 0;
  virtual ServiceStatus set_priority(uint8_t priority) = 0;
};

/// A virtual device of the service, held for this process; releases it when it is destroyed.
class ServiceDevice {
 public:
  virtual ~ServiceDevice() = default;
  /// `hef`: the file's bytes.
  virtual ServiceStatus configure(graupel::ByteSpan hef, std::unique_ptr<ServiceGroup>& group) = 0;
};

/// The client's one function, by this name in the library beside libhailort. HAILO_RPC_FAILED: no service answers;
/// HAILO_INVALID_SERVICE_VERSION; those of the service's VDevice::create().
using ConnectToService = ServiceStatus(const std::string& group_id, std::unique_ptr<ServiceDevice>& device);
inline constexpr char kServiceClientLibrary[] = "libhailort_service_client.so";
inline constexpr char kConnectToService[] = "hailort_connect_to_service";

/// Loads the client and connects. HAILO_INVALID_OPERATION also: this installation has no client.
ServiceStatus connect_to_service(const std::string& group_id, std::unique_ptr<ServiceDevice>& device);

}  // namespace hailort
