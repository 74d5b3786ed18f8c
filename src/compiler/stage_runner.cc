#include "compiler/stage_runner.h"

#include <algorithm>

#include "har/names.h"
#include "ir/evaluate.h"
#include "lower/lower.h"
#include "runtime/host_steps.h"

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

/// The program that the HAR was compiled to, or that its quantized graph would be.
Result<Program> program_of(const Har& har) {
  if (!har.hef) return lower_graph(*har.quantized);
  GRAUPEL_TRY(Hef hef, load_hef(*har.hef, har.hef).within("the HEF in the HAR"));
  if (!hef.program) return unsupported("the HEF in the HAR was compiled by another tool; compile the HAR again");
  return std::move(*hef.program);
}

}  // namespace

std::string_view to_string(RunStage stage) { return kStageNames[static_cast<std::size_t>(stage)]; }

Result<RunStage> parse_run_stage(std::string_view name) {
  for (std::size_t i = 0; i < std::size(kStageNames); ++i)
    if (kStageNames[i] == name) return static_cast<RunStage>(i);
  return invalid("stage '", name, "' (accepted: ", join_names(kStageNames), ")");
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
  if (!model.hef || !model.hef->program)
    return unsupported("'", model.path, "' was compiled by another tool and can only be inspected");
  std::vector<InputSpec> inputs;
  for (const Port& port : model.hef->program->inputs) {
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
  std::unique_ptr<Evaluator> evaluator;
  std::unique_ptr<Emulator> emulator;
  std::unique_ptr<Program> own;  ///< lowered here, or of the HEF in the HAR
  const Program* program = nullptr;
  std::optional<Session> session;
  std::optional<HostSteps> host;

  Result<std::vector<Tensor>> run_graph(std::span<const Tensor> inputs, const LayerObserver& observer);
  Result<std::vector<Tensor>> run_program(std::span<const Tensor> inputs, const LayerObserver& observer);
};

Result<std::vector<Tensor>> StageRunner::State::run_graph(std::span<const Tensor> inputs,
                                                          const LayerObserver& observer) {
  Observer observe;
  if (observer)
    observe = [&](ValueId, const Layer* layer, const Tensor& tensor) {
      if (layer == nullptr) return;
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
                                                            const LayerObserver& observer) {
  std::vector<const float*> in;
  for (const Tensor& tensor : inputs) in.push_back(tensor.as<float>().data());
  Buffers ports, steps;
  for (const Port& port : program->outputs) ports.add(port.type.shape);
  for (const HostStep& step : program->host) steps.add(output_shape(step.params));
  if (observer)
    session->set_tap([&](const Tap& tap, const uint8_t* codes) {
      const auto* bytes = reinterpret_cast<const std::byte*>(codes);
      const Tensor tensor{tap.type, std::make_shared<Bytes>(bytes, bytes + tap.type.bytes())};
      observer(program->layer_names[tap.layer], tap.type.shape, dequantize(tensor).as<float>());
    });
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

Result<std::vector<Tensor>> StageRunner::run(std::span<const Tensor> inputs, const LayerObserver& observer) {
  return state_->session ? state_->run_program(inputs, observer) : state_->run_graph(inputs, observer);
}

Result<StageRunner> StageRunner::create(const ModelFile& model, RunStage stage, const RunOptions& options) {
  auto state = std::make_unique<State>();
  if (model.har) state->graph = graph_of(*model.har, stage);
  if (model.hef && model.hef->program) state->program = &*model.hef->program;
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
  if (stage == RunStage::kCompiled && state->program == nullptr) {
    GRAUPEL_TRY(Program program, program_of(*model.har));
    state->own = std::make_unique<Program>(std::move(program));
    state->program = state->own.get();
  }
  if (state->graph != nullptr)
    for (std::size_t i = 0; i < state->graph->outputs.size(); ++i)
      state->outputs.push_back({state->graph->output_info[i].origin, state->graph->output_info[i].order});
  else
    for (const ProgramResult& result : program_results(*state->program))
      state->outputs.push_back(spec_of(*state->program, result));
  if (stage == RunStage::kCompiled) {
    SessionOptions session_options;
    session_options.threads = threads;
    session_options.isa = isa;
    GRAUPEL_TRY(state->session, Session::create(*state->program, session_options));
    GRAUPEL_TRY(state->host, HostSteps::create(*state->program));
  } else if (stage == RunStage::kQuantized) {
    state->emulator = std::make_unique<Emulator>(*state->graph, threads);
    GRAUPEL_DO(state->emulator->prepare());
  } else {
    state->evaluator = std::make_unique<Evaluator>(*state->graph, threads, isa);
  }
  return StageRunner(std::move(state));
}

}  // namespace graupel
