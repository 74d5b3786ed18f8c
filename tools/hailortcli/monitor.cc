// hailortcli monitor: what programs with HAILO_MONITOR=1 run on the device (src/hailort/monitor.h has the files).
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <thread>

#include "hailortcli/command.h"

namespace hailort::cli {
namespace {

namespace fs = std::filesystem;
constexpr std::chrono::seconds kFresh(5);  ///< programs write once a second

using Row = std::vector<std::string>;

/// Rows of the three tables, as they are printed.
struct Tables {
  std::vector<Row> devices, models, streams;
};

std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> fields(1);
  for (const char c : line) c == '\t' ? static_cast<void>(fields.emplace_back()) : fields.back().push_back(c);
  return fields;
}

std::string fixed(const std::string& number, double scale, int decimals = 1) {
  char text[32];
  std::snprintf(text, sizeof text, "%.*f", decimals, std::atof(number.c_str()) * scale);
  return text;
}

void read_file(const fs::path& path, Tables& tables) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const std::vector<std::string> f = split(line);
    if (f[0] == "device" && f.size() == 4) tables.devices.push_back({f[1], fixed(f[3], 100), f[2]});
    if (f[0] == "network" && f.size() == 4)
      tables.models.push_back({f[1], fixed(f[2], 100), fixed(f[3], 1), path.filename().string()});
    if (f[0] == "stream" && f.size() == 8)
      tables.streams.push_back({f[1], f[2], f[3], fixed(f[4], 1, 2), f[5], f[6], f[7]});
  }
}

/// Files of programs that live and wrote lately.
Tables read_all() {
  Tables tables;
  std::error_code fault;
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(fs::temp_directory_path(fault) / "hmon_files", fault)) {
    const pid_t pid = std::atoi(entry.path().filename().c_str());
    const auto written = entry.last_write_time(fault);
    if (fault || pid <= 0 || entry.path().has_extension() || ::kill(pid, 0) != 0) continue;
    if (fs::file_time_type::clock::now() - written < kFresh) paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  for (const fs::path& path : paths) read_file(path, tables);
  return tables;
}

// Widths of the vendor's columns.
constexpr std::size_t kName = 60, kShare = 25, kNumber = 15, kFrames = 8, kLine = 160, kStreamLine = 175;

/// Each cell as wide as its column; a name that is too long ends in dots.
void print_row(const Row& row, std::initializer_list<std::size_t> widths) {
  std::size_t i = 0;
  for (const std::size_t width : widths) {
    std::string cell = row[i++];
    if (width == kName && cell.size() > width) cell = cell.substr(0, width - 5) + "...  ";
    std::printf("%-*s", static_cast<int>(width), cell.c_str());
  }
  std::printf("\n");
}

void print_table(const std::vector<Row>& heads, const std::vector<Row>& rows, std::initializer_list<std::size_t> widths,
                 std::size_t line) {
  for (const Row& head : heads) print_row(head, widths);
  std::printf("%s\n", std::string(line, '-').c_str());
  for (const Row& row : rows) print_row(row, widths);
  std::printf("\n");
}

constexpr const char* kDeviceHead[] = {"Device ID", "Utilization (%)", "Architecture"};
constexpr const char* kModelHead[] = {"Model", "Utilization (%)", "FPS", "PID"};
constexpr const char* kStreamHead[] = {"Model", "Stream", "Direction", "Frames Queue Avg", "Max", "Min", "Capacity"};

template <std::size_t n>
Json json_of(const char* const (&head)[n], const std::vector<Row>& rows) {
  Json list = Json::array();
  for (const Row& row : rows) {
    Json entry;
    for (std::size_t i = 0; i < n; ++i) entry[head[i]] = row[i];
    list.push_back(entry);
  }
  return list;
}

template <std::size_t n>
Row row_of(const char* const (&head)[n]) {
  return Row(head, head + n);
}

void print(const Tables& tables) {
  print_table({row_of(kDeviceHead)}, tables.devices, {kName, kShare, kName}, kLine);
  print_table({row_of(kModelHead)}, tables.models, {kName, kShare, kNumber, kNumber}, kLine);
  print_table(
      {{"Model", "Stream", "Direction", "Frames Queue", "", "", ""}, {"", "", "", "Avg", "Max", "Min", "Capacity"}},
      tables.streams, {kName, kName, kNumber, kFrames, kFrames, kFrames, kFrames}, kStreamLine);
  std::fflush(stdout);
}

/// On a terminal until it is interrupted, elsewhere once.
hailo_status monitor(bool json) {
  const bool live = !json && isatty(STDOUT_FILENO) == 1;
  do {
    const Tables tables = read_all();
    if (tables.devices.empty())
      throw hailort_error(HAILO_NOT_FOUND,
                          "no files were retrieved: no program with HAILO_MONITOR=1 in its environment runs");
    if (json) {
      print_json({{"devices", json_of(kDeviceHead, tables.devices)},
                  {"models", json_of(kModelHead, tables.models)},
                  {"streams", json_of(kStreamHead, tables.streams)}});
      return HAILO_SUCCESS;
    }
    if (live) std::printf("\033[2J\033[H");
    print(tables);
    if (live) std::this_thread::sleep_for(std::chrono::seconds(1));
  } while (live);
  return HAILO_SUCCESS;
}

}  // namespace

void add_monitor(CLI::App& app, Action& action) {
  CLI::App* verb = app.add_subcommand("monitor", "What programs with HAILO_MONITOR=1 in their environment run");
  const auto json = std::make_shared<bool>(false);
  verb->add_flag("--json", *json, "Print JSON, once");
  verb->callback([&action, json] { action = [json] { return monitor(*json); }; });
}

}  // namespace hailort::cli
