#include "hailo/vdevice.hpp"

#include <map>

#include "hailo/dma_mapped_buffer.hpp"
#include "hailo/hailort_common.hpp"
#include "hailo/hailort_defaults.hpp"
#include "hailort/log.h"
#include "hailort/network_group_impl.h"
#include "hailort/vdevice_impl.h"

namespace hailort {
namespace {

/// Who holds the physical device in this process.
struct Holder {
  std::mutex mutex;
  std::string group_id;
  std::weak_ptr<VirtualDevice> device;
  int sharers = 0;  ///< public virtual devices on it
};

Holder& holder() {
  static Holder one;
  return one;
}

Expected<std::shared_ptr<VirtualDevice>> take_device(const std::string& group_id, bool scheduled) {
  Holder& held = holder();
  const std::lock_guard lock(held.mutex);
  std::shared_ptr<VirtualDevice> device = held.device.lock();
  if (held.sharers > 0) {
    if (group_id != HAILO_UNIQUE_VDEVICE_GROUP_ID && group_id == held.group_id) {
      ++held.sharers;
      return device;
    }
    return refused(HAILO_OUT_OF_PHYSICAL_DEVICES, "the device ", VirtualDevice::kId,
                   " is held by a virtual device of group '", held.group_id,
                   "' in this process; release it, or share it with an equal group_id other than '",
                   HAILO_UNIQUE_VDEVICE_GROUP_ID, "'");
  }
  device = std::make_shared<VirtualDevice>(scheduled);
  held.device = device;
  held.group_id = group_id;
  held.sharers = 1;
  return device;
}

hailo_status check(const hailo_vdevice_params_t& params) {
  if (params.scheduling_algorithm != HAILO_SCHEDULING_ALGORITHM_NONE &&
      params.scheduling_algorithm != HAILO_SCHEDULING_ALGORITHM_ROUND_ROBIN)
    return refuse(HAILO_INVALID_ARGUMENT, "scheduling algorithm ", static_cast<int>(params.scheduling_algorithm),
                  " is not known");
  if (params.multi_process_service && params.scheduling_algorithm == HAILO_SCHEDULING_ALGORITHM_NONE)
    return refuse(HAILO_INVALID_ARGUMENT, "a virtual device of the service has a scheduler; NONE is asked for");
  if (params.device_count == 0)
    return refuse(HAILO_INVALID_ARGUMENT,
                  "a virtual device of 0 devices; initialize the parameters with hailo_init_vdevice_params()");
  if (params.device_count > 1)
    return refuse(HAILO_OUT_OF_PHYSICAL_DEVICES, params.device_count, " devices are asked for; there is one");
  if (params.device_ids != nullptr && !Device::device_ids_equal(params.device_ids[0].id, VirtualDevice::kId))
    return refuse(HAILO_NOT_FOUND, "there is no device '", params.device_ids[0].id, "'; the only one is ",
                  VirtualDevice::kId);
  return HAILO_SUCCESS;
}

/// A device whose frames the service runs.
Expected<std::shared_ptr<VirtualDevice>> join_service(const std::string& group_id) {
  std::unique_ptr<ServiceDevice> service;
  const ServiceStatus connected = connect_to_service(group_id, service);
  if (!connected.ok()) return refused(connected.code, connected.why);
  return std::make_shared<VirtualDevice>(true, std::move(service));
}

template <class Pointer, class Made>
Expected<Pointer> as(Made made) {
  if (!made) return make_unexpected(made.status());
  return Pointer(made.release());
}

hailo_status no_dmabuf() {
  return refuse(HAILO_NOT_SUPPORTED, "DMA buffers are the kernel's; the virtual device takes plain memory");
}

}  // namespace

hailo_status DmaMappings::map(const void* address, size_t size, hailo_dma_buffer_direction_t direction) {
  if (address == nullptr || size == 0) return refuse(HAILO_INVALID_ARGUMENT, "a mapping of no memory");
  const std::lock_guard lock(mutex_);
  return mapped_.insert({address, size, direction}).second ? HAILO_SUCCESS : HAILO_DMA_MAPPING_ALREADY_EXISTS;
}

hailo_status DmaMappings::unmap(const void* address, size_t size, hailo_dma_buffer_direction_t direction) {
  const std::lock_guard lock(mutex_);
  return mapped_.erase({address, size, direction}) > 0
             ? HAILO_SUCCESS
             : refuse(HAILO_NOT_FOUND, "a mapping that was not made cannot be undone");
}

Expected<ConfiguredNetworkGroupVector> configure_on(std::shared_ptr<VirtualDevice> device, const Hef& hef,
                                                    const NetworkGroupsParamsMap& params) {
  if (hef.impl()->group().empty()) return refused(HAILO_INVALID_HEF, "the HEF has no network group");
  const auto own = params.find(hef.impl()->group());
  ConfigureNetworkParams used;
  if (own != params.end()) {
    used = own->second;
  } else {
    HAILORT_TRY(used, Hef(hef).create_configure_params(HAILO_STREAM_INTERFACE_PCIE, hef.impl()->group()));
  }
  HAILORT_TRY(auto impl, ConfiguredNetworkGroup::Impl::create(std::move(device), hef.impl(), used));
  return ConfiguredNetworkGroupVector{ConfiguredNetworkGroup::Impl::wrap(std::move(impl))};
}

VDevice::VDevice(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}

VDevice::~VDevice() {
  if (!m_impl->params.multi_process_service) {
    Holder& held = holder();
    const std::lock_guard lock(held.mutex);
    if (--held.sharers > 0) return;
  }
  m_impl->device->close();  // the last of the group: what is still configured on the device ends
}

Expected<std::unique_ptr<VDevice>> VDevice::create(const hailo_vdevice_params_t& params) {
  HAILORT_DO_EXPECTED(check(params));
  auto impl = std::make_unique<Impl>();
  impl->params = params;
  impl->group_id = params.group_id == nullptr ? HAILO_UNIQUE_VDEVICE_GROUP_ID : params.group_id;
  impl->params.group_id = impl->group_id.c_str();
  impl->params.device_ids = nullptr;
  HAILORT_TRY(impl->physical, Device::create());
  const bool scheduled = params.scheduling_algorithm != HAILO_SCHEDULING_ALGORITHM_NONE;
  HAILORT_TRY(impl->device,
              params.multi_process_service ? join_service(impl->group_id) : take_device(impl->group_id, scheduled));
  return std::make_unique<VDevice>(std::move(impl));
}

Expected<std::unique_ptr<VDevice>> VDevice::create() { return create(HailoRTDefaults::get_vdevice_params()); }

Expected<std::unique_ptr<VDevice>> VDevice::create(const std::vector<std::string>& device_ids) {
  HAILORT_TRY(std::vector<hailo_device_id_t> ids, HailoRTCommon::to_device_ids_vector(device_ids));
  hailo_vdevice_params_t params = HailoRTDefaults::get_vdevice_params();
  params.device_count = static_cast<uint32_t>(ids.size());
  params.device_ids = ids.data();
  params.scheduling_algorithm = HAILO_SCHEDULING_ALGORITHM_NONE;
  return create(params);
}

Expected<std::shared_ptr<VDevice>> VDevice::create_shared(const hailo_vdevice_params_t& params) {
  return as<std::shared_ptr<VDevice>>(create(params));
}
Expected<std::shared_ptr<VDevice>> VDevice::create_shared() { return as<std::shared_ptr<VDevice>>(create()); }
Expected<std::shared_ptr<VDevice>> VDevice::create_shared(const std::vector<std::string>& device_ids) {
  return as<std::shared_ptr<VDevice>>(create(device_ids));
}

Expected<ConfiguredNetworkGroupVector> VDevice::configure(Hef& hef, const NetworkGroupsParamsMap& configure_params) {
  return configure_on(m_impl->device, hef, configure_params);
}

Expected<std::vector<std::reference_wrapper<Device>>> VDevice::get_physical_devices() const {
  return std::vector<std::reference_wrapper<Device>>{*m_impl->physical};
}

Expected<std::vector<std::string>> VDevice::get_physical_devices_ids() const {
  return std::vector<std::string>{VirtualDevice::kId};
}

Expected<hailo_stream_interface_t> VDevice::get_default_streams_interface() const {
  return Expected<hailo_stream_interface_t>(HAILO_STREAM_INTERFACE_PCIE);
}

Expected<NetworkGroupsParamsMap> VDevice::create_configure_params(Hef& hef) const {
  return hef.create_configure_params(HAILO_STREAM_INTERFACE_PCIE);
}

Expected<ConfigureNetworkParams> VDevice::create_configure_params(Hef& hef,
                                                                  const std::string& network_group_name) const {
  return hef.create_configure_params(HAILO_STREAM_INTERFACE_PCIE, network_group_name);
}

hailo_status VDevice::dma_map(void* address, size_t size, hailo_dma_buffer_direction_t direction) {
  return m_impl->mappings.map(address, size, direction);
}
hailo_status VDevice::dma_unmap(void* address, size_t size, hailo_dma_buffer_direction_t direction) {
  return m_impl->mappings.unmap(address, size, direction);
}
hailo_status VDevice::dma_map_dmabuf(int, size_t, hailo_dma_buffer_direction_t) { return no_dmabuf(); }
hailo_status VDevice::dma_unmap_dmabuf(int, size_t, hailo_dma_buffer_direction_t) { return no_dmabuf(); }

const hailo_vdevice_params_t VDevice::get_params() const { return m_impl->params; }

}  // namespace hailort
