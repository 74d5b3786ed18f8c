// The C interface: configured network groups.
#include "hailort/c_api.h"

namespace hailort {
namespace {

NetworkGroupsParamsMap by_name(const hailo_configure_params_t* params) {
  NetworkGroupsParamsMap map;
  if (params == nullptr) return map;
  for (size_t i = 0; i < params->network_group_params_count; ++i)
    map.emplace(params->network_group_params[i].name, ConfigureNetworkParams(params->network_group_params[i]));
  return map;
}

hailo_configured_network_group group_handle(std::shared_ptr<ConfiguredNetworkGroup> group) {
  auto* handle = new _hailo_configured_network_group;
  for (InputStream& stream : group->get_input_streams())
    handle->inputs.push_back(Handles::keep(new _hailo_input_stream{stream}));
  for (OutputStream& stream : group->get_output_streams())
    handle->outputs.push_back(Handles::keep(new _hailo_output_stream{stream}));
  handle->group = std::move(group);
  return Handles::keep(handle);
}

void release_group(hailo_configured_network_group group) {
  for (hailo_input_stream stream : group->inputs) {
    Handles::remove(stream);
    delete stream;
  }
  for (hailo_output_stream stream : group->outputs) {
    Handles::remove(stream);
    delete stream;
  }
  Handles::remove(group);
  delete group;
}

/// Where the handles of configured groups go until the device is released.
hailo_status hand_out(const ConfiguredNetworkGroupVector& groups, std::vector<hailo_configured_network_group>& kept,
                      hailo_configured_network_group* out, size_t* count) {
  std::vector<hailo_configured_network_group> handles;
  for (const auto& group : groups) handles.push_back(group_handle(group));
  kept.insert(kept.end(), handles.begin(), handles.end());
  return copy_out(handles, out, count);
}

/// Groups of devices that are no virtual device's, by device.
struct DeviceGroups {
  std::mutex mutex;
  std::map<hailo_device, std::vector<hailo_configured_network_group>> by_device;
};

DeviceGroups& device_groups() {
  static DeviceGroups* one = new DeviceGroups;
  return *one;
}

}  // namespace
}  // namespace hailort

using namespace hailort;  // NOLINT: the definitions below are the interface's, in C

hailo_status hailo_configure_vdevice(hailo_vdevice vdevice, hailo_hef hef, hailo_configure_params_t* params,
                                     hailo_configured_network_group* network_groups, size_t* count) {
  HAILORT_ALIVE(vdevice);
  HAILORT_ALIVE(hef);
  HAILORT_NOT_NULL(network_groups);
  HAILORT_NOT_NULL(count);
  HAILORT_GET(const auto groups, vdevice->vdevice->configure(hef->hef, by_name(params)));
  return hand_out(groups, vdevice->groups, network_groups, count);
}

hailo_status hailo_configure_device(hailo_device device, hailo_hef hef, hailo_configure_params_t* params,
                                    hailo_configured_network_group* network_groups, size_t* count) {
  HAILORT_ALIVE(device);
  HAILORT_ALIVE(hef);
  HAILORT_NOT_NULL(network_groups);
  HAILORT_NOT_NULL(count);
  HAILORT_GET(const auto groups, device->device->configure(hef->hef, by_name(params)));
  DeviceGroups& all = device_groups();
  const std::lock_guard lock(all.mutex);
  return hand_out(groups, all.by_device[device], network_groups, count);
}

hailo_status hailo_release_vdevice(hailo_vdevice vdevice) {
  HAILORT_ALIVE(vdevice);
  Handles::remove(vdevice);
  for (hailo_configured_network_group group : vdevice->groups) release_group(group);
  for (hailo_device device : vdevice->devices) {
    Handles::remove(device);
    delete device;
  }
  delete vdevice;
  return HAILO_SUCCESS;
}

hailo_status hailo_release_device(hailo_device device) {
  HAILORT_ALIVE(device);
  if (!device->own) return refuse(HAILO_INVALID_OPERATION, "a device of a virtual device is released with it");
  Handles::remove(device);
  {
    DeviceGroups& all = device_groups();
    const std::lock_guard lock(all.mutex);
    for (hailo_configured_network_group group : all.by_device[device]) release_group(group);
    all.by_device.erase(device);
  }
  delete device;
  return HAILO_SUCCESS;
}

hailo_status hailo_activate_network_group(hailo_configured_network_group network_group,
                                          hailo_activate_network_group_params_t* activation_params,
                                          hailo_activated_network_group* activated) {
  HAILORT_ALIVE(network_group);
  HAILORT_NOT_NULL(activated);
  HAILORT_GET(auto own, activation_params == nullptr ? network_group->group->activate()
                                                     : network_group->group->activate(*activation_params));
  *activated = Handles::keep(new _hailo_activated_network_group{std::move(own)});
  return HAILO_SUCCESS;
}

hailo_status hailo_deactivate_network_group(hailo_activated_network_group activated_network_group) {
  HAILORT_ALIVE(activated_network_group);
  Handles::remove(activated_network_group);
  delete activated_network_group;
  return HAILO_SUCCESS;
}

hailo_status hailo_wait_for_network_group_activation(hailo_configured_network_group network_group,
                                                     uint32_t timeout_ms) {
  HAILORT_ALIVE(network_group);
  return network_group->group->wait_for_activation(std::chrono::milliseconds(timeout_ms));
}

hailo_status hailo_shutdown_network_group(hailo_configured_network_group network_group) {
  HAILORT_ALIVE(network_group);
  return network_group->group->shutdown();
}

hailo_status hailo_get_input_stream(hailo_configured_network_group group, const char* stream_name,
                                    hailo_input_stream* stream) {
  HAILORT_ALIVE(group);
  HAILORT_NOT_NULL(stream_name);
  HAILORT_NOT_NULL(stream);
  for (hailo_input_stream one : group->inputs)
    if (one->stream.name() == stream_name) {
      *stream = one;
      return HAILO_SUCCESS;
    }
  return refuse(HAILO_NOT_FOUND, "there is no input stream '", stream_name, "'");
}

hailo_status hailo_get_output_stream(hailo_configured_network_group group, const char* stream_name,
                                     hailo_output_stream* stream) {
  HAILORT_ALIVE(group);
  HAILORT_NOT_NULL(stream_name);
  HAILORT_NOT_NULL(stream);
  for (hailo_output_stream one : group->outputs)
    if (one->stream.name() == stream_name) {
      *stream = one;
      return HAILO_SUCCESS;
    }
  return refuse(HAILO_NOT_FOUND, "there is no output stream '", stream_name, "'");
}

hailo_status hailo_get_latency_measurement(hailo_configured_network_group group, const char* network_name,
                                           hailo_latency_measurement_result_t* result) {
  HAILORT_ALIVE(group);
  HAILORT_NOT_NULL(result);
  HAILORT_GET(const LatencyMeasurementResult measured, group->group->get_latency_measurement(text(network_name)));
  result->avg_hw_latency_ms = std::chrono::duration<double, std::milli>(measured.avg_hw_latency).count();
  return HAILO_SUCCESS;
}

hailo_status hailo_set_scheduler_timeout(hailo_configured_network_group group, uint32_t timeout_ms,
                                         const char* network_name) {
  HAILORT_ALIVE(group);
  return group->group->set_scheduler_timeout(std::chrono::milliseconds(timeout_ms), text(network_name));
}

hailo_status hailo_set_scheduler_threshold(hailo_configured_network_group group, uint32_t threshold,
                                           const char* network_name) {
  HAILORT_ALIVE(group);
  return group->group->set_scheduler_threshold(threshold, text(network_name));
}

hailo_status hailo_set_scheduler_priority(hailo_configured_network_group group, uint8_t priority,
                                          const char* network_name) {
  HAILORT_ALIVE(group);
  return group->group->set_scheduler_priority(priority, text(network_name));
}
