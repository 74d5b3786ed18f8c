#include "hailort/service_link.h"

#include <dlfcn.h>

#include <filesystem>

namespace hailort {

ServiceStatus connect_to_service(const std::string& group_id, std::unique_ptr<ServiceDevice>& device) {
  Dl_info own;
  if (dladdr(reinterpret_cast<const void*>(&connect_to_service), &own) == 0)
    return {HAILO_INTERNAL_FAILURE, "the folder of libhailort is not known"};
  const std::string path = (std::filesystem::path(own.dli_fname).parent_path() / kServiceClientLibrary).string();
  // Never unloaded: RPC libraries keep threads.
  void* const library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr)
    return {HAILO_INVALID_OPERATION,
            std::string("multi_process_service needs an installation with the service's client: ") + dlerror()};
  auto* const connect = reinterpret_cast<ConnectToService*>(dlsym(library, kConnectToService));
  if (connect == nullptr)
    return {HAILO_INVALID_OPERATION, "'" + path + "' is not the client of this library's service"};
  return connect(group_id, device);
}

}  // namespace hailort
