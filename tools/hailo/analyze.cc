// hailo analyze-noise, profiler, params-csv: what a HAR's network is like.
#include <algorithm>

#include "base/file.h"
#include "compiler/bench.h"
#include "compiler/noise.h"
#include "graupel/print.h"
#include "hailo/command.h"
#include "hailo/log.h"
#include "har/graph_json.h"
#include "har/parameters.h"
#include "lower/lower.h"

namespace graupel::hailo {
namespace {

struct Options {
  std::string har, data, mode = "simple", hef, runtime_data, html, profiler_mode, output;
  int batch = 1, count = 16;
  bool csv = false, collect = false;
};

/// A name as a CSV field.
std::string field(const std::string& text) {
  std::string quoted = "\"";
  for (char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

/// Below this an output is likely to be visibly worse than the float network's.
constexpr double kLowSnrDb = 10;

/// What each layer costs alone, the costliest first.
void print_alone(const std::vector<NamedTensor>& statistics) {
  constexpr std::string_view kSuffix = "/layer_noise_analysis/partial_snr";
  std::vector<std::pair<float, std::string>> rows;
  for (const NamedTensor& one : statistics) {
    if (!one.name.ends_with(kSuffix)) continue;
    const auto values = one.tensor.as<float>();
    rows.emplace_back(*std::min_element(values.begin(), values.end()),
                      one.name.substr(0, one.name.size() - kSuffix.size()));
  }
  std::sort(rows.begin(), rows.end());
  info("Layers quantized alone, the SNR of the worst output:");
  for (const auto& [snr, layer] : rows) info(cat("  ", layer, ": ", cli::number(snr), " dB"));
}

Result<> analyze_layers(const Options& options) {
  GRAUPEL_TRY(ModelFile model, open_har(options.har));
  GRAUPEL_TRY(Dataset frames, open_frames(options.data, model, options.count));
  info("Starting Layer Noise Analysis");
  GRAUPEL_TRY(NoiseReport report, analyze_noise(model, frames, options.mode == "advanced", {}));
  cli::print_stats(report.whole.layers, report.whole.layers.size());
  if (options.mode == "advanced") print_alone(report.statistics);
  info("Output layers signal-to-noise ratio (SNR):");
  for (const TensorStats& output : report.whole.outputs)
    (output.snr_db < kLowSnrDb ? warn : info)(cat("  ", output.name, ": ", cli::number(output.snr_db), " dB"));
  model.har->noise = std::move(report.statistics);
  return write_har(*model.har, options.har);
}

/// The program of --hef, or what the HAR compiles to.
Result<Program> program_of(const Options& options, const ModelFile& model) {
  if (options.hef.empty()) {
    if (!model.har->quantized)
      return invalid("'", options.har, "' is at stage ", to_string(model.har->stage()), "; run `hailo optimize` first");
    return lower_graph(*model.har->quantized);
  }
  GRAUPEL_TRY(Hef hef, open_hef(options.hef));
  GRAUPEL_DO(only_program(hef, options.hef));
  return std::move(hef.programs[0]);
}

/// The table of layers as <net>_profile.csv.
Result<> write_profile(const std::string& net, const BenchReport& report) {
  std::string csv = "layer,us,share,macs\n";
  for (const LayerTime& layer : report.layers)
    csv += cat(field(layer.layer), ",", layer.us, ",", layer.share, ",", layer.macs, "\n");
  const std::string path = net + "_profile.csv";
  GRAUPEL_DO(write_file(path, std::as_bytes(std::span(csv))));
  info(cat("Saved the profile to: ", path));
  return {};
}

Result<> profile(const Options& options) {
  warn_unused("--runtime-data", !options.runtime_data.empty());
  warn_unused("--out-path", !options.html.empty());
  warn_unused("--mode", !options.profiler_mode.empty());
  warn_unused("--collect-runtime-data", options.collect);
  GRAUPEL_TRY(const ModelFile model, open_har(options.har));
  GRAUPEL_TRY(const Program program, program_of(options, model));
  GRAUPEL_TRY(const BenchReport report, bench_program(program, {}));
  int64_t parameters = 0;
  for (const NamedTensor& constant : graph_constants(model.har->latest()))
    parameters += element_count(constant.tensor.type.shape);
  cli::print_line("Model Details");
  cli::print_ports(model.har->latest());
  cli::print_line(cat("GMACs: ", cli::number(static_cast<double>(report.macs) / 1e9),
                      ", GOPs: ", cli::number(2 * static_cast<double>(report.macs) / 1e9),
                      ", parameters: ", cli::number(static_cast<double>(parameters) / 1e6), " M"));
  cli::print_line(
      cat("\nPerformance Summary (device: this CPU, ", to_string(report.isa), ", ", report.threads, " threads)"));
  cli::print_line(cat("Throughput: ", cli::number(report.frames_per_second),
                      " FPS, latency: ", cli::number(report.median_ms), " ms, ",
                      cli::number(2 * report.giga_macs_per_second), " GOP/s\n"));
  cli::Table table({"Node", "us", "share", "MMACs"});
  for (const LayerTime& layer : report.layers)
    table.add({layer.layer, cli::number(layer.us), cli::percent(layer.share),
               cli::number(static_cast<double>(layer.macs) / 1e6)});
  table.print();
  return options.csv ? write_profile(model.har->name, report) : Result<>();
}

template <class T>
std::vector<double> widened(const Tensor& tensor) {
  const auto values = tensor.as<T>();
  return {values.begin(), values.end()};
}

/// The elements of a parameter: f32, or codes.
std::vector<double> as_doubles(const Tensor& tensor) {
  switch (tensor.type.dtype) {
    case DType::kF32: return widened<float>(tensor);
    case DType::kU8: return widened<uint8_t>(tensor);
    case DType::kS8: return widened<int8_t>(tensor);
    case DType::kS32: return widened<int32_t>(tensor);
    case DType::kS16: return widened<int16_t>(tensor);
    case DType::kU16: return widened<uint16_t>(tensor);
    case DType::kS64: return widened<int64_t>(tensor);
    case DType::kF64: return widened<double>(tensor);
    case DType::kBool: break;  // no parameter is one
  }
  return {};
}

Result<> params_csv(const Options& options) {
  GRAUPEL_TRY(const ModelFile model, open_har(options.har));
  std::string csv = "parameter,shape,type,min,max,mean\n";
  for (const NamedTensor& named : graph_parameters(model.har->latest())) {
    const std::vector<double> values = as_doubles(named.tensor);
    double low = values.empty() ? 0 : values[0], high = low, sum = 0;
    for (double value : values) {
      low = std::min(low, value);
      high = std::max(high, value);
      sum += value;
    }
    csv += cat(field(named.name), ",", to_string(named.tensor.type.shape), ",", to_string(named.tensor.type.dtype), ",",
               low, ",", high, ",", values.empty() ? 0 : sum / static_cast<double>(values.size()), "\n");
  }
  const std::string path = options.output.empty() ? model.har->name + "_params.csv" : options.output;
  GRAUPEL_DO(write_file(path, std::as_bytes(std::span(csv))));
  info(cat("Saved parameters to: ", path));
  return {};
}

}  // namespace

void add_analyze_noise(CLI::App& app, Action& action) {
  CLI::App* verb =
      app.add_subcommand("analyze-noise", "Signal-to-noise ratio of every layer of a quantized HAR, which keeps it");
  auto options = std::make_shared<Options>();
  verb->add_option("har_path", options->har, "The HAR")->required();
  verb->add_option("--data-path", options->data, "Inputs: .npy, .npz or a folder of .npy")->required();
  verb->add_option("--batch-size", options->batch, "No result depends on it");
  verb->add_option("--data-count", options->count, "Frames to use (default: 16)")->check(CLI::PositiveNumber);
  verb->add_option("--analyze-mode", options->mode,
                   "simple: the whole network quantized; advanced: also one layer at a time")
      ->check(CLI::IsMember({"simple", "advanced"}));
  verb->callback([options, &action] { action = [options] { return analyze_layers(*options); }; });
}

void add_profiler(CLI::App& app, Action& action) {
  CLI::App* verb = app.add_subcommand("profiler", "Sizes, operations, and the time of every layer on this CPU");
  auto options = std::make_shared<Options>();
  verb->add_option("har_path", options->har, "The HAR")->required();
  verb->add_option("--hef", options->hef, "Measure this HEF (default: what the HAR compiles to)");
  verb->add_flag("--csv", options->csv, "Also write the table of layers to <net>_profile.csv");
  verb->add_option("--out-path", options->html, "Without an effect: the report is text on the console");
  verb->add_option("--runtime-data", options->runtime_data, "Without an effect: there is no device trace to merge");
  verb->add_option("--mode", options->profiler_mode, "Without an effect: layers are always measured");
  verb->add_flag("--collect-runtime-data", options->collect, "Without an effect: layers are always measured");
  verb->callback([options, &action] { action = [options] { return profile(*options); }; });
}

void add_params_csv(CLI::App& app, Action& action) {
  CLI::App* verb = app.add_subcommand("params-csv", "Parameters of a HAR as a table");
  auto options = std::make_shared<Options>();
  verb->add_option("har_path", options->har, "The HAR")->required();
  verb->add_option("--csv-path", options->output, "The file to write (default: <net>_params.csv)");
  verb->callback([options, &action] { action = [options] { return params_csv(*options); }; });
}

}  // namespace graupel::hailo
