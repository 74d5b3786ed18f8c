// graupel run: frames through one stage of a model.
#include <chrono>

#include "base/file.h"
#include "compiler/run_frames.h"
#include "eval/labels.h"
#include "graupel/command.h"
#include "graupel/print.h"

namespace graupel::cli {
namespace {

struct Options {
  std::string model, output, stage, labels, poison;
  InputOptions input;
  LabelOptions label_options;
  std::vector<std::string> where, taps;
  bool self_test = false;
};

Json json_of(const std::vector<OutputSummary>& tensors) {
  Json list = Json::array();
  for (const OutputSummary& o : tensors)
    list.push_back({{"name", o.name},
                    {"shape", o.shape},
                    {"min", json_number(o.min)},
                    {"max", json_number(o.max)},
                    {"mean", json_number(o.mean)},
                    {"std", json_number(o.std)}});
  return list;
}

Json json_of(const RunSummary& summary) {
  Json json = {{"stage", to_string(summary.stage)},
               {"frames", summary.frames},
               {"ms_per_frame", summary.ms_per_frame},
               {"outputs", json_of(summary.outputs)}};
  if (!summary.taps.empty()) json["taps"] = json_of(summary.taps);
  if (summary.classes > 0) {
    Json best = Json::array();
    for (const FrameClasses& frame : summary.best) best.push_back({{"file", frame.name}, {"top5", frame.top5}});
    json["classes"] = best;
  }
  if (summary.accuracy)
    json.update({{"top1", summary.accuracy->top1_share()}, {"top5", summary.accuracy->top5_share()}});
  return json;
}

void print(const char* what, const std::vector<OutputSummary>& tensors) {
  Table table({what, "shape", "min", "max", "mean", "std"});
  for (const OutputSummary& o : tensors)
    table.add({o.name, to_string(o.shape), number(o.min), number(o.max), number(o.mean), number(o.std)});
  table.print();
}

void print(const RunSummary& summary) {
  for (const FrameClasses& frame : summary.best) {
    std::string line = frame.name + ":";
    for (std::size_t i = 0; i < frame.top5.size(); ++i)
      line += cat("  ", frame.top5[i], " (", number(frame.scores[i]), ")");
    print_line(line);
  }
  if (!summary.taps.empty()) print("layer", summary.taps);
  print("output", summary.outputs);
  print_line(cat(summary.frames, " frames at stage ", to_string(summary.stage), ", ", number(summary.ms_per_frame),
                 " ms each"));
  if (summary.accuracy)
    print_line(
        cat("top-1 ", percent(summary.accuracy->top1_share()), ", top-5 ", percent(summary.accuracy->top5_share())));
}

Result<int> run(Options& options, const Common& common) {
  GRAUPEL_TRY(const ModelFile model, load_model(options.model));
  RunStage stage = latest_run_stage(model);
  if (!options.stage.empty()) {
    GRAUPEL_TRY(stage, parse_run_stage(options.stage));
  }
  GRAUPEL_TRY(const std::vector<InputSpec> inputs, input_specs(model));
  GRAUPEL_TRY(Dataset frames, Dataset::open(options.input.input, inputs));
  RunFramesOptions frame_options;
  frame_options.run.threads = common.threads;
  frame_options.run.self_test = options.self_test;
  if (!options.poison.empty()) {
    GRAUPEL_TRY(frame_options.run.poison, parse_poison(options.poison));
  }
  frame_options.taps = options.taps;
  frame_options.keep_arrays = !options.output.empty();
  if (!options.labels.empty()) {
    for (const std::string& text : options.where) {
      const std::size_t at = text.find('=');
      if (at == std::string::npos) return invalid("--where '", text, "' (accepted: COLUMN=VALUE)");
      options.label_options.where.emplace_back(text.substr(0, at), text.substr(at + 1));
    }
    GRAUPEL_TRY(frame_options.labels, read_labels(options.labels, options.label_options));
    frames.filter([&](int i) { return frame_options.labels->contains(frames.name(i)); });
    if (frames.size() == 0)
      return mismatch("no file of '", options.input.input, "' is listed in '", options.labels, "'");
  }
  if (options.input.limit > 0) frames.limit(options.input.limit);
  Progress progress("running");
  frame_options.progress = std::ref(progress);
  GRAUPEL_TRY(const RunSummary summary, run_frames({model, stage}, frames, frame_options));
  if (!options.output.empty()) {
    GRAUPEL_TRY(const Bytes npz, save_npz(summary.arrays));
    GRAUPEL_DO(write_file(options.output, npz));
  }
  common.json ? print_json(json_of(summary)) : print(summary);
  return kOk;
}

}  // namespace

void add_run(CLI::App& app, Common& common, Action& action) {
  CLI::App* verb = add_verb(app, common, "run", "Run frames through a model at any stage");
  auto options = std::make_shared<Options>();
  verb->add_option("model", options->model, "ONNX, HAR or HEF")->required();
  add_input_options(*verb, options->input);
  verb->add_option("--stage", options->stage, "Default: the latest of the file")->check(CLI::IsMember(stage_names()));
  verb->add_option("-o,--output", options->output, "Write the outputs and tapped layers, by name, as .npz");
  verb->add_option("--tap", options->taps, "Layers whose outputs to show too: names, or all")->delimiter(',');
  verb->add_option("--poison", options->poison, "Fill every buffer with this byte before use: no result may change");
  verb->add_flag("--self-test", options->self_test, "First check that this CPU computes what the compiler computed");
  verb->add_option("--labels", options->labels,
                   "CSV of file and class index: run the listed files and report accuracy");
  verb->add_option("--label-column", options->label_options.label_column, "Column of the class index (default: label)");
  verb->add_option("--where", options->where, "COLUMN=VALUE: only rows of the CSV with this value");
  verb->callback([options, &common, &action] { action = [options, &common] { return run(*options, common); }; });
}

}  // namespace graupel::cli
