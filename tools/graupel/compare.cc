// graupel compare: two stages of one model, or two files, tensor by tensor.
#include <cstdio>

#include "compiler/compare_stages.h"
#include "graupel/command.h"
#include "graupel/print.h"

namespace graupel::cli {
namespace {

struct Options {
  std::string reference, other, reference_stage, stage;
  InputOptions input;
  double min_snr = std::numeric_limits<double>::infinity();
  bool all = false;
};

Result<int> compare(const Options& options, const Common& common) {
  GRAUPEL_TRY(const ModelFile reference, load_model(options.reference));
  std::optional<ModelFile> second;
  if (!options.other.empty()) {
    GRAUPEL_TRY(second, load_model(options.other));
  }
  const ModelFile& other = second ? *second : reference;
  RunStage reference_stage = second ? latest_run_stage(reference) : reference_stage_of(reference),
           stage = latest_run_stage(other);
  if (!options.reference_stage.empty()) {
    GRAUPEL_TRY(reference_stage, parse_run_stage(options.reference_stage));
  }
  if (!options.stage.empty()) {
    GRAUPEL_TRY(stage, parse_run_stage(options.stage));
  }
  GRAUPEL_TRY(const std::vector<InputSpec> inputs, input_specs(reference.har ? reference : other));
  GRAUPEL_TRY(Dataset frames, open_dataset(options.input, inputs));
  Progress progress("comparing");
  GRAUPEL_TRY(const StageComparison result, compare_stages({reference, reference_stage}, {other, stage}, frames,
                                                           {.threads = common.threads}, std::ref(progress)));
  if (common.json) {
    print_json({{"reference", {{"file", options.reference}, {"stage", to_string(reference_stage)}}},
                {"other", {{"file", other.path}, {"stage", to_string(stage)}}},
                {"frames", result.frames},
                {"warnings", result.warnings},
                {"outputs", json_of(result.outputs)},
                {"layers", json_of(result.layers)}});
  } else {
    for (const std::string& warning : result.warnings) std::fprintf(stderr, "graupel: warning: %s\n", warning.c_str());
    print_line(cat(to_string(stage), " against ", to_string(reference_stage), ", ", result.frames,
                   " frames; layers, worst first:"));
    print_stats(result.layers, options.all ? result.layers.size() : 20);
    print_line("\noutputs:");
    print_stats(result.outputs, result.outputs.size());
  }
  const auto within = [&](const TensorStats& stats) { return stats.snr_db >= options.min_snr; };
  return std::all_of(result.outputs.begin(), result.outputs.end(), within) ? kOk : kDifference;
}

}  // namespace

void add_compare(CLI::App& app, Common& common, Action& action) {
  CLI::App* verb = add_verb(app, common, "compare", "Compare two stages of a model, or two files, layer by layer");
  auto options = std::make_shared<Options>();
  verb->add_option("reference", options->reference, "ONNX, HAR or HEF")->required();
  verb->add_option("other", options->other,
                   "Another file of the same model (default: the reference's own latest stage)");
  add_input_options(*verb, options->input);
  verb->add_option(
          "--reference-stage", options->reference_stage,
          "Default: native (optimized where the model script changed inputs, and behind nms_postprocess), or the "
          "file's latest when two are given")
      ->check(CLI::IsMember(stage_names()));
  verb->add_option("--stage", options->stage, "Default: the latest")->check(CLI::IsMember(stage_names()));
  verb->add_option("--min-snr", options->min_snr,
                   "Exit with 1 only when an output has fewer dB (default: any difference)");
  verb->add_flag("--all", options->all, "Print every layer, not just the worst 20");
  verb->callback([options, &common, &action] { action = [options, &common] { return compare(*options, common); }; });
}

}  // namespace graupel::cli
