// hailortcli run: frames through one network.

#include <cstdio>
#include <cstdlib>

#include "hailortcli/command.h"
#include "hailortcli/graph.h"
#include "hailortcli/measurement.h"
#include "hailortcli/progress.h"

namespace hailort::cli {
namespace {

struct Options {
  std::string hef, mode = "streaming", csv, dot, power_mode = "performance", format_type = "auto";
  std::vector<std::string> batches;
  DeviceOptions device;
  NetworkOptions network;
  Limit limit;
  uint64_t frames = 0;
  bool overall_latency = false, power = false, current = false, temperature = false, progress = true, json = false;
  bool quantized = true;
  bool statistics = false, queue_sizes = false, runtime_data = false;
  std::string statistics_file = "pipeline_stats.csv";
};

std::string fixed(double value) {
  char text[64];
  std::snprintf(text, sizeof text, "%.2f", value);
  return text;
}
std::string fixed(const std::optional<double>& value) { return value ? fixed(*value) : ""; }

std::string csv_of(const std::string& name, const Measurement& m) {
  return "net_name,status,status_description,fps,num_of_frames,send_rate,recv_rate,hw_latency,overall_latency,min_"
         "power,"
         "average_power,max_power,min_current,average_current,max_current,min_temp,average_temp,max_temp\n" +
         name + ",0,HAILO_SUCCESS," + fixed(m.fps()) + "," + std::to_string(m.frames) + "," + fixed(m.send_mbit()) +
         "," + fixed(m.receive_mbit()) + "," + fixed(m.hw_latency_ms) + "," + fixed(m.overall_latency_ms) +
         ",,,,,,,,,\n";
}

void print(const Options& options, const std::string& name, const Measurement& m) {
  std::printf("> Inference result:\n Network group: %s\n", name.c_str());
  if (options.limit.frames)
    std::printf("    Frames count: %llu\n", static_cast<unsigned long long>(m.frames));
  else
    std::printf("    Duration: %s\n", fixed(m.seconds).c_str());
  std::printf("    FPS: %s\n    Send Rate: %s Mbit/s\n    Recv Rate: %s Mbit/s\n", fixed(m.fps()).c_str(),
              fixed(m.send_mbit()).c_str(), fixed(m.receive_mbit()).c_str());
  if (m.hw_latency_ms) std::printf("    HW Latency: %s ms\n", fixed(m.hw_latency_ms).c_str());
  if (m.overall_latency_ms) std::printf("    Overall Latency: %s ms\n", fixed(m.overall_latency_ms).c_str());
}

Json json_of(const Options& options, const std::string& name, const Measurement& m) {
  Json json{{"network_group", name},
            {"hef", options.hef},
            {"mode", options.mode},
            {"frames", m.frames},
            {"seconds", m.seconds},
            {"fps", m.fps()},
            {"send_mbit_per_second", m.send_mbit()},
            {"recv_mbit_per_second", m.receive_mbit()}};
  if (m.hw_latency_ms) json["hw_latency_ms"] = *m.hw_latency_ms;
  if (m.overall_latency_ms) json["overall_latency_ms"] = *m.overall_latency_ms;
  for (const StreamStatistics& one : m.statistics)
    json["statistics"].push_back({{"stream", one.stream},
                                  {"measure", one.what},
                                  {"count", one.count},
                                  {"min", one.min},
                                  {"max", one.max},
                                  {"mean", one.mean},
                                  {"standard_deviation", one.deviation}});
  return json;
}

std::string statistics_csv(const std::vector<StreamStatistics>& all) {
  std::string text = "stream,measure,count,min,max,mean,standard_deviation\n";
  for (const StreamStatistics& one : all)
    text += one.stream + "," + one.what + "," + std::to_string(one.count) + "," + fixed(one.min) + "," +
            fixed(one.max) + "," + fixed(one.mean) + "," + fixed(one.deviation) + "\n";
  return text;
}

/// What `measure-stats` asks for: figures of virtual streams, each of which is one element.
void check_statistics(Options& options) {
  if (!options.statistics) return;
  if (options.queue_sizes)
    throw hailort_error(HAILO_NOT_SUPPORTED,
                        "--elem-queue-size: a virtual stream has one queue, which holds its frames");
  if (options.mode == "hw_only")
    throw hailort_error(HAILO_INVALID_ARGUMENT, "measure-stats measures virtual streams; use --mode streaming");
  if (!options.network.fps_statistics && !options.network.latency_statistics)
    throw hailort_error(HAILO_INVALID_ARGUMENT, "measure-stats needs --elem-fps, --elem-latency or --vstream-latency");
}

/// "group/net=4": the batch of one of the group's networks.
void read_batches(Options& options) {
  for (const std::string& text : options.batches) {
    const std::size_t equals = text.find('=');
    const int batch = equals == std::string::npos ? 0 : std::atoi(text.c_str() + equals + 1);
    if (batch < 1 || batch > UINT16_MAX)
      throw hailort_error(HAILO_INVALID_ARGUMENT, "--net-batch-size takes network=frames, not '" + text + "'");
    Hef hef = Hef::create(options.hef).expect("cannot open '" + options.hef + "'");
    const auto infos = hef.get_network_infos().expect("networks");
    bool found = false;
    for (const auto& info : infos) found |= text.substr(0, equals) == info.name;
    if (!found) throw hailort_error(HAILO_NOT_FOUND, "there is no network '" + text.substr(0, equals) + "'");
    options.network.network_batches[text.substr(0, equals)] = static_cast<uint16_t>(batch);
  }
}

/// The picture of --dot, of virtual streams.
void write_graph(const Options& options, const std::string& group) {
  if (options.dot.empty()) return;
  const Hef hef = Hef::create(options.hef).expect("cannot open '" + options.hef + "'");
  write_text(options.dot, dot_of(hef, group));
}

hailo_status run(Options& options) {
  if (options.power || options.current || options.temperature)
    throw hailort_error(HAILO_NOT_SUPPORTED, "power, current and temperature: the virtual device has no sensors");
  if (options.runtime_data)
    throw hailort_error(HAILO_NOT_SUPPORTED,
                        "collect-runtime-data: a CPU loads no contexts; `graupel bench` has the time of each layer");
  if (options.frames > 0) options.limit.frames = options.frames;
  if (!options.dot.empty() && options.mode == "hw_only")
    throw hailort_error(HAILO_INVALID_ARGUMENT, "--dot shows virtual streams; use --mode streaming");
  check_statistics(options);
  read_batches(options);
  NetworkOptions& network = options.network;
  network.interface = options.mode == "hw_only" ? Interface::kStreams : Interface::kVStreams;
  network.power_mode =
      options.power_mode == "performance" ? HAILO_POWER_MODE_PERFORMANCE : HAILO_POWER_MODE_ULTRA_PERFORMANCE;
  network.one_at_a_time = options.overall_latency;
  network.format_type = format_type_of(options.format_type);
  const auto vdevice = open_vdevice(options.device, HAILO_SCHEDULING_ALGORITHM_NONE);
  Network net(*vdevice, options.hef, network);
  if (!options.json) {
    std::printf("Running %s inference (%s):\n", options.mode == "hw_only" ? "hw only" : "streaming",
                options.hef.c_str());
    if (options.mode != "hw_only")
      std::printf("  Transform data: true\n    Type:      %s\n    Quantized: %s\n", options.format_type.c_str(),
                  options.quantized ? "true" : "false");
  }
  const Measurement result = net.measure(
      options.limit, options.progress && !options.json ? progress_lines(net.name(), options.limit) : OnProgress());
  write_graph(options, net.name());
  if (options.statistics) write_text(options.statistics_file, statistics_csv(result.statistics));
  if (!options.csv.empty()) write_text(options.csv, csv_of(net.name(), result));
  options.json ? print_json(json_of(options, net.name(), result)) : print(options, net.name(), result);
  return HAILO_SUCCESS;
}

void add_measure_stats(CLI::App& verb, Options& options) {
  verb.require_subcommand(0, 1);
  CLI::App* sub = verb.add_subcommand("measure-stats", "Figures of each virtual stream, into a CSV file");
  sub->add_flag("--elem-fps", options.network.fps_statistics, "Frames per second");
  sub->add_flag("--elem-latency,--vstream-latency", options.network.latency_statistics, "Microseconds of a call");
  sub->add_flag("--elem-queue-size", options.queue_sizes, "Not supported");
  sub->add_option("--output-path", options.statistics_file, "The file (default: pipeline_stats.csv)");
  sub->callback([&options] { options.statistics = true; });
}

/// A chip's times of each context, which a CPU has not.
void add_collect_runtime_data(CLI::App& verb, Options& options) {
  CLI::App* sub = verb.add_subcommand("collect-runtime-data", "Not supported: a chip's times of its contexts");
  sub->allow_extras();
  sub->callback([&options] { options.runtime_data = true; });
}

}  // namespace

void add_run(CLI::App& app, Action& action) {
  CLI::App* verb = app.add_subcommand("run", "Run frames through a network");
  const auto options = std::make_shared<Options>();
  verb->add_option("hef", options->hef, "The HEF")->required()->check(CLI::ExistingFile);
  CLI::Option* count = verb->add_option("-c,--frames-count", options->frames, "Frames to run");
  verb->add_option("-t,--time-to-run", options->limit.seconds, "Seconds to run (default: 5)")
      ->check(CLI::PositiveNumber)
      ->excludes(count);
  verb->add_option("--batch-size", options->network.batch_size, "Frames of a batch");
  verb->add_option("--net-batch-size", options->batches, "network=frames");
  verb->add_option("--power-mode", options->power_mode, "Accepted; a CPU has none")
      ->check(CLI::IsMember({"performance", "ultra_performance"}));
  verb->add_option("-m,--mode", options->mode, "streaming: virtual streams; hw_only: the device's own format")
      ->check(CLI::IsMember({"streaming", "hw_only"}));
  verb->add_option("--csv", options->csv, "Write the results to a file");
  verb->add_option("--dot", options->dot, "Write the way of frames as a graph in the DOT language to a file");
  verb->add_option("--input-files", options->network.input_files, "A file of frames, or input=file for each");
  verb->add_flag("--measure-latency", options->network.hw_latency, "The device's time for a frame");
  verb->add_flag("--measure-overall-latency", options->overall_latency,
                 "The time from write to read, one frame at a time");
  verb->add_flag("--measure-power", options->power, "Not supported");
  verb->add_flag("--measure-current", options->current, "Not supported");
  verb->add_flag("--measure-temp", options->temperature, "Not supported");
  verb->add_flag("--show-progress,!--dont-show-progress", options->progress, "Print progress (default)");
  verb->add_option("--quantized", options->quantized, "Without effect, as the vendor's: the type says it");
  verb->add_option("--user-format-type", options->format_type, "Type of the frames")
      ->check(CLI::IsMember({"auto", "uint8", "uint16", "float32"}));
  verb->add_flag("--json", options->json, "Print JSON");
  add_device_options(*verb, options->device);
  add_measure_stats(*verb, *options);
  add_collect_runtime_data(*verb, *options);
  verb->callback([&action, options] { action = [options] { return run(*options); }; });
}

}  // namespace hailort::cli
