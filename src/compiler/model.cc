// include/graupel/compiler.hpp over the verbs.
#include "base/file.h"
#include "compiler/compare_stages.h"
#include "compiler/load_recipe.h"
#include "compiler/model_file.h"
#include "compiler/verbs.h"
#include "compiler/verify_program.h"
#include "graupel/compiler.hpp"
#include "runtime/failure.h"

namespace graupel {
namespace {

/// Of arrays that outlive it.
Result<Dataset> dataset_of(const std::vector<Array>& arrays, std::vector<InputSpec> inputs) {
  std::vector<HeldArray> held;
  for (const Array& array : arrays) {
    GRAUPEL_DO(validate(array.shape));
    if (element_count(array.shape) != static_cast<int64_t>(array.values.size()))
      return mismatch("an array has ", array.values.size(), " values, its shape ", to_string(array.shape), " takes ",
                      element_count(array.shape));
    held.push_back({DType::kF32, array.shape, reinterpret_cast<const std::byte*>(array.values.data()), nullptr});
  }
  return Dataset::of_arrays(std::move(held), std::move(inputs));
}

std::vector<TensorDistance> distances(const std::vector<TensorStats>& stats) {
  std::vector<TensorDistance> result;
  for (const TensorStats& s : stats) result.push_back({s.name, s.origins, s.mean_abs, s.max_abs, s.snr_db, s.cosine});
  return result;
}

void append_frame(Array& array, const Tensor& frame, int frames) {
  if (array.shape.empty()) {
    array.shape = frame.type.shape;
    if (array.shape.empty() || array.shape[0] != 1) array.shape.insert(array.shape.begin(), 1);
    array.shape[0] = frames;
  }
  const auto values = frame.as<float>();
  array.values.insert(array.values.end(), values.begin(), values.end());
}

}  // namespace

Frames Frames::open(std::string path) {
  Frames frames;
  frames.path_ = std::move(path);
  return frames;
}

Frames Frames::of(std::vector<Array> inputs) {
  Frames frames;
  frames.arrays_ = std::move(inputs);
  return frames;
}

struct Model::State {
  ModelFile file;

  Har& har() {
    if (!file.har)
      take<void>(unsupported("'", file.path, "' is a HEF: it holds a compiled program and no graph; load its HAR"));
    return *file.har;
  }
  RunStage stage(const std::string& name) const {
    return name.empty() ? latest_run_stage(file) : take(parse_run_stage(name));
  }
  Dataset dataset(const Frames& frames, RunStage stage) const {
    const Graph* graph = file.har ? graph_of(*file.har, stage) : nullptr;
    std::vector<InputSpec> inputs = graph != nullptr ? input_specs(*graph) : take(input_specs(file));
    if (!frames.path_.empty()) return take(Dataset::open(frames.path_, std::move(inputs)));
    return take(dataset_of(frames.arrays_, std::move(inputs)));
  }
};

Model::Model(std::unique_ptr<State> state) : state_(std::move(state)) {}
Model::Model(Model&&) noexcept = default;
Model& Model::operator=(Model&&) noexcept = default;
Model::~Model() = default;

Model Model::parse(const std::string& onnx_path, const ParseSettings& settings) {
  ParseOptions options;
  options.start_nodes = settings.start_nodes;
  options.end_nodes = settings.end_nodes;
  options.input_shapes = settings.input_shapes;
  options.name = settings.name;
  auto state = std::make_unique<State>();
  state->file.path = onnx_path;
  state->file.har = take(parse_har(onnx_path, std::move(options), settings.preprocess));
  return Model(std::move(state));
}

Model Model::load(const std::string& path) { return Model(std::make_unique<State>(State{take(load_model(path))})); }

std::string Model::name() const { return state_->file.har ? state_->file.har->name : state_->file.hef->info.group; }
std::string Model::stage() const { return std::string(to_string(latest_run_stage(state_->file))); }

std::vector<std::string> Model::load_recipe(const std::string& path) {
  return take(load_recipe_file(state_->har(), path, false));
}

std::vector<std::string> Model::optimize(const Frames& calibration, const OptimizeSettings& settings) {
  Har& har = state_->har();
  OptimizeOptions options;
  options.quantize.activations = take(parse_range_method(settings.ranges).within("ranges"));
  options.quantize.percentile = settings.percentile;
  options.quantize.threads = settings.threads > 0 ? settings.threads : available_threads();
  options.quantize.isa = take(chosen_isa());
  std::vector<std::string> warnings = take(optimize_full_precision(har, options)).warnings;
  Dataset frames = state_->dataset(calibration, RunStage::kOptimized);
  const OptimizeSummary summary = take(graupel::optimize(har, frames, options));
  har.hef.reset();
  warnings.insert(warnings.end(), summary.warnings.begin(), summary.warnings.end());
  return warnings;
}

void Model::compile() {
  Har& har = state_->har();
  har.hef = std::make_shared<Bytes>(take(compile_har(har, state_->file.hash)).hef);
}

void Model::save(const std::string& har_path) const { take(write_file(har_path, take(save_har(state_->har())))); }

void Model::save_hef(const std::string& hef_path) const {
  const Har& har = state_->har();
  if (!har.hef) take<void>(invalid("the model is at stage ", stage(), "; compile() it first"));
  take(write_file(hef_path, *har.hef));
}

std::vector<Array> Model::run(const Frames& frames, const std::string& stage, int threads) const {
  const RunStage run_stage = state_->stage(stage);
  StageRunner runner = take(StageRunner::create(state_->file, run_stage, {threads, {}}));
  Dataset dataset = state_->dataset(frames, run_stage);
  std::vector<Array> arrays(runner.outputs().size());
  for (int i = 0; i < dataset.size(); ++i) {
    const std::vector<Tensor> outputs = take(runner.run(take(dataset.frame(i))).within("frame ", i));
    for (std::size_t k = 0; k < outputs.size(); ++k) append_frame(arrays[k], outputs[k], dataset.size());
  }
  return arrays;
}

StageDistance Model::compare(const Frames& frames, const std::string& stage, const std::string& reference) const {
  const RunStage other_stage = state_->stage(stage), reference_stage = state_->stage(reference);
  Dataset dataset = state_->dataset(frames, reference_stage);
  const StageComparison comparison =
      take(compare_stages({state_->file, reference_stage}, {state_->file, other_stage}, dataset, {}));
  return {distances(comparison.outputs), distances(comparison.layers)};
}

std::optional<ByteDifference> Model::verify(const Frames& frames, const std::vector<int>& threads,
                                            const std::vector<int>& batches) const {
  const Har& har = state_->har();
  if (!har.quantized) take<void>(invalid("the model is at stage ", stage(), "; optimize() it first"));
  Dataset dataset = state_->dataset(frames, RunStage::kQuantized);
  VerifyOptions options;
  options.threads = threads;
  options.batches = batches;
  const Hef hef = take(compiled_hef(har));
  const VerifyReport report = take(verify_program(*har.quantized, hef.programs[0], dataset, options));
  if (!report.difference) return std::nullopt;
  const Difference& d = *report.difference;
  return ByteDifference{d.layer, std::string(to_string(d.isa)), d.threads, d.batch, d.frame, d.index, d.expected,
                        d.actual};
}

}  // namespace graupel
