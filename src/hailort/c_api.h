// The C interface over the C++ one: handles, null checks, and arrays with room.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "hailo/hailort.hpp"
#include "hailort/log.h"

// What a handle points at.
struct _hailo_device {
  std::unique_ptr<hailort::Device> own;  ///< null: a virtual device's
  hailort::Device* device = nullptr;
  std::mutex mutex;
};
struct _hailo_vdevice {
  std::unique_ptr<hailort::VDevice> vdevice;
  std::vector<hailo_device> devices;
  std::vector<hailo_configured_network_group> groups;
};
struct _hailo_hef {
  hailort::Hef hef;
};
struct _hailo_input_stream {
  hailort::InputStream& stream;
};
struct _hailo_output_stream {
  hailort::OutputStream& stream;
};
struct _hailo_configured_network_group {
  std::shared_ptr<hailort::ConfiguredNetworkGroup> group;
  std::vector<hailo_input_stream> inputs;
  std::vector<hailo_output_stream> outputs;
};
struct _hailo_activated_network_group {
  std::unique_ptr<hailort::ActivatedNetworkGroup> group;
};
struct _hailo_input_transform_context {
  std::unique_ptr<hailort::InputTransformContext> context;
};
struct _hailo_output_transform_context {
  std::unique_ptr<hailort::OutputTransformContext> context;
};
struct _hailo_output_demuxer {
  std::unique_ptr<hailort::OutputDemuxer> demuxer;
};
struct _hailo_input_vstream {
  hailort::InputVStream vstream;
};
struct _hailo_output_vstream {
  hailort::OutputVStream vstream;
};

namespace hailort {

/// The handles that are alive, so that one used after its release is an error and not a crash.
class Handles {
 public:
  template <class Object>
  static Object* keep(Object* object) {
    add(object);
    return object;
  }
  static void add(const void* object);
  /// False: it was not alive.
  static bool remove(const void* object);
  static bool alive(const void* object);
};

hailo_status bad_argument(const char* function, const char* what);

/// Copies as many entries as there are; `count` holds the room before and the number after.
template <class To, class From>
hailo_status copy_out(const From& from, To* to, size_t* count) {
  const size_t room = *count;
  *count = from.size();
  if (room < from.size())
    return refuse(HAILO_INSUFFICIENT_BUFFER, "room for ", room, " entries; there are ", from.size());
  size_t i = 0;
  for (const auto& one : from) to[i++] = one;
  return HAILO_SUCCESS;
}

Expected<std::vector<hailo_layer_name_t>> as_names(const Expected<std::vector<std::string>>& names);
/// "" for null.
inline std::string text(const char* name) { return name == nullptr ? std::string() : std::string(name); }

}  // namespace hailort

/// Checks a handle or a pointer; returns HAILO_INVALID_ARGUMENT from the C function.
#define HAILORT_ALIVE(handle) \
  if (!hailort::Handles::alive(handle)) return hailort::bad_argument(__func__, #handle)
#define HAILORT_NOT_NULL(pointer) \
  if ((pointer) == nullptr) return hailort::bad_argument(__func__, #pointer)
/// Declares x from an Expected, or returns its status from the C function.
#define HAILORT_GET(declaration, ...)                                                        \
  auto GRAUPEL_JOIN(expected_, __LINE__) = (__VA_ARGS__);                                    \
  if (!GRAUPEL_JOIN(expected_, __LINE__)) return GRAUPEL_JOIN(expected_, __LINE__).status(); \
  declaration = GRAUPEL_JOIN(expected_, __LINE__).release()
