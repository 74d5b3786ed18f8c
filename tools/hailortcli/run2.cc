// hailortcli run2: several networks at once on one device.
#include <chrono>
#include <cstdio>
#include <exception>
#include <thread>
#include <utility>

#include "hailortcli/command.h"
#include "hailortcli/measurement.h"
#include "hailortcli/progress.h"

namespace hailort::cli {
namespace {

struct Options {
  DeviceOptions device;
  std::string mode = "full_async", algorithm = "round_robin", json_file;
  bool hw_latency = false, overall_latency = false, power = false, current = false, temperature = false, json = false;
  Limit limit;
  struct VStream {
    std::string name, file, type = "auto", order = "auto";
  };
  struct Net {
    std::string hef;
    NetworkOptions network;
    std::vector<VStream> vstreams;
  };
  Net next;              ///< what `set-net` fills
  VStream next_vstream;  ///< what `set-vstream` fills
  std::vector<Net> nets;
};

Interface interface_of(const std::string& mode) {
  if (mode == "full_sync") return Interface::kVStreams;
  if (mode == "raw_sync") return Interface::kStreams;
  if (mode == "full_async") return Interface::kAsync;
  return Interface::kAsyncStreams;
}

/// Every network in a thread of its own; the first failure is thrown once all have ended.
std::vector<Measurement> measure_all(std::vector<std::unique_ptr<Network>>& networks, const Limit& limit) {
  std::vector<Measurement> results(networks.size());
  std::vector<std::exception_ptr> failures(networks.size());
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < networks.size(); ++i)
    threads.emplace_back([&, i] {
      try {
        results[i] = networks[i]->measure(limit, {});
      } catch (...) {
        failures[i] = std::current_exception();
      }
    });
  for (std::thread& thread : threads) thread.join();
  for (const std::exception_ptr& failure : failures)
    if (failure) std::rethrow_exception(failure);
  return results;
}

Json json_of(const Options& options, const std::vector<std::unique_ptr<Network>>& networks,
             const std::vector<Measurement>& results) {
  Json groups = Json::array();
  for (std::size_t i = 0; i < results.size(); ++i) {
    char fps[32];
    std::snprintf(fps, sizeof fps, "%.2f", results[i].fps());
    Json group{{"name", networks[i]->name()}, {"full_hef_path", options.nets[i].hef}, {"FPS", fps}};
    if (results[i].hw_latency_ms) group["hw_latency"] = *results[i].hw_latency_ms;
    if (results[i].overall_latency_ms) group["overall_latency"] = *results[i].overall_latency_ms;
    groups.push_back(group);
  }
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return {{"time", std::chrono::duration_cast<std::chrono::seconds>(now).count()},
          {"inference_mode", options.mode},
          {"network_groups", groups},
          {"time_to_run", options.limit.seconds}};
}

hailo_status run2(const Options& options) {
  if (options.power || options.current || options.temperature)
    throw hailort_error(HAILO_NOT_SUPPORTED, "power, current and temperature: the virtual device has no sensors");
  if (options.nets.empty()) throw hailort_error(HAILO_INVALID_ARGUMENT, "name a network: run2 set-net HEF");
  const bool scheduled = options.algorithm == "round_robin";
  if (!scheduled && options.nets.size() > 1)
    throw hailort_error(HAILO_INVALID_OPERATION, "several networks need --scheduling-algorithm round_robin");
  const Interface interface = interface_of(options.mode);
  const auto vdevice = open_vdevice(
      options.device, scheduled ? HAILO_SCHEDULING_ALGORITHM_ROUND_ROBIN : HAILO_SCHEDULING_ALGORITHM_NONE);
  std::vector<std::unique_ptr<Network>> networks;
  for (const Options::Net& net : options.nets) {
    NetworkOptions network = net.network;
    for (const Options::VStream& own : net.vstreams) {
      network.streams[own.name] = {format_type_of(own.type), format_order_of(own.order)};
      if (!own.file.empty()) network.input_files.push_back(own.name + "=" + own.file);
    }
    network.interface = interface;
    network.scheduled = scheduled;
    network.hw_latency = options.hw_latency;
    network.one_at_a_time = options.overall_latency;
    networks.push_back(std::make_unique<Network>(*vdevice, net.hef, network));
  }
  const std::vector<Measurement> results = measure_all(networks, options.limit);
  const Json json = json_of(options, networks, results);
  if (!options.json_file.empty())
    write_text(options.json_file, json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
  if (options.json) {
    print_json(json);
    return HAILO_SUCCESS;
  }
  for (std::size_t i = 0; i < results.size(); ++i) {
    std::printf("%s: fps: %.2f", networks[i]->name().c_str(), results[i].fps());
    if (results[i].hw_latency_ms) std::printf(" | hw latency: %.2f ms", *results[i].hw_latency_ms);
    if (results[i].overall_latency_ms) std::printf(" | overall latency: %.2f ms", *results[i].overall_latency_ms);
    std::printf("\n");
  }
  return HAILO_SUCCESS;
}

/// Belongs to the `set-net` before it.
void add_set_vstream(CLI::App& verb, Options& options) {
  CLI::App* sub = verb.add_subcommand(
      "set-vstream", "After set-net: what one virtual stream has of its own; may be given several times");
  Options::VStream& stream = options.next_vstream;
  sub->immediate_callback();
  sub->add_option("name", stream.name, "The virtual stream")->required();
  sub->add_option("--input-file", stream.file, "Frames of an input")->check(CLI::ExistingFile);
  sub->add_option("--format-type", stream.type, "auto (default), uint8, uint16, float32")
      ->check(CLI::IsMember({"auto", "uint8", "uint16", "float32"}));
  sub->add_option("--format-order", stream.order, "auto (default), nhwc, nchw, nhcw, rgb4, …");
  sub->callback([&options] {
    const Options::VStream own = std::exchange(options.next_vstream, {});
    if (options.nets.empty()) throw CLI::ValidationError("set-vstream", "it belongs after a set-net");
    options.nets.back().vstreams.push_back(own);
  });
}

void add_set_net(CLI::App& verb, Options& options) {
  CLI::App* sub = verb.add_subcommand("set-net", "A network to run; may be given several times");
  NetworkOptions& network = options.next.network;
  sub->immediate_callback();
  sub->add_option("hef", options.next.hef, "The HEF")->required()->check(CLI::ExistingFile);
  sub->add_option("--name", network.group, "Network group of the HEF");
  sub->add_option("--batch-size", network.batch_size, "Frames of a batch");
  sub->add_option("--scheduler-threshold", network.threshold, "Frames that must wait before a turn");
  sub->add_option("--scheduler-timeout", network.timeout_ms, "Milliseconds after which fewer do");
  sub->add_option("--scheduler-priority", network.priority, "0 to 31")->check(CLI::Range(0, 31));
  sub->add_option("--framerate", network.framerate, "Frames per second to send at most")->check(CLI::PositiveNumber);
  sub->callback([&options] {
    options.nets.push_back(options.next);
    options.next = {};
  });
}

}  // namespace

void add_run2(CLI::App& app, Action& action) {
  CLI::App* verb = app.add_subcommand("run2", "Run several networks at once");
  verb->require_subcommand(0, 0);  // any number, where the parent's limit of one would be inherited
  const auto options = std::make_shared<Options>();
  verb->add_option("-t,--time-to-run", options->limit.seconds, "Seconds to run (default: 5)")
      ->check(CLI::PositiveNumber);
  verb->add_option("-m,--mode", options->mode, "Interface that carries the frames (default: full_async)")
      ->check(CLI::IsMember({"full_sync", "full_async", "raw_sync", "raw_async"}));
  verb->add_option("-j,--json", options->json_file, "Write the results to a file; - prints them");
  verb->add_option("--scheduling-algorithm", options->algorithm, "round_robin (default) or none")
      ->check(CLI::IsMember({"round_robin", "none"}));
  verb->add_flag("--measure-hw-latency", options->hw_latency, "The device's time for a frame");
  verb->add_flag("--measure-overall-latency", options->overall_latency, "One frame at a time, from write to read");
  verb->add_flag("--measure-power", options->power, "Not supported");
  verb->add_flag("--measure-current", options->current, "Not supported");
  verb->add_flag("--measure-temp", options->temperature, "Not supported");
  add_device_options(*verb, options->device);
  add_set_net(*verb, *options);
  add_set_vstream(*verb, *options);
  verb->callback([&action, options] {
    options->json = options->json_file == "-";
    if (options->json) options->json_file.clear();
    action = [options] { return run2(*options); };
  });
}

}  // namespace hailort::cli
