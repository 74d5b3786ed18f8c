// What the verbs of `hailortcli` share: how each is added, and the options that choose a device.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "hailo/hailort.hpp"

namespace hailort::cli {

using Json = nlohmann::ordered_json;

/// What the command line asked for: runs after parsing, throws hailort_error, and its status is the exit code.
using Action = std::function<hailo_status()>;

struct DeviceOptions {
  std::vector<std::string> ids;
  uint32_t count = 1;
  std::string group_id;
  bool service = false;
  bool self_test = false;
  std::string poison;
};

void add_device_ids(CLI::App& verb, DeviceOptions& options);
void add_device_options(CLI::App& verb, DeviceOptions& options);
/// HAILO_NOT_FOUND for an id that scan() does not give.
std::unique_ptr<VDevice> open_vdevice(const DeviceOptions& options, hailo_scheduling_algorithm_t algorithm);

void add_scan(CLI::App& app, Action& action);
void add_fw_control(CLI::App& app, Action& action);
void add_parse_hef(CLI::App& app, Action& action);
void add_run(CLI::App& app, Action& action);
void add_run2(CLI::App& app, Action& action);
void add_benchmark(CLI::App& app, Action& action);
void add_measure_power(CLI::App& app, Action& action);
void add_monitor(CLI::App& app, Action& action);
/// The verbs of firmware, sensors and Ethernet: HAILO_NOT_SUPPORTED with a sentence.
void add_refused(CLI::App& app, Action& action);

void print_json(const Json& json);
/// `text` to the file at `path`; HAILO_FILE_OPERATION_FAILURE.
void write_text(const std::string& path, const std::string& text);
/// The file name of a path.
std::string file_name(const std::string& path);

}  // namespace hailort::cli
