// graupel optimize: full-precision passes, then quantization, in one HAR.
#include "base/file.h"
#include "compiler/load_recipe.h"
#include "compiler/verbs.h"
#include "graupel/command.h"
#include "graupel/print.h"

namespace graupel::cli {
namespace {

struct Options {
  std::string model, output, recipe, nms_arch, nms_config;
  InputOptions calibration;
  OptimizeOptions optimize;
  std::string method = "mse";
  bool full_precision_only = false;
  std::vector<std::string> precision;
};

void report(const Har& har, const OptimizeSummary& summary, const std::string& path, bool as_json) {
  const std::string stage(to_string(har.stage()));
  Json rewrites = Json::object();
  for (std::size_t i = 0; i < summary.rewrites.size(); ++i)
    rewrites[std::string(optimize_rules()[i].name)] = summary.rewrites[i];
  for (const std::string& message : summary.messages) std::fprintf(stderr, "graupel: %s\n", message.c_str());
  for (const std::string& warning : summary.warnings) std::fprintf(stderr, "graupel: warning: %s\n", warning.c_str());
  if (as_json)
    return print_json({{"har", path},
                       {"stage", stage},
                       {"frames", summary.frames},
                       {"rewrites", rewrites},
                       {"messages", summary.messages},
                       {"warnings", summary.warnings}});
  Table table({"rule", "applied"});
  for (const auto& [name, count] : rewrites.items())
    if (count != 0) table.add({name, cat(count.get<int>())});
  table.print();
  print_line(cat(path, ": ", stage, summary.frames > 0 ? cat(" on ", summary.frames, " frames") : std::string()));
}

/// Up to the optimized stage, and the script's and the passes' part of the summary.
Result<OptimizeSummary> optimize_floats(Options& options, Har& har) {
  std::vector<std::string> messages;
  if (!options.recipe.empty()) {
    // The model is about to be optimized anew, so that a script may change everything.
    har.optimized.reset();
    har.quantized.reset();
    GRAUPEL_TRY(messages, load_recipe_file(har, options.recipe, false));
  }
  GRAUPEL_TRY(OptimizeSummary summary, optimize_full_precision(har, options.optimize));
  summary.warnings.insert(summary.warnings.begin(), messages.begin(), messages.end());
  return summary;
}

/// "conv5=a16_w16", or a mode alone for all other layers.
Result<> read_precision(const std::vector<std::string>& texts, QuantizeOptions& quantize) {
  for (const std::string& text : texts) {
    const std::size_t equal = text.find('=');
    const std::string mode = equal == std::string::npos ? text : text.substr(equal + 1);
    GRAUPEL_TRY(const Precision precision, parse_precision(mode).within("--precision ", text));
    if (equal == std::string::npos)
      quantize.precision = precision;
    else
      quantize.layers[text.substr(0, equal)].precision = precision;
  }
  return {};
}

Result<int> optimize(Options& options, const Common& common) {
  GRAUPEL_TRY(options.optimize.quantize.activations, parse_range_method(options.method).within("--method"));
  if (!options.nms_arch.empty()) {
    DetectRequest& detect = options.optimize.detect.emplace();
    GRAUPEL_TRY(detect.arch, parse_detect_arch(options.nms_arch));
    if (!options.nms_config.empty()) {
      GRAUPEL_TRY(detect.config, read_detect_config_file(options.nms_config));
    }
  } else if (!options.nms_config.empty()) {
    return invalid("--nms-config without --nms, which names the detector's kind");
  }
  GRAUPEL_TRY(ModelFile model, load_model(options.model));
  if (!model.har || model.kind != ModelKind::kHar)
    return invalid("'", options.model, "' is ", to_string(model.kind), ", not a HAR; run `graupel parse` first");
  if (options.calibration.input.empty() && !options.full_precision_only)
    return invalid("quantizing needs --calib with pictures or arrays; --full-precision-only stops before");
  GRAUPEL_TRY(OptimizeSummary summary, optimize_floats(options, *model.har));
  if (!options.full_precision_only) {
    QuantizeOptions& quantize = options.optimize.quantize;
    quantize.threads = common.threads > 0 ? common.threads : available_threads();
    GRAUPEL_DO(read_precision(options.precision, quantize));
    GRAUPEL_TRY(quantize.isa, chosen_isa());
    Progress progress("calibrating");
    quantize.progress = std::ref(progress);
    GRAUPEL_TRY(Dataset frames, open_dataset(options.calibration, input_specs(*model.har->optimized)));
    GRAUPEL_TRY(const OptimizeSummary integer, optimize(*model.har, frames, options.optimize));
    summary.frames = integer.frames;
    summary.warnings.insert(summary.warnings.end(), integer.warnings.begin(), integer.warnings.end());
  }
  GRAUPEL_TRY(const Bytes bytes, save_har(*model.har));
  const std::string path = options.output.empty() ? options.model : options.output;
  GRAUPEL_DO(write_file(path, bytes));
  report(*model.har, summary, path, common.json);
  return kOk;
}

}  // namespace

void add_optimize(CLI::App& app, Common& common, Action& action) {
  CLI::App* verb = add_verb(app, common, "optimize", "Optimize and quantize the graph of a HAR");
  auto options = std::make_shared<Options>();
  verb->add_option("har", options->model, "The HAR")->required();
  verb->add_option("--calib", options->calibration.input, "Folder of pictures, or .npy, to calibrate with");
  verb->add_flag("--full-precision-only", options->full_precision_only, "Stop before quantizing");
  verb->add_option("--limit", options->calibration.limit, "Use at most this many frames")->check(CLI::PositiveNumber);
  verb->add_option("-o,--output", options->output, "The HAR to write (default: the same file)");
  verb->add_option("--method", options->method, "Activation ranges: mse, percentile or minmax (default: mse)");
  verb->add_option("--percentile", options->optimize.quantize.percentile, "For --method percentile")
      ->check(CLI::Range(50.0, 100.0));
  verb->add_option("--precision", options->precision,
                   "LAYER=MODE, or MODE for all others: a8_w8, a8_w4, a16_w16, a8_w8_a16 …; several with commas")
      ->delimiter(',');
  verb->add_option("--level", options->optimize.level,
                   "Optimization level (-100: no algorithms); default: the script's")
      ->check(CLI::IsMember({-100, 0, 1, 2, 3, 4}));
  verb->add_option("--recipe", options->recipe,
                   "Model script (.alls; `graupel recipe --commands` lists what it may say)")
      ->check(CLI::ExistingFile);
  verb->add_option("--nms", options->nms_arch, "Decode boxes and suppress doubles on the host: yolov8, yolov5, ...");
  verb->add_option("--nms-config", options->nms_config, "NMS configuration (JSON); default: inferred from the outputs");
  verb->add_option("--skip-rule", options->optimize.passes.skip, "Rules of the optimizer to leave out")->delimiter(',');
  verb->callback([options, &common, &action] { action = [options, &common] { return optimize(*options, common); }; });
}

}  // namespace graupel::cli
