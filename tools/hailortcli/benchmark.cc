// hailortcli benchmark: throughput and latency of a network on this CPU.
#include <cstdio>

#include "hailortcli/command.h"
#include "hailortcli/measurement.h"
#include "hailortcli/progress.h"

namespace hailort::cli {
namespace {

struct Options {
  std::string hef, csv, power_mode = "performance";
  DeviceOptions device;
  NetworkOptions network;
  Limit limit{{}, 15};
  bool json = false;
};

struct Report {
  std::string name;
  Measurement hw_only, streaming, latency;
};

Measurement measure(const Options& options, NetworkOptions network, const char* title, std::string* name) {
  const auto vdevice = open_vdevice(options.device, HAILO_SCHEDULING_ALGORITHM_NONE);
  Network net(*vdevice, options.hef, std::move(network));
  if (name) *name = net.name();
  if (!options.json) std::printf("%s\n", title);
  return net.measure(options.limit, options.json ? OnProgress() : progress_lines(net.name(), options.limit));
}

void print(const Report& r) {
  std::printf("\n=======\nSummary\n=======\n");
  std::printf("FPS     (hw_only)                 = %.2f\n", r.hw_only.fps());
  std::printf("        (streaming)               = %.2f\n", r.streaming.fps());
  std::printf("Latency (hw)                      = %.2f ms\n", *r.latency.hw_latency_ms);
  std::printf("        (overall)                 = %.2f ms\n", *r.latency.overall_latency_ms);
}

std::string csv_of(const Report& r) {
  char line[512];
  std::snprintf(line, sizeof line, ",%.2f,%.2f,%llu,%llu,%.2f,%.2f,,,\n", r.streaming.fps(), r.hw_only.fps(),
                static_cast<unsigned long long>(r.streaming.frames), static_cast<unsigned long long>(r.hw_only.frames),
                *r.latency.hw_latency_ms, *r.latency.overall_latency_ms);
  return "net_name,fps,hw_only_fps,num_of_frames,num_of_frames_hw_only,hw_latency,overall_latency,min_power,"
         "average_power,max_power\n" +
         r.name + line;
}

hailo_status benchmark(const Options& options) {
  NetworkOptions network = options.network;
  network.power_mode =
      options.power_mode == "performance" ? HAILO_POWER_MODE_PERFORMANCE : HAILO_POWER_MODE_ULTRA_PERFORMANCE;
  if (!options.json) std::printf("Starting Measurements...\n");
  Report report;
  network.interface = Interface::kStreams;
  report.hw_only = measure(options, network, "Measuring FPS in HW-only mode", &report.name);
  network.interface = Interface::kVStreams;
  report.streaming =
      measure(options, network, "Measuring FPS (and Power on supported platforms) in streaming mode", nullptr);
  network.hw_latency = network.one_at_a_time = true;
  report.latency = measure(options, network, "Measuring HW Latency", nullptr);
  if (!options.csv.empty()) write_text(options.csv, csv_of(report));
  if (!options.json) {
    print(report);
    return HAILO_SUCCESS;
  }
  print_json({{"network_group", report.name},
              {"hw_only_fps", report.hw_only.fps()},
              {"fps", report.streaming.fps()},
              {"frames_hw_only", report.hw_only.frames},
              {"frames", report.streaming.frames},
              {"hw_latency_ms", *report.latency.hw_latency_ms},
              {"overall_latency_ms", *report.latency.overall_latency_ms}});
  return HAILO_SUCCESS;
}

}  // namespace

void add_benchmark(CLI::App& app, Action& action) {
  CLI::App* verb = app.add_subcommand("benchmark", "Throughput and latency of a network on this CPU");
  const auto options = std::make_shared<Options>();
  options->network.batch_size = 1;
  verb->add_option("hef", options->hef, "The HEF")->required()->check(CLI::ExistingFile);
  verb->add_option("-t,--time-to-run", options->limit.seconds, "Seconds of each measurement (default: 15)")
      ->check(CLI::PositiveNumber);
  verb->add_option("--batch-size", options->network.batch_size, "Frames of a batch (default: 1)");
  verb->add_option("--power-mode", options->power_mode, "Accepted; a CPU has none")
      ->check(CLI::IsMember({"performance", "ultra_performance"}));
  verb->add_option("--csv", options->csv, "Write the results to a file");
  verb->add_option("--input-files", options->network.input_files, "A file of frames, or input=file for each");
  verb->add_flag("--json", options->json, "Print JSON");
  add_device_options(*verb, options->device);
  verb->callback([&action, options] { action = [options] { return benchmark(*options); }; });
}

}  // namespace hailort::cli
