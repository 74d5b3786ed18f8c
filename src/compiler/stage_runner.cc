#include "compiler/stage_runner.h"

#include <algorithm>

#include "base/nearest_names.h"
#include "har/graph_json.h"
#include "har/names.h"
#include "ir/evaluate.h"
#include "lower/lower.h"
#include "runtime/host_steps.h"
#include "runtime/self_test.h"

namespace graupel {
namespace {

constexpr std::string_view kStageNames[] = {"native", "optimized", "quantized", "compiled"};

std::string stages_held(const ModelFile& model) {
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < std::size(kStageNames); ++i) {
    const auto stage = static_cast<RunStage>(i);
    if (model.har ? graph_of(*model.har, stage) != nullptr : stage == RunStage::kCompiled)
      names.push_back(kStageNames[i]);
  }
  return join_names(names);
}

/// Float tensors and where their elements are.
struct Buffers {
  std::vector<Tensor> tensors;
  std::vector<float*> data;

  void add(const Shape& shape) {
    auto [tensor, elements] = Tensor::make<float>(shape);
    tensors.push_back(std::move(tensor));
    data.push_back(elements);
  }
};

OutputSpec spec_of(const Program& program, const ProgramResult& result) {
  if (result.host) return {program.host[result.number].name, {}};
  const Port& port = program.outputs[result.number];
  return {port.origins.empty() ? port.name : port.origins[0], port.order};
}

Tensor as_floats(const Tensor& tensor) {
  return tensor.type.dtype == DType::kF32 || !tensor.type.quant ? tensor : dequantize(tensor);
}

}  // namespace

std::string_view to_string(RunStage stage) { return kStageNames[static_cast<std::size_t>(stage)]; }

Result<RunStage> parse_run_stage(std::string_view name) {
  for (std::size_t i = 0; i < std::size(kStageNames); ++i)
    if (kStageNames[i] == name) return static_cast<RunStage>(i);
  return invalid("stage '", name, "' (accepted: ", join_names(kStageNames), ")");
}

Result<Hef> compiled_hef(const Har& har) {
  Hef hef;
  if (!har.hef) {
    GRAUPEL_TRY(Program program, lower_graph(*har.quantized));
    hef.programs.push_back(std::move(program));
    return hef;
  }
  GRAUPEL_TRY(hef, load_hef(*har.hef, har.hef).within("the HEF in the HAR"));
  GRAUPEL_DO(only_program(hef, "the HEF in the HAR"));
  return hef;
}

const Graph* graph_of(const Har& har, RunStage stage) {
  const auto& graph = stage == RunStage::kNative      ? har.parsed
                      : stage == RunStage::kOptimized ? har.optimized
                                                      : har.quantized;
  return graph ? &*graph : nullptr;
}

RunStage latest_run_stage(const ModelFile& model) {
  if (!model.har || model.har->hef) return RunStage::kCompiled;
  return static_cast<RunStage>(model.har->stage());
}

Result<std::vector<InputSpec>> input_specs(const ModelFile& model) {
  if (model.har) return input_specs(model.har->latest());
  GRAUPEL_TRY(const Program* const program, only_program(*model.hef, model.path));
  std::vector<InputSpec> inputs;
  for (const Port& port : program->inputs) {
    PortInfo info;
    info.origin = port.origins.empty() ? port.name : port.origins[0];
    info.order = port.order;
    info.preprocess = port.preprocess;
    inputs.push_back({port.name, port.type.shape, std::move(info)});
  }
  return inputs;
}

struct StageRunner::State {
  std::vector<OutputSpec> outputs;
  const Graph* graph = nullptr;
  std::unique_ptr<Graph> own_graph;      ///< with another score threshold
  std::unique_ptr<Program> own_program;  ///< likewise
  std::unique_ptr<Evaluator> evaluator;
  std::unique_ptr<Emulator> emulator;
  std::unique_ptr<Hef> own;  ///< lowered here, or of the HAR
  const Program* program = nullptr;
  std::optional<Session> session;
  std::optional<HostSteps> host;

  Result<std::vector<Tensor>> run_graph(std::span<const Tensor> inputs, const LayerObserver& observer,
                                        std::span<const std::string> layers);
  Result<std::vector<Tensor>> run_program(std::span<const Tensor> inputs, const LayerObserver& observer,
                                          std::span<const std::string> layers);
  Result<> set_score_threshold(float threshold, RunStage stage);
  Result<> start_session(const ModelFile& model, const RunOptions& options, int threads, Isa isa);
};

Result<std::vector<Tensor>> StageRunner::State::run_graph(std::span<const Tensor> inputs, const LayerObserver& observer,
                                                          std::span<const std::string> layers) {
  Observer observe;
  if (observer)
    observe = [&](ValueId, const Layer* layer, const Tensor& tensor) {
      if (layer == nullptr) return;
      if (!layers.empty() && std::find(layers.begin(), layers.end(), layer->name) == layers.end()) return;
      const Tensor real = as_floats(tensor);
      if (real.type.dtype == DType::kF32) observer(layer->name, real.type.shape, real.as<float>());
    };
  if (evaluator) return evaluator->run(inputs, observe);
  std::vector<Tensor> codes;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    GRAUPEL_TRY(Tensor code, quantize(inputs[i], (*graph)[graph->inputs[i]].type));
    codes.push_back(std::move(code));
  }
  GRAUPEL_TRY(std::vector<Tensor> results, emulator->run(codes, observe));
  for (Tensor& result : results) result = as_floats(result);
  return results;
}

Result<std::vector<Tensor>> StageRunner::State::run_program(std::span<const Tensor> inputs,
                                                            const LayerObserver& observer,
                                                            std::span<const std::string> layers) {
  std::vector<const float*> in;
  for (const Tensor& tensor : inputs) in.push_back(tensor.as<float>().data());
  Buffers ports, steps;
  for (const Port& port : program->outputs) ports.add(port.type.shape);
  for (const HostStep& step : program->host) steps.add(output_shape(step.params));
  const auto report = [&](const Tap& tap, const uint8_t* codes) {
    const auto* bytes = reinterpret_cast<const std::byte*>(codes);
    const Tensor tensor{tap.type, std::make_shared<Bytes>(bytes, bytes + tap.type.bytes())};
    observer(program->layer_names[tap.layer], tap.type.shape, dequantize(tensor).as<float>());
  };
  if (observer && layers.empty()) session->set_tap(report);
  if (observer && !layers.empty()) GRAUPEL_DO(session->set_tap(report, layers));
  const Result<> status = session->run_float(in, ports.data, 1);
  session->set_tap({});
  if (!status.ok()) return status.error();
  host->run(std::vector<const float*>(ports.data.begin(), ports.data.end()), steps.data);
  std::vector<Tensor> results;
  for (const ProgramResult& result : program_results(*program))
    results.push_back((result.host ? steps : ports).tensors[result.number]);
  return results;
}

StageRunner::StageRunner(std::unique_ptr<State> state) : state_(std::move(state)) {}
StageRunner::StageRunner(StageRunner&&) noexcept = default;
StageRunner::~StageRunner() = default;

const std::vector<OutputSpec>& StageRunner::outputs() const { return state_->outputs; }

std::vector<std::string> StageRunner::layers() const {
  std::vector<std::string> names;
  if (!state_->session) {
    for (const Layer& layer : state_->graph->layers) names.push_back(layer.name);
    return names;
  }
  const Program& program = *state_->program;
  std::vector<const Tap*> taps;
  for (const Tap& tap : program.taps) taps.push_back(&tap);
  std::stable_sort(taps.begin(), taps.end(), [](const Tap* a, const Tap* b) { return a->last_instr < b->last_instr; });
  for (const Tap* tap : taps) names.push_back(program.layer_names[tap->layer]);
  return names;
}

Result<std::vector<Tensor>> StageRunner::run(std::span<const Tensor> inputs, const LayerObserver& observer,
                                             std::span<const std::string> layers) {
  return state_->session ? state_->run_program(inputs, observer, layers) : state_->run_graph(inputs, observer, layers);
}

Result<std::vector<std::string>> StageRunner::find_layers(std::span<const std::string> names) const {
  if (names.size() == 1 && names[0] == "all") return layers();
  const std::string scope = file_safe_name(state_->session ? state_->program->name : state_->graph->name) + "/";
  std::vector<std::string> wanted, found;
  for (const std::string& name : names) wanted.push_back(name.starts_with(scope) ? name.substr(scope.size()) : name);
  if (state_->session) {
    GRAUPEL_TRY(const std::vector<std::size_t> taps, find_taps(*state_->program, wanted));
    for (const std::size_t i : taps) found.push_back(state_->program->layer_names[state_->program->taps[i].layer]);
    return found;
  }
  for (const std::string& layer : layers())
    if (std::any_of(wanted.begin(), wanted.end(), [&](const std::string& name) { return is_called(layer, name); }))
      found.push_back(layer);
  for (const std::string& name : wanted)
    if (std::none_of(found.begin(), found.end(), [&](const std::string& layer) { return is_called(layer, name); }))
      return not_found("there is no layer '", name,
                       "' at this stage; nearest: ", quoted_list(nearest_names(name, layers())));
  return found;
}

Result<> StageRunner::State::set_score_threshold(float threshold, RunStage stage) {
  std::vector<DetectParams*> found;
  if (stage == RunStage::kCompiled) {
    own_program = std::make_unique<Program>(*program);
    program = own_program.get();
    for (HostStep& step : own_program->host)
      if (auto* params = std::get_if<DetectParams>(&step.params)) found.push_back(params);
  } else {
    own_graph = std::make_unique<Graph>(*graph);
    graph = own_graph.get();
    for (Layer& layer : own_graph->layers)
      if (auto* detect = std::get_if<Detect>(&layer.op)) found.push_back(&detect->params);
  }
  if (found.empty())
    return invalid("a score threshold of ", threshold, " at stage ", to_string(stage),
                   ", which ends in no nms_postprocess; leave the threshold out");
  for (DetectParams* params : found) {
    if (params->decode_only)
      return invalid("a score threshold of ", threshold, " for boxes that are only decoded (bbox_decoding_only)");
    params->score_threshold = threshold;
    GRAUPEL_DO(validate(*params).within("nms_postprocess"));
  }
  return {};
}

/// Of the program of `model`, or of one made for it.
Result<> StageRunner::State::start_session(const ModelFile& model, const RunOptions& options, int threads, Isa isa) {
  const Hef* hef = model.hef ? &*model.hef : nullptr;
  if (program == nullptr) {
    GRAUPEL_TRY(Hef made, compiled_hef(*model.har));
    own = std::make_unique<Hef>(std::move(made));
    hef = own.get();
    program = own->program();
  }
  if (options.nms_score_threshold) GRAUPEL_DO(set_score_threshold(*options.nms_score_threshold, RunStage::kCompiled));
  SessionOptions session_options;
  session_options.threads = threads;
  session_options.isa = isa;
  session_options.poison = options.poison;
  GRAUPEL_TRY(session, Session::create(*program, session_options));
  GRAUPEL_TRY(host, HostSteps::create(*program));
  if (!options.self_test) return {};
  if (hef->info.networks.empty() || !hef->info.networks[0].golden)
    return unsupported("'", model.path,
                       "' has no golden vector to test this CPU with; compile the model to a HEF again");
  return self_test(*session, *hef->info.networks[0].golden);
}

Result<StageRunner> StageRunner::create(const ModelFile& model, RunStage stage, const RunOptions& options) {
  auto state = std::make_unique<State>();
  if (model.har) state->graph = graph_of(*model.har, stage);
  if (model.hef) {
    GRAUPEL_TRY(state->program, only_program(*model.hef, model.path));
  }
  const bool held = stage == RunStage::kCompiled ? state->graph || state->program : state->graph != nullptr;
  if (!held)
    return invalid("'", model.path, "' does not hold stage ", to_string(stage), " (it holds: ", stages_held(model),
                   ")");
  const int threads = options.threads > 0 ? options.threads : available_threads();
  Isa isa = Isa::kRef;
  if (options.isa) {
    isa = *options.isa;
  } else {
    GRAUPEL_TRY(isa, chosen_isa());
  }
  if (stage == RunStage::kCompiled) GRAUPEL_DO(state->start_session(model, options, threads, isa));
  if (stage != RunStage::kCompiled && options.nms_score_threshold)
    GRAUPEL_DO(state->set_score_threshold(*options.nms_score_threshold, stage));
  if (stage != RunStage::kCompiled && (options.self_test || options.poison))
    return invalid("self-test and poison are of the compiled program; this is stage ", to_string(stage));
  if (state->graph != nullptr)
    for (std::size_t i = 0; i < state->graph->outputs.size(); ++i)
      state->outputs.push_back({state->graph->output_info[i].origin, state->graph->output_info[i].order});
  else
    for (const ProgramResult& result : program_results(*state->program))
      state->outputs.push_back(spec_of(*state->program, result));
  if (stage == RunStage::kQuantized) {
    state->emulator = std::make_unique<Emulator>(*state->graph, threads);
    GRAUPEL_DO(state->emulator->prepare());
  } else if (stage != RunStage::kCompiled) {
    state->evaluator = std::make_unique<Evaluator>(*state->graph, threads, isa);
  }
  return StageRunner(std::move(state));
}

}  // namespace graupel
