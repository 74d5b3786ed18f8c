// The C interface: the library, devices and virtual devices.
#include <unordered_set>

#include "hailort/c_api.h"

namespace hailort {
namespace {

struct Alive {
  std::mutex mutex;
  std::unordered_set<const void*> objects;
};

Alive& alive_handles() {
  static Alive* one = new Alive;  // outlives every static object that holds handles
  return *one;
}

}  // namespace

void Handles::add(const void* object) {
  Alive& alive = alive_handles();
  const std::lock_guard lock(alive.mutex);
  alive.objects.insert(object);
}

bool Handles::remove(const void* object) {
  Alive& alive = alive_handles();
  const std::lock_guard lock(alive.mutex);
  return alive.objects.erase(object) > 0;
}

bool Handles::alive(const void* object) {
  Alive& alive = alive_handles();
  const std::lock_guard lock(alive.mutex);
  return alive.objects.contains(object);
}

hailo_status bad_argument(const char* function, const char* what) {
  return refuse(HAILO_INVALID_ARGUMENT, function, "(): '", what, "' is null or was released");
}

Expected<std::vector<hailo_layer_name_t>> as_names(const Expected<std::vector<std::string>>& names) {
  if (!names) return make_unexpected(names.status());
  std::vector<hailo_layer_name_t> copies;
  for (const std::string& name : *names) {
    hailo_layer_name_t copy{};
    if (name.size() >= sizeof copy.name) return refused(HAILO_INTERNAL_FAILURE, "name '", name, "' is too long");
    name.copy(copy.name, name.size());
    copies.push_back(copy);
  }
  return copies;
}

namespace {

hailo_device device_handle(std::unique_ptr<Device> own, Device* device) {
  auto* handle = new _hailo_device;
  handle->own = std::move(own);
  handle->device = device;
  return Handles::keep(handle);
}

/// One entry per message, from the table of statuses.
const char* message_of(hailo_status status) {
  switch (status) {
#define HAILO_STATUS__X(value, name) \
  case name: return #name;
    HAILO_STATUS_VARIABLES
#undef HAILO_STATUS__X
    default: return nullptr;
  }
}

hailo_status lacking(const void* device, const char* function) {
  if (!Handles::alive(device)) return bad_argument(function, "device");
  return refuse(HAILO_NOT_SUPPORTED, function, "(): the virtual device has no such part");
}

}  // namespace
}  // namespace hailort

using namespace hailort;  // NOLINT: the definitions below are the interface's, in C

hailo_status hailo_get_library_version(hailo_version_t* version) {
  HAILORT_NOT_NULL(version);
  *version = {4, 23, 0};
  return HAILO_SUCCESS;
}

const char* hailo_get_status_message(hailo_status status) {
  const char* message = message_of(status);
  if (message == nullptr) log(LogLevel::kError, graupel::cat("status ", static_cast<int>(status), " is not known"));
  return message;
}

hailo_status hailo_scan_devices(hailo_scan_devices_params_t*, hailo_device_id_t* device_ids, size_t* count) {
  HAILORT_NOT_NULL(device_ids);
  HAILORT_NOT_NULL(count);
  HAILORT_GET(const auto found, Device::scan());
  HAILORT_GET(const auto ids, HailoRTCommon::to_device_ids_vector(found));
  return copy_out(ids, device_ids, count);
}

hailo_status hailo_create_device_by_id(const hailo_device_id_t* device_id, hailo_device* device) {
  HAILORT_NOT_NULL(device);
  HAILORT_GET(auto own, device_id == nullptr ? Device::create() : Device::create(std::string(device_id->id)));
  Device* raw = own.get();
  *device = device_handle(std::move(own), raw);
  return HAILO_SUCCESS;
}

hailo_status hailo_scan_pcie_devices(hailo_pcie_device_info_t* infos, size_t room, size_t* count) {
  HAILORT_NOT_NULL(infos);
  HAILORT_NOT_NULL(count);
  HAILORT_GET(const auto found, Device::scan_pcie());
  *count = room;
  return copy_out(found, infos, count);
}

hailo_status hailo_parse_pcie_device_info(const char* text, hailo_pcie_device_info_t* device_info) {
  HAILORT_NOT_NULL(text);
  HAILORT_NOT_NULL(device_info);
  HAILORT_GET(*device_info, Device::parse_pcie_device_info(text));
  return HAILO_SUCCESS;
}

hailo_status hailo_create_pcie_device(hailo_pcie_device_info_t* device_info, hailo_device* device) {
  HAILORT_NOT_NULL(device);
  HAILORT_GET(auto own, device_info == nullptr ? Device::create_pcie() : Device::create_pcie(*device_info));
  Device* raw = own.get();
  *device = device_handle(std::move(own), raw);
  return HAILO_SUCCESS;
}

hailo_status hailo_scan_ethernet_devices(const char*, hailo_eth_device_info_t*, size_t, size_t* count, uint32_t) {
  HAILORT_NOT_NULL(count);
  *count = 0;
  return Device::scan_eth({}, {}).status();
}

hailo_status hailo_create_ethernet_device(hailo_eth_device_info_t* device_info, hailo_device* device) {
  HAILORT_NOT_NULL(device_info);
  HAILORT_NOT_NULL(device);
  return Device::create_eth(*device_info).status();
}

hailo_status hailo_device_get_type_by_device_id(const hailo_device_id_t* device_id, hailo_device_type_t* device_type) {
  HAILORT_NOT_NULL(device_id);
  HAILORT_NOT_NULL(device_type);
  HAILORT_GET(const Device::Type type, Device::get_device_type(device_id->id));
  *device_type = static_cast<hailo_device_type_t>(type);
  return HAILO_SUCCESS;
}

hailo_status hailo_identify(hailo_device device, hailo_device_identity_t* device_identity) {
  HAILORT_ALIVE(device);
  HAILORT_NOT_NULL(device_identity);
  HAILORT_GET(*device_identity, device->device->identify());
  return HAILO_SUCCESS;
}

hailo_status hailo_core_identify(hailo_device device, hailo_core_information_t* core_information) {
  HAILORT_ALIVE(device);
  HAILORT_NOT_NULL(core_information);
  HAILORT_GET(*core_information, device->device->core_identify());
  return HAILO_SUCCESS;
}

hailo_status hailo_get_extended_device_information(hailo_device device, hailo_extended_device_information_t* out) {
  HAILORT_ALIVE(device);
  HAILORT_NOT_NULL(out);
  HAILORT_GET(*out, device->device->get_extended_device_information());
  return HAILO_SUCCESS;
}

hailo_status hailo_get_device_id(hailo_device device, hailo_device_id_t* id) {
  HAILORT_ALIVE(device);
  HAILORT_NOT_NULL(id);
  HAILORT_GET(*id, HailoRTCommon::to_device_id(device->device->get_dev_id()));
  return HAILO_SUCCESS;
}

hailo_status hailo_get_chip_temperature(hailo_device device, hailo_chip_temperature_info_t* temp_info) {
  HAILORT_ALIVE(device);
  HAILORT_NOT_NULL(temp_info);
  HAILORT_GET(*temp_info, device->device->get_chip_temperature());
  return HAILO_SUCCESS;
}

hailo_status hailo_reset_device(hailo_device device, hailo_reset_device_mode_t mode) {
  HAILORT_ALIVE(device);
  return device->device->reset(mode);
}

hailo_status hailo_set_notification_callback(hailo_device device, hailo_notification_callback callback,
                                             hailo_notification_id_t notification_id, void* opaque) {
  HAILORT_ALIVE(device);
  HAILORT_NOT_NULL(callback);
  const NotificationCallback call = [=](Device&, const hailo_notification_t& notification, void* own) {
    callback(device, &notification, own);
  };
  return device->device->set_notification_callback(call, notification_id, opaque);
}

hailo_status hailo_remove_notification_callback(hailo_device device, hailo_notification_id_t notification_id) {
  HAILORT_ALIVE(device);
  return device->device->remove_notification_callback(notification_id);
}

hailo_status hailo_init_vdevice_params(hailo_vdevice_params_t* params) {
  HAILORT_NOT_NULL(params);
  *params = HailoRTDefaults::get_vdevice_params();
  return HAILO_SUCCESS;
}

hailo_status hailo_create_vdevice(hailo_vdevice_params_t* params, hailo_vdevice* vdevice) {
  HAILORT_NOT_NULL(vdevice);
  HAILORT_GET(auto own, params == nullptr ? VDevice::create() : VDevice::create(*params));
  auto* handle = new _hailo_vdevice;
  handle->vdevice = std::move(own);
  HAILORT_GET(const auto devices, handle->vdevice->get_physical_devices());
  for (Device& device : devices) handle->devices.push_back(device_handle(nullptr, &device));
  *vdevice = Handles::keep(handle);
  return HAILO_SUCCESS;
}

hailo_status hailo_get_physical_devices(hailo_vdevice vdevice, hailo_device* devices, size_t* number_of_devices) {
  HAILORT_ALIVE(vdevice);
  HAILORT_NOT_NULL(devices);
  HAILORT_NOT_NULL(number_of_devices);
  return copy_out(vdevice->devices, devices, number_of_devices);
}

hailo_status hailo_vdevice_get_physical_devices_ids(hailo_vdevice vdevice, hailo_device_id_t* ids, size_t* count) {
  HAILORT_ALIVE(vdevice);
  HAILORT_NOT_NULL(ids);
  HAILORT_NOT_NULL(count);
  HAILORT_GET(const auto found, vdevice->vdevice->get_physical_devices_ids());
  HAILORT_GET(const auto copies, HailoRTCommon::to_device_ids_vector(found));
  return copy_out(copies, ids, count);
}

hailo_status hailo_power_measurement(hailo_device device, hailo_dvm_options_t dvm,
                                     hailo_power_measurement_types_t measurement_type, float32_t* measurement) {
  HAILORT_ALIVE(device);
  HAILORT_NOT_NULL(measurement);
  HAILORT_GET(*measurement, device->device->power_measurement(dvm, measurement_type));
  return HAILO_SUCCESS;
}

hailo_status hailo_start_power_measurement(hailo_device device, hailo_averaging_factor_t averaging_factor,
                                           hailo_sampling_period_t sampling_period) {
  HAILORT_ALIVE(device);
  return device->device->start_power_measurement(averaging_factor, sampling_period);
}

hailo_status hailo_set_power_measurement(hailo_device device, hailo_measurement_buffer_index_t buffer_index,
                                         hailo_dvm_options_t dvm, hailo_power_measurement_types_t measurement_type) {
  HAILORT_ALIVE(device);
  return device->device->set_power_measurement(buffer_index, dvm, measurement_type);
}

hailo_status hailo_get_power_measurement(hailo_device device, hailo_measurement_buffer_index_t buffer_index,
                                         bool should_clear, hailo_power_measurement_data_t* measurement_data) {
  HAILORT_ALIVE(device);
  HAILORT_NOT_NULL(measurement_data);
  HAILORT_GET(*measurement_data, device->device->get_power_measurement(buffer_index, should_clear));
  return HAILO_SUCCESS;
}

hailo_status hailo_stop_power_measurement(hailo_device device) {
  HAILORT_ALIVE(device);
  return device->device->stop_power_measurement();
}

// Parts of a chip that the virtual device lacks.
hailo_status hailo_set_fw_logger(hailo_device d, hailo_fw_logger_level_t, uint32_t) { return lacking(d, __func__); }
hailo_status hailo_set_throttling_state(hailo_device d, bool) { return lacking(d, __func__); }
hailo_status hailo_get_throttling_state(hailo_device d, bool*) { return lacking(d, __func__); }
hailo_status hailo_wd_enable(hailo_device d, hailo_cpu_id_t) { return lacking(d, __func__); }
hailo_status hailo_wd_disable(hailo_device d, hailo_cpu_id_t) { return lacking(d, __func__); }
hailo_status hailo_wd_config(hailo_device d, hailo_cpu_id_t, uint32_t, hailo_watchdog_mode_t) {
  return lacking(d, __func__);
}
hailo_status hailo_get_previous_system_state(hailo_device d, hailo_cpu_id_t, uint32_t*) { return lacking(d, __func__); }
hailo_status hailo_set_pause_frames(hailo_device d, bool) { return lacking(d, __func__); }
hailo_status hailo_update_firmware(hailo_device d, void*, uint32_t) { return lacking(d, __func__); }
hailo_status hailo_update_second_stage(hailo_device d, void*, uint32_t) { return lacking(d, __func__); }
hailo_status hailo_reset_sensor(hailo_device d, uint8_t) { return lacking(d, __func__); }
hailo_status hailo_set_sensor_i2c_bus_index(hailo_device d, hailo_sensor_types_t, uint8_t) {
  return lacking(d, __func__);
}
hailo_status hailo_load_and_start_sensor(hailo_device d, uint8_t) { return lacking(d, __func__); }
hailo_status hailo_i2c_read(hailo_device d, const hailo_i2c_slave_config_t*, uint32_t, uint8_t*, uint32_t) {
  return lacking(d, __func__);
}
hailo_status hailo_i2c_write(hailo_device d, const hailo_i2c_slave_config_t*, uint32_t, const uint8_t*, uint32_t) {
  return lacking(d, __func__);
}
hailo_status hailo_dump_sensor_config(hailo_device d, uint8_t, const char*) { return lacking(d, __func__); }
hailo_status hailo_store_sensor_config(hailo_device d, uint32_t, hailo_sensor_types_t, uint32_t, uint16_t, uint16_t,
                                       uint16_t, const char*, const char*) {
  return lacking(d, __func__);
}
hailo_status hailo_store_isp_config(hailo_device d, uint32_t, uint16_t, uint16_t, uint16_t, const char*, const char*,
                                    const char*) {
  return lacking(d, __func__);
}
hailo_status hailo_test_chip_memories(hailo_device d) { return lacking(d, __func__); }
hailo_status hailo_set_sleep_state(hailo_device d, hailo_sleep_state_t) { return lacking(d, __func__); }
