// hailo optimize: HAR → optimized and quantized HAR.
#include <random>

#include "compiler/load_recipe.h"
#include "compiler/verbs.h"
#include "hailo/command.h"
#include "hailo/log.h"

namespace graupel::hailo {
namespace {

struct Options {
  std::string har, calibration, script, output, arch, work_dir;
  bool random = false, full_precision_only = false;
};

constexpr int kCalibrationFrames = 64;

/// The same pseudo-random values in [0, 1) on every machine.
Dataset random_frames(std::vector<InputSpec> inputs) {
  const auto make = [inputs](int index) -> Result<std::vector<Tensor>> {
    std::mt19937 random(static_cast<uint32_t>(index));
    std::vector<Tensor> tensors;
    for (const InputSpec& input : inputs) {
      auto [tensor, data] = Tensor::make<float>(input.shape);
      for (int64_t i = 0, n = element_count(input.shape); i < n; ++i)
        data[i] = static_cast<float>(random() >> 8) * 0x1p-24f;
      tensors.push_back(std::move(tensor));
    }
    return tensors;
  };
  return Dataset::of(kCalibrationFrames, make, std::move(inputs));
}

Result<Dataset> open_calibration(const Options& options, const Har& har) {
  std::vector<InputSpec> inputs = input_specs(*har.optimized);
  if (options.random) {
    warn("Random calibration data: ranges and accuracy mean nothing; use pictures like those the network will see");
    return random_frames(std::move(inputs));
  }
  GRAUPEL_TRY(Dataset frames, Dataset::open(options.calibration, std::move(inputs)));
  GRAUPEL_TRY(const std::optional<int> limit, calibration_frames(har));
  frames.limit(limit.value_or(kCalibrationFrames));
  return frames;
}

/// Reads the script and carries it out in floats.
Result<> optimize_floats(const Options& options, Har& har) {
  if (!options.script.empty()) GRAUPEL_DO(load_script(har, options.script));
  if (har.optimized) return {};
  info("Starting Full Precision Optimization");
  GRAUPEL_TRY(const OptimizeSummary summary, optimize_full_precision(har, {}));
  for (const std::string& message : summary.messages) info(message);
  for (const std::string& warning : summary.warnings) warn(warning);
  for (const Modification& modification : har.modifications)
    for (const std::string& layer : modification.layers)
      info(cat("Layer ", layer, " (", modification.command, ") was added at ", modification.port));
  return {};
}

Result<> quantize(const Options& options, Har& har) {
  GRAUPEL_TRY(Dataset frames, open_calibration(options, har));
  OptimizeOptions optimize_options;
  optimize_options.quantize.threads = available_threads();
  GRAUPEL_TRY(optimize_options.quantize.isa, chosen_isa());
  info("Starting Model Optimization");
  const Stopwatch time;
  GRAUPEL_TRY(const OptimizeSummary summary, graupel::optimize(har, frames, optimize_options));
  for (const std::string& warning : summary.warnings) warn(warning);
  info(cat("Model Optimization is done (completion time: ", time.text(), ", ", summary.frames, " calibration frames)"));
  return {};
}

Result<> optimize(const Options& options) {
  const bool data = !options.calibration.empty();
  warn_unused("--work-dir", !options.work_dir.empty());
  if (!options.full_precision_only && options.random == data)
    return invalid("give one of --calib-set-path and --use-random-calib-set");
  GRAUPEL_TRY(const std::string path, har_or_only_one(options.har));
  GRAUPEL_TRY(ModelFile model, open_har(path));
  Har& har = *model.har;
  if (har.quantized) return invalid("'", path, "' is quantized already; optimize the HAR that the parser wrote");
  if (!options.arch.empty()) har.hw_arch = options.arch;
  GRAUPEL_DO(optimize_floats(options, har));
  if (!options.full_precision_only) GRAUPEL_DO(quantize(options, har));
  return write_har(har, options.output.empty() ? har.name + "_optimized.har" : options.output);
}

}  // namespace

void add_optimize(CLI::App& app, Action& action) {
  CLI::App* verb = app.add_subcommand("optimize", "Optimize and quantize the network of a HAR");
  auto options = std::make_shared<Options>();
  verb->add_option("har_path", options->har, "The HAR (default: the one of this folder that is not optimized yet)");
  verb->add_option("--calib-set-path", options->calibration, "Calibration data: .npy, .npz or a folder of .npy");
  verb->add_flag("--use-random-calib-set", options->random, "Calibrate with random numbers, to try things out");
  verb->add_option("--model-script", options->script, "The model script (.alls)");
  verb->add_option("--output-har-path", options->output, "The HAR to write (default: <net>_optimized.har)");
  verb->add_flag("--full-precision-only", options->full_precision_only, "Stop before quantization");
  verb->add_option("--work-dir", options->work_dir, "Without an effect: nothing is written between the stages");
  add_hw_arch(*verb, options->arch);
  verb->callback([options, &action] { action = [options] { return optimize(*options); }; });
}

}  // namespace graupel::hailo
