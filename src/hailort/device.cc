#include "hailo/device.hpp"

#include <cstdio>
#include <cstring>

#include "hailo/dma_mapped_buffer.hpp"
#include "hailo/hailort_common.hpp"
#include "hailort/hef_impl.h"
#include "hailort/log.h"
#include "hailort/vdevice_impl.h"

namespace hailort {
namespace {

constexpr hailo_firmware_version_t kFirmware = {4, 23, 0};
constexpr uint32_t kControlProtocol = 2;
constexpr char kBoardName[] = "Hailo-8";
constexpr uint32_t kCoreClock = 400'000'000;  ///< Hz, a Hailo-8's

}  // namespace

class Device::Impl {
 public:
  DmaMappings mappings;
  std::shared_ptr<VirtualDevice> device;  ///< of configure(); made when it is needed
};

Device::Device(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
Device::~Device() {
  if (m_impl->device) m_impl->device->close();
}

Expected<std::vector<std::string>> Device::scan() { return std::vector<std::string>{VirtualDevice::kId}; }

Expected<std::vector<hailo_pcie_device_info_t>> Device::scan_pcie() {
  HAILORT_TRY(const hailo_pcie_device_info_t info, parse_pcie_device_info(VirtualDevice::kId));
  return std::vector<hailo_pcie_device_info_t>{info};
}

Expected<std::unique_ptr<Device>> Device::create() { return std::make_unique<Device>(std::make_unique<Impl>()); }

Expected<std::unique_ptr<Device>> Device::create(const std::string& device_id) {
  if (!device_ids_equal(device_id, VirtualDevice::kId))
    return refused(HAILO_NOT_FOUND, "there is no device '", device_id, "'; the only one is ", VirtualDevice::kId);
  return create();
}

Expected<std::unique_ptr<Device>> Device::create_pcie() { return create(); }

Expected<std::unique_ptr<Device>> Device::create_pcie(const hailo_pcie_device_info_t& device_info) {
  HAILORT_TRY(const std::string id, pcie_device_info_to_string(device_info));
  return create(id);
}

Expected<hailo_pcie_device_info_t> Device::parse_pcie_device_info(const std::string& text) {
  hailo_pcie_device_info_t info{};
  int used = 0;
  const char* form = "%x:%x:%x.%u%n";
  const int with_domain = std::sscanf(text.c_str(), form, &info.domain, &info.bus, &info.device, &info.func, &used);
  if (with_domain == 4 && static_cast<std::size_t>(used) == text.size()) return info;
  info.domain = HAILO_PCIE_ANY_DOMAIN;
  const int without = std::sscanf(text.c_str(), form + 3, &info.bus, &info.device, &info.func, &used);
  if (without == 3 && static_cast<std::size_t>(used) == text.size()) return info;
  return refused(HAILO_INVALID_ARGUMENT, "'", text, "' is no PCIe address; one looks like ", VirtualDevice::kId);
}

Expected<std::string> Device::pcie_device_info_to_string(const hailo_pcie_device_info_t& info) {
  char text[HAILO_MAX_DEVICE_ID_LENGTH];
  const bool any_domain = info.domain == HAILO_PCIE_ANY_DOMAIN;
  std::snprintf(text, sizeof text, "%04x:%02x:%02x.%u", any_domain ? 0 : info.domain, info.bus, info.device, info.func);
  return std::string(text);
}

Expected<Device::Type> Device::get_device_type(const std::string& device_id) {
  const auto info = parse_pcie_device_info(device_id);
  return info ? Expected<Type>(Type::PCIE) : Expected<Type>(make_unexpected(info.status()));
}

bool Device::device_ids_equal(const std::string& first, const std::string& second) {
  if (first == second) return true;
  const std::string& longer = first.size() > second.size() ? first : second;
  const std::string& shorter = first.size() > second.size() ? second : first;
  return longer == "0000:" + shorter;
}

Expected<NetworkGroupsParamsMap> Device::create_configure_params(Hef& hef) const {
  return hef.create_configure_params(HAILO_STREAM_INTERFACE_PCIE);
}

Expected<ConfigureNetworkParams> Device::create_configure_params(Hef& hef, const std::string& name) const {
  return hef.create_configure_params(HAILO_STREAM_INTERFACE_PCIE, name);
}

Expected<ConfiguredNetworkGroupVector> Device::configure(Hef& hef, const NetworkGroupsParamsMap& configure_params) {
  if (!m_impl->device) m_impl->device = std::make_shared<VirtualDevice>(false);
  return configure_on(m_impl->device, hef, configure_params);
}

Expected<hailo_device_identity_t> Device::identify() {
  hailo_device_identity_t identity{};
  identity.protocol_version = kControlProtocol;
  identity.fw_version = kFirmware;
  identity.board_name_length = sizeof kBoardName - 1;
  std::memcpy(identity.board_name, kBoardName, sizeof kBoardName);
  identity.is_release = true;
  identity.extended_context_switch_buffer = true;
  identity.device_architecture = HAILO_ARCH_HAILO8;
  return identity;
}

Expected<hailo_core_information_t> Device::core_identify() { return hailo_core_information_t{true, true, kFirmware}; }

Expected<hailo_extended_device_information_t> Device::get_extended_device_information() {
  hailo_extended_device_information_t information{};
  information.neural_network_core_clock_rate = kCoreClock;
  information.supported_features.pcie = true;
  information.boot_source = HAILO_DEVICE_BOOT_SOURCE_PCIE;
  return information;
}

Expected<hailo_device_architecture_t> Device::get_architecture() const {
  return Expected<hailo_device_architecture_t>(HAILO_ARCH_HAILO8);
}

const char* Device::get_dev_id() const { return VirtualDevice::kId; }

Expected<hailo_stream_interface_t> Device::get_default_streams_interface() const {
  return Expected<hailo_stream_interface_t>(HAILO_STREAM_INTERFACE_PCIE);
}

bool Device::is_stream_interface_supported(const hailo_stream_interface_t& stream_interface) const {
  return stream_interface == HAILO_STREAM_INTERFACE_PCIE;
}

Expected<Device::Capabilities> Device::get_capabilities() { return Capabilities{false, false, false}; }

hailo_status Device::set_notification_callback(const NotificationCallback& func,
                                               hailo_notification_id_t notification_id, void*) {
  if (!func || notification_id < 0 || notification_id >= HAILO_NOTIFICATION_ID_COUNT)
    return refuse(HAILO_INVALID_ARGUMENT, "a notification needs a callback and a known id");
  return HAILO_SUCCESS;
}

hailo_status Device::remove_notification_callback(hailo_notification_id_t notification_id) {
  if (notification_id < 0 || notification_id >= HAILO_NOTIFICATION_ID_COUNT)
    return refuse(HAILO_INVALID_ARGUMENT, "notification ", static_cast<int>(notification_id), " is not known");
  return HAILO_SUCCESS;
}

hailo_status Device::reset(hailo_reset_device_mode_t) { return HAILO_SUCCESS; }

hailo_status Device::dma_map(void* address, size_t size, hailo_dma_buffer_direction_t direction) {
  return m_impl->mappings.map(address, size, direction);
}

hailo_status Device::dma_unmap(void* address, size_t size, hailo_dma_buffer_direction_t direction) {
  return m_impl->mappings.unmap(address, size, direction);
}

class DmaMappedBuffer::Impl {
 public:
  std::function<void()> unmap;
  ~Impl() { unmap(); }
};

DmaMappedBuffer::DmaMappedBuffer(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
DmaMappedBuffer::~DmaMappedBuffer() = default;
DmaMappedBuffer::DmaMappedBuffer(DmaMappedBuffer&& other) = default;
DmaMappedBuffer& DmaMappedBuffer::operator=(DmaMappedBuffer&& other) = default;

Expected<DmaMappedBuffer> DmaMappedBuffer::create(VDevice& vdevice, void* user_address, size_t size,
                                                  hailo_dma_buffer_direction_t direction) {
  HAILORT_DO_EXPECTED(vdevice.dma_map(user_address, size, direction));
  auto impl = std::make_unique<Impl>();
  impl->unmap = [=, &vdevice] { vdevice.dma_unmap(user_address, size, direction); };
  return DmaMappedBuffer(std::move(impl));
}

Expected<DmaMappedBuffer> DmaMappedBuffer::create(Device& device, void* user_address, size_t size,
                                                  hailo_dma_buffer_direction_t direction) {
  HAILORT_DO_EXPECTED(device.dma_map(user_address, size, direction));
  auto impl = std::make_unique<Impl>();
  impl->unmap = [=, &device] { device.dma_unmap(user_address, size, direction); };
  return DmaMappedBuffer(std::move(impl));
}

}  // namespace hailort
