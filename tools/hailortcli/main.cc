// hailortcli: the command line of HailoRT over libhailort. Each verb is one file; this one parses arguments and turns
// errors into exit codes, which are numbers of hailo_status.
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>

#include "hailortcli/command.h"

namespace hailort::cli {

void print_json(const Json& json) {
  std::printf("%s\n", json.dump(1, ' ', false, Json::error_handler_t::replace).c_str());
}

void write_text(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) throw hailort_error(HAILO_FILE_OPERATION_FAILURE, "cannot write '" + path + "'");
}

std::string file_name(const std::string& path) { return std::filesystem::path(path).filename().string(); }

namespace {

int run(int argc, char** argv) {
  CLI::App app("HailoRT command line on the virtual device of this CPU. Exit code: the number of the hailo_status.");
  app.name("hailortcli");
  app.require_subcommand(1);
  app.set_version_flag("-v,--version", std::string("HailoRT-CLI version " HAILORT_CLI_VERSION));
  Action action;
  for (const auto add : {add_run, add_run2, add_scan, add_benchmark, add_parse_hef, add_fw_control, add_measure_power,
                         add_monitor, add_refused})
    add(app, action);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? HAILO_SUCCESS : HAILO_INVALID_ARGUMENT;
  }
  const auto fail = [](hailo_status status, const std::string& what) {
    const char* name = hailo_get_status_message(status);
    std::fprintf(stderr, "[HailoRT CLI] [error] %s: %s(%d)\n", what.c_str(), name ? name : "unknown", status);
    return status;
  };
  try {
    return action ? action() : fail(HAILO_INVALID_ARGUMENT, "a verb needs a sub-verb; see --help");
  } catch (const hailort_error& error) {
    return fail(error.status(), error.what());
  } catch (const std::bad_alloc&) {
    return fail(HAILO_OUT_OF_HOST_MEMORY, "out of memory");
  } catch (const std::exception& error) {
    return fail(HAILO_INTERNAL_FAILURE, error.what());
  }
}

}  // namespace
}  // namespace hailort::cli

int main(int argc, char** argv) { return hailort::cli::run(argc, argv); }
