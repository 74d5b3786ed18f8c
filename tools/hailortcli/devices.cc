// hailortcli scan, fw-control identify, measure-power.
#include <cstdio>
#include <cstdlib>

#include "hailortcli/command.h"

namespace hailort::cli {

void add_device_ids(CLI::App& verb, DeviceOptions& options) {
  verb.add_option("-s,--device-id,--bdf", options.ids, "Device ids, as `scan` prints them");
}

void add_device_options(CLI::App& verb, DeviceOptions& options) {
  add_device_ids(verb, options);
  verb.add_option("--device-count", options.count, "Number of devices")->check(CLI::PositiveNumber);
  verb.add_option("--group-id", options.group_id, "Name under which virtual devices are shared");
  verb.add_flag("--multi-process-service", options.service, "Share the device through the service");
  verb.add_flag("--self-test", options.self_test, "First check that this CPU computes what the compiler computed");
  verb.add_option("--poison", options.poison, "Fill every buffer with this byte before use: no result may change");
}

std::unique_ptr<VDevice> open_vdevice(const DeviceOptions& options, hailo_scheduling_algorithm_t algorithm) {
  // The library takes both from the environment: the vendor's interface has no word for them.
  if (options.self_test) setenv("GRAUPEL_SELF_TEST", "1", 1);
  if (!options.poison.empty()) setenv("GRAUPEL_POISON", options.poison.c_str(), 1);
  for (const std::string& id : options.ids) Device::create(id).expect("no such device");
  hailo_vdevice_params_t params = HailoRTDefaults::get_vdevice_params();
  params.device_count = options.ids.empty() ? options.count : static_cast<uint32_t>(options.ids.size());
  params.scheduling_algorithm = algorithm;
  params.multi_process_service = options.service;
  if (!options.group_id.empty()) params.group_id = options.group_id.c_str();
  return VDevice::create(params).expect("cannot open the virtual device");
}

namespace {

std::vector<std::string> chosen(const DeviceOptions& options) {
  return options.ids.empty() ? Device::scan().expect("scan failed") : options.ids;
}

hailo_status scan(bool json) {
  const std::vector<std::string> ids = Device::scan().expect("scan failed");
  if (json) {
    print_json({{"devices", ids}});
    return HAILO_SUCCESS;
  }
  std::printf(ids.empty() ? "Hailo devices not found\n" : "Hailo Devices:\n");
  for (const std::string& id : ids) std::printf("[-] Device: %s\n", id.c_str());
  return HAILO_SUCCESS;
}

/// (label, value) of what `identify` prints; text that the device lacks is left out.
std::vector<std::pair<std::string, std::string>> identity_lines(Device& device) {
  const hailo_device_identity_t id = device.identify().expect("identify failed");
  const auto& fw = id.fw_version;
  std::string version = std::to_string(fw.major) + "." + std::to_string(fw.minor) + "." + std::to_string(fw.revision);
  version += id.is_release ? " (release,app" : " (develop,app";
  version += id.extended_context_switch_buffer ? ",extended context switch buffer)" : ")";
  std::vector<std::pair<std::string, std::string>> lines{
      {"Control Protocol Version", std::to_string(id.protocol_version)},
      {"Firmware Version", version},
      {"Logger Version", std::to_string(id.logger_version)},
      {"Board Name", std::string(id.board_name, id.board_name_length)},
      {"Device Architecture", HailoRTCommon::get_device_arch_str(id.device_architecture)}};
  const auto add = [&](const char* label, const char* text, std::size_t length) {
    if (length > 0 && text[0] != '\0') lines.emplace_back(label, std::string(text, length));
  };
  add("Serial Number", id.serial_number, id.serial_number_length);
  add("Part Number", id.part_number, id.part_number_length);
  add("Product Name", id.product_name, id.product_name_length);
  return lines;
}

hailo_status identify(const DeviceOptions& options, bool extended, bool json) {
  Json list = Json::array();
  for (const std::string& id : chosen(options)) {
    const auto device = Device::create(id).expect("no such device");
    auto lines = identity_lines(*device);
    if (extended) {
      const auto more = device->get_extended_device_information().expect("no extended information");
      lines.emplace_back("Neural Network Core Clock Rate",
                         std::to_string(more.neural_network_core_clock_rate / 1000000) + "MHz");
    }
    Json entry{{"Device", id}};
    if (!json) std::printf("Executing on device: %s\nIdentifying board\n", id.c_str());
    for (const auto& [label, value] : lines) {
      entry[label] = value;
      if (!json) std::printf("%s: %s\n", label.c_str(), value.c_str());
    }
    if (!json) std::printf("\n");
    list.push_back(entry);
  }
  if (json) print_json(list);
  return HAILO_SUCCESS;
}

}  // namespace

void add_scan(CLI::App& app, Action& action) {
  CLI::App* verb = app.add_subcommand("scan", "List the devices");
  const auto json = std::make_shared<bool>(false);
  verb->add_flag("--json", *json, "Print JSON");
  verb->callback([&action, json] { action = [json] { return scan(*json); }; });
}

void add_fw_control(CLI::App& app, Action& action) {
  CLI::App* verb = app.add_subcommand("fw-control", "Ask the device's firmware");
  verb->require_subcommand(1);
  CLI::App* sub = verb->add_subcommand("identify", "Print what the device is");
  struct Options {
    DeviceOptions device;
    bool extended = false, json = false;
  };
  const auto options = std::make_shared<Options>();
  add_device_ids(*sub, options->device);
  sub->add_flag("--extended", options->extended, "Print the clock rate too");
  sub->add_flag("--json", options->json, "Print JSON");
  sub->callback([&action, options] {
    action = [options] { return identify(options->device, options->extended, options->json); };
  });
}

void add_measure_power(CLI::App& app, Action& action) {
  CLI::App* verb = app.add_subcommand("measure-power", "Measure power: the virtual device has no sensor");
  verb->allow_extras();
  const auto device = std::make_shared<DeviceOptions>();
  add_device_ids(*verb, *device);
  verb->callback([&action, device] {
    action = [device] {
      for (const std::string& id : chosen(*device)) {
        const float watts = Device::create(id)
                                .expect("no such device")
                                ->power_measurement(HAILO_DVM_OPTIONS_AUTO, HAILO_POWER_MEASUREMENT_TYPES__AUTO)
                                .expect("power cannot be measured: device " + id + " has no sensor");
        std::printf("Current power consumption (W): %g\n", static_cast<double>(watts));
      }
      return HAILO_SUCCESS;
    };
  });
}

}  // namespace hailort::cli
