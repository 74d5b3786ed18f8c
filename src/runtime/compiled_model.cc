// include/graupel/runtime.hpp over Session and HostSteps.
#include "graupel/runtime.hpp"
#include "hef/hef.h"
#include "runtime/failure.h"
#include "runtime/host_steps.h"
#include "runtime/session.h"

namespace graupel {
namespace {

ModelPort public_port(const Port& port) {
  const TensorType& type = port.type;
  return {port.name,
          port.origins,
          type.shape,
          element_count(type.shape),
          static_cast<int>(size_bytes(type.dtype)),
          type.quant->scale[0],
          type.quant->zero_point[0]};
}

ModelPort public_port(const HostStep& step) {
  const Shape shape = output_shape(step.params);
  return {step.name, step.origins, shape, element_count(shape), 0, 1, 0};
}

SessionOptions session_options(const SessionSettings& settings) {
  SessionOptions options;
  options.threads = settings.threads;
  if (!settings.isa.empty()) options.isa = take(parse_isa(settings.isa));
  if (settings.poison < -1 || settings.poison > 255)
    take<void>(invalid("poison ", settings.poison, " (accepted: 0 to 255, or -1 for none)"));
  if (settings.poison >= 0) options.poison = static_cast<uint8_t>(settings.poison);
  return options;
}

}  // namespace

struct CompiledModel::State {
  Program program;
  std::optional<Session> session;
  std::optional<HostSteps> host;
  std::vector<ProgramResult> results;
  std::vector<ModelPort> inputs, outputs;
  std::vector<std::vector<float>> read_by_host;  ///< one frame of each output port; empty where the caller has it
  std::vector<const float*> in, from_ports;
  std::vector<float*> to_ports, from_host;

  void describe();
  void run_frame(std::span<const float* const> sources, std::span<float* const> targets, int frame);
};

void CompiledModel::State::describe() {
  results = program_results(program);
  for (const Port& port : program.inputs) inputs.push_back(public_port(port));
  read_by_host.resize(program.outputs.size());
  for (std::size_t i = 0; i < program.outputs.size(); ++i)
    read_by_host[i].resize(static_cast<std::size_t>(element_count(program.outputs[i].type.shape)));
  for (const ProgramResult& result : results) {
    outputs.push_back(result.host ? public_port(program.host[result.number])
                                  : public_port(program.outputs[result.number]));
    if (!result.host) read_by_host[result.number] = {};
  }
  in.resize(inputs.size());
  to_ports.resize(program.outputs.size());
  from_ports.resize(program.outputs.size());
  from_host.resize(program.host.size());
}

void CompiledModel::State::run_frame(std::span<const float* const> sources, std::span<float* const> targets,
                                     int frame) {
  for (std::size_t i = 0; i < in.size(); ++i) in[i] = sources[i] + frame * inputs[i].elements;
  for (std::size_t i = 0; i < to_ports.size(); ++i) to_ports[i] = read_by_host[i].data();
  for (std::size_t i = 0; i < results.size(); ++i)
    (results[i].host ? from_host : to_ports)[results[i].number] = targets[i] + frame * outputs[i].elements;
  take(session->run_float(in, to_ports, 1).within("frame ", frame));
  std::copy(to_ports.begin(), to_ports.end(), from_ports.begin());
  host->run(from_ports, from_host);
}

CompiledModel::CompiledModel(std::unique_ptr<State> state) : state_(std::move(state)) {}
CompiledModel::CompiledModel(CompiledModel&&) noexcept = default;
CompiledModel& CompiledModel::operator=(CompiledModel&&) noexcept = default;
CompiledModel::~CompiledModel() = default;

CompiledModel CompiledModel::open(const std::string& path, const SessionSettings& settings) {
  Hef hef = take(open_hef(path));
  take(only_program(hef, path));
  auto state = std::make_unique<State>();
  state->program = std::move(hef.programs[0]);
  state->session.emplace(take(Session::create(state->program, session_options(settings))));
  state->host.emplace(take(HostSteps::create(state->program)));
  state->describe();
  return CompiledModel(std::move(state));
}

const std::vector<ModelPort>& CompiledModel::inputs() const { return state_->inputs; }
const std::vector<ModelPort>& CompiledModel::outputs() const { return state_->outputs; }

namespace {

template <class Pointer>
Result<> check_pointers(std::span<const Pointer> pointers, const std::vector<ModelPort>& ports, std::string_view kind) {
  if (pointers.size() != ports.size())
    return invalid(pointers.size(), " ", kind, " buffers; the model has ", ports.size(), " ", kind, "s");
  for (std::size_t i = 0; i < ports.size(); ++i)
    if (pointers[i] == nullptr) return invalid("the buffer of ", kind, " '", ports[i].name, "' is null");
  return {};
}

Result<> check_frames(int frames) {
  if (frames < 1) return invalid(frames, " frames (accepted: 1 or more)");
  return {};
}

}  // namespace

void CompiledModel::run(std::span<const float* const> inputs, std::span<float* const> outputs, int frames) {
  take(check_pointers(inputs, state_->inputs, "input"));
  take(check_pointers(outputs, state_->outputs, "output"));
  take(check_frames(frames));
  for (int frame = 0; frame < frames; ++frame) state_->run_frame(inputs, outputs, frame);
}

void CompiledModel::run_codes(std::span<const uint8_t* const> inputs, std::span<uint8_t* const> outputs, int frames) {
  if (!state_->program.host.empty())
    take<void>(
        unsupported("output '", state_->program.host[0].name, "' is made by the host and has no codes; use run()"));
  take(state_->session->run(inputs, outputs, frames));
}

void CompiledModel::set_tap(Tap tap) {
  if (!tap) return state_->session->set_tap({});
  state_->session->set_tap([state = state_.get(), tap = std::move(tap)](const graupel::Tap& one, const uint8_t* codes) {
    tap(state->program.layer_names[one.layer], one.type.shape, codes);
  });
}

}  // namespace graupel
