// hailo analyze-noise, profiler, params-csv: what a HAR's network is like.
#include "base/file.h"
#include "compiler/bench.h"
#include "compiler/compare_stages.h"
#include "graupel/print.h"
#include "hailo/command.h"
#include "hailo/log.h"
#include "har/graph_json.h"
#include "har/parameters.h"
#include "lower/lower.h"

namespace graupel::hailo {
namespace {

struct Options {
  std::string har, data, mode = "simple", hef, ignored, output;
  int batch = 1, count = 16;
  bool flag = false;
};

/// Below this an output is likely to be visibly worse than the float network's.
constexpr double kLowSnrDb = 10;

Result<> analyze_noise(const Options& options) {
  GRAUPEL_TRY(const ModelFile model, open_har(options.har));
  GRAUPEL_TRY(Dataset frames, open_frames(options.data, model, options.count));
  info("Starting Layer Noise Analysis");
  GRAUPEL_TRY(const StageComparison result,
              compare_stages({model, RunStage::kOptimized}, {model, RunStage::kQuantized}, frames, {}));
  cli::print_stats(result.layers, result.layers.size());
  info("Output layers signal-to-noise ratio (SNR):");
  for (const TensorStats& output : result.outputs)
    (output.snr_db < kLowSnrDb ? warn : info)(cat("  ", output.name, ": ", cli::number(output.snr_db), " dB"));
  return {};
}

/// The program of --hef, or what the HAR compiles to.
Result<Program> program_of(const Options& options, const ModelFile& model) {
  if (options.hef.empty()) {
    if (!model.har->quantized)
      return invalid("'", options.har, "' is at stage ", to_string(model.har->stage()), "; run `hailo optimize` first");
    return lower_graph(*model.har->quantized);
  }
  GRAUPEL_TRY(Hef hef, open_hef(options.hef));
  if (!hef.program) return unsupported("'", options.hef, "' was compiled by another tool and can only be inspected");
  return std::move(*hef.program);
}

Result<> profile(const Options& options) {
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
  return {};
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
    default: return {};
  }
}

/// A name as a CSV field.
std::string field(const std::string& text) {
  std::string quoted = "\"";
  for (char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
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
  CLI::App* verb = app.add_subcommand("analyze-noise", "Signal-to-noise ratio of every layer of a quantized HAR");
  auto options = std::make_shared<Options>();
  verb->add_option("har_path", options->har, "The HAR")->required();
  verb->add_option("--data-path", options->data, "Inputs: .npy, .npz or a folder of .npy")->required();
  verb->add_option("--batch-size", options->batch, "Accepted without effect: no result depends on it");
  verb->add_option("--data-count", options->count, "Frames to use (default: 16)")->check(CLI::PositiveNumber);
  verb->add_option("--analyze-mode", options->mode, "simple: the whole network quantized")
      ->check(CLI::IsMember({"simple"}));
  verb->callback([options, &action] { action = [options] { return analyze_noise(*options); }; });
}

void add_profiler(CLI::App& app, Action& action) {
  CLI::App* verb = app.add_subcommand("profiler", "Sizes, operations, and the time of every layer on this CPU");
  auto options = std::make_shared<Options>();
  verb->add_option("har_path", options->har, "The HAR")->required();
  verb->add_option("--hef", options->hef, "Measure this HEF (default: what the HAR compiles to)");
  verb->add_option("--runtime-data,--out-path,--mode", options->ignored, "Accepted without effect: the report is text");
  verb->add_flag("--csv,--collect-runtime-data", options->flag, "Accepted without effect");
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
