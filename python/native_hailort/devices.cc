// HEF, device and virtual device.
#include <pybind11/functional.h>
#include <pybind11/stl.h>

#include "native_hailort/bindings.h"

namespace graupel::platform {
namespace {

using hailort::Device;
using hailort::HailoRTDefaults;
using hailort::Hef;
using hailort::VDevice;

/// hailo_vdevice_params_t that owns what it points to.
struct VDeviceParams {
  int scheduling_algorithm = HAILO_SCHEDULING_ALGORITHM_NONE;
  std::string group_id = HAILO_UNIQUE_VDEVICE_GROUP_ID;
  uint32_t device_count = HAILO_DEFAULT_DEVICE_COUNT;
  std::vector<std::string> device_ids;
  bool multi_process_service = false;
};

std::shared_ptr<VDevice> create_vdevice(const VDeviceParams& own) {
  hailo_vdevice_params_t params = HailoRTDefaults::get_vdevice_params();
  params.scheduling_algorithm = static_cast<hailo_scheduling_algorithm_t>(own.scheduling_algorithm);
  params.group_id = own.group_id.c_str();
  params.device_count = own.device_count;
  params.multi_process_service = own.multi_process_service;
  std::vector<hailo_device_id_t> ids;
  if (!own.device_ids.empty()) {
    if (own.device_ids.size() != own.device_count) throw StatusError{HAILO_INVALID_OPERATION};
    ids = take(hailort::HailoRTCommon::to_device_ids_vector(own.device_ids));
    params.device_ids = ids.data();
  }
  return take(VDevice::create_shared(params));
}

void bind_hef(py::module_& module) {
  const auto group = py::arg("name") = "";
  py::class_<Hef>(module, "Hef")
      .def_static("create_from_file", [](const std::string& path) { return take(Hef::create(path)); })
      .def_static("create_from_buffer",
                  [](const py::bytes& bytes) {
                    const std::string_view text = bytes;
                    return take(Hef::create(hailort::MemoryView::create_const(text.data(), text.size())));
                  })
      .def("get_network_group_names", &Hef::get_network_groups_names)
      .def("get_network_groups_infos", [](const Hef& hef) { return take(hef.get_network_groups_infos()); })
      .def("get_networks_names",
           [](const Hef& hef, const std::string& name) {
             std::vector<std::string> names;
             for (const hailo_network_info_t& info : take(hef.get_network_infos(name))) names.emplace_back(info.name);
             return names;
           })
      .def(
          "get_input_vstream_infos",
          [](const Hef& h, const std::string& n) { return take(h.get_input_vstream_infos(n)); }, group)
      .def(
          "get_output_vstream_infos",
          [](const Hef& h, const std::string& n) { return take(h.get_output_vstream_infos(n)); }, group)
      .def(
          "get_all_vstream_infos", [](const Hef& h, const std::string& n) { return take(h.get_all_vstream_infos(n)); },
          group)
      .def(
          "get_input_stream_infos",
          [](const Hef& h, const std::string& n) { return take(h.get_input_stream_infos(n)); }, group)
      .def(
          "get_output_stream_infos",
          [](const Hef& h, const std::string& n) { return take(h.get_output_stream_infos(n)); }, group)
      .def(
          "get_all_stream_infos", [](const Hef& h, const std::string& n) { return take(h.get_all_stream_infos(n)); },
          group)
      .def(
          "get_sorted_output_names",
          [](const Hef& h, const std::string& n) { return take(h.get_sorted_output_names(n)); }, group)
      .def(
          "get_bottleneck_fps", [](const Hef& h, const std::string& n) { return take(h.get_bottleneck_fps(n)); }, group)
      .def("get_vstream_name_from_original_name",
           [](const Hef& h, const std::string& a, const std::string& n) {
             return take(h.get_vstream_name_from_original_name(a, n));
           })
      .def("get_original_names_from_vstream_name",
           [](const Hef& h, const std::string& a, const std::string& n) {
             return take(h.get_original_names_from_vstream_name(a, n));
           })
      .def("get_vstream_names_from_stream_name",
           [](const Hef& h, const std::string& a, const std::string& n) {
             return take(h.get_vstream_names_from_stream_name(a, n));
           })
      .def("get_stream_names_from_vstream_name",
           [](const Hef& h, const std::string& a, const std::string& n) {
             return take(h.get_stream_names_from_vstream_name(a, n));
           })
      .def("create_configure_params",
           [](Hef& hef, hailo_stream_interface_t interface) { return take(hef.create_configure_params(interface)); })
      .def("create_configure_params_mipi_input", [](Hef& hef, hailo_stream_interface_t interface) {
        const hailo_mipi_input_stream_params_t camera = HAILO_MIPI_INPUT_STREAM_PARAMS_DEFAULT;
        return take(hef.create_configure_params_mipi_input(interface, camera));
      });
}

template <std::size_t n>
py::bytes as_bytes(const uint8_t (&array)[n]) {
  return py::bytes(reinterpret_cast<const char*>(array), n);
}

void bind_extended_information(py::module_& module) {
  using Extended = hailo_extended_device_information_t;
  py::class_<hailo_device_supported_features_t>(module, "SupportedFeatures")
      .def_readonly("ethernet", &hailo_device_supported_features_t::ethernet)
      .def_readonly("mipi", &hailo_device_supported_features_t::mipi)
      .def_readonly("pcie", &hailo_device_supported_features_t::pcie)
      .def_readonly("current_monitoring", &hailo_device_supported_features_t::current_monitoring)
      .def_readonly("mdio", &hailo_device_supported_features_t::mdio);
  py::class_<Extended>(module, "ExtendedDeviceInformation")
      .def_readonly("neural_network_core_clock_rate", &Extended::neural_network_core_clock_rate)
      .def_readonly("supported_features", &Extended::supported_features)
      .def_readonly("boot_source", &Extended::boot_source)
      .def_readonly("lcs", &Extended::lcs)
      .def_readonly("gpio_mask", &Extended::gpio_mask)
      .def_property_readonly("soc_id", [](const Extended& it) { return as_bytes(it.soc_id); })
      .def_property_readonly("eth_mac_address", [](const Extended& it) { return as_bytes(it.eth_mac_address); })
      .def_property_readonly("unit_level_tracking_id",
                             [](const Extended& it) { return as_bytes(it.unit_level_tracking_id); })
      .def_property_readonly("soc_pm_values", [](const Extended& it) { return as_bytes(it.soc_pm_values); });
}

void bind_device(py::module_& module) {
  py::class_<hailo_device_identity_t>(module, "BoardInformation")
      .def_readonly("protocol_version", &hailo_device_identity_t::protocol_version)
      .def_property_readonly("fw_version",
                             [](const hailo_device_identity_t& it) {
                               return py::make_tuple(it.fw_version.major, it.fw_version.minor, it.fw_version.revision);
                             })
      .def_readonly("logger_version", &hailo_device_identity_t::logger_version)
      .def_readonly("is_release", &hailo_device_identity_t::is_release)
      .def_readonly("extended_context_switch_buffer", &hailo_device_identity_t::extended_context_switch_buffer)
      .def_property_readonly("device_architecture",
                             [](const hailo_device_identity_t& it) { return static_cast<int>(it.device_architecture); })
      .def_property_readonly(
          "board_name",
          [](const hailo_device_identity_t& it) { return std::string(it.board_name, it.board_name_length); })
      .def_property_readonly(
          "serial_number",
          [](const hailo_device_identity_t& it) { return std::string(it.serial_number, it.serial_number_length); })
      .def_property_readonly(
          "part_number",
          [](const hailo_device_identity_t& it) { return std::string(it.part_number, it.part_number_length); })
      .def_property_readonly("product_name", [](const hailo_device_identity_t& it) {
        return std::string(it.product_name, it.product_name_length);
      });
  py::class_<Device, std::shared_ptr<Device>>(module, "Device")
      .def_static("scan", [] { return take(Device::scan()); })
      .def_static("create",
                  [](const std::string& id) {
                    return std::shared_ptr<Device>(take(id.empty() ? Device::create() : Device::create(id)));
                  })
      .def_property_readonly("device_id", [](const Device& device) { return std::string(device.get_dev_id()); })
      .def("identify", [](Device& device) { return take(device.identify()); })
      .def("core_identify",
           [](Device& device) {
             const hailo_core_information_t it = take(device.core_identify());
             return py::make_tuple(it.fw_version.major, it.fw_version.minor, it.fw_version.revision, it.is_release,
                                   it.extended_context_switch_buffer);
           })
      .def("get_extended_device_information",
           [](Device& device) { return take(device.get_extended_device_information()); })
      .def("reset",
           [](Device& device, int mode) { require(device.reset(static_cast<hailo_reset_device_mode_t>(mode))); })
      .def("get_chip_temperature",
           [](Device& device) {
             const hailo_chip_temperature_info_t it = take(device.get_chip_temperature());
             return py::make_tuple(it.ts0_temperature, it.ts1_temperature, it.sample_count);
           })
      .def("power_measurement", [](Device& device, hailo_dvm_options_t dvm, hailo_power_measurement_types_t type) {
        return take(device.power_measurement(dvm, type));
      });
}

void bind_vdevice(py::module_& module) {
  py::class_<VDeviceParams>(module, "VDeviceParams")
      .def(py::init<>())
      .def_property(
          "scheduling_algorithm", [](const VDeviceParams& it) { return it.scheduling_algorithm; },
          [](VDeviceParams& it, hailo_scheduling_algorithm_t value) { it.scheduling_algorithm = value; })
      .def_readwrite("group_id", &VDeviceParams::group_id)
      .def_readwrite("device_count", &VDeviceParams::device_count)
      .def_readwrite("device_ids", &VDeviceParams::device_ids)
      .def_readwrite("multi_process_service", &VDeviceParams::multi_process_service);
  py::class_<VDevice, std::shared_ptr<VDevice>>(module, "VDevice")
      .def_static("create", create_vdevice)
      .def("get_physical_devices_ids", [](const VDevice& device) { return take(device.get_physical_devices_ids()); })
      .def("configure",
           [](VDevice& device, Hef& hef, const hailort::NetworkGroupsParamsMap& params) {
             return without_gil([&] { return take(device.configure(hef, params)); });
           })
      .def("create_infer_model", [](VDevice& device, const Hef& hef, const std::string& name) {
        return without_gil([&] { return take(device.create_infer_model(Hef(hef), name)); });
      });
}

}  // namespace

void bind_devices(py::module_& module) {
  bind_hef(module);
  bind_extended_information(module);
  bind_device(module);
  bind_vdevice(module);
}

}  // namespace graupel::platform
