#include "program/host_step.h"

#include <optional>

#include "program/program.h"

namespace graupel {
namespace {

/// By output port: the host step that reads it.
std::vector<std::optional<uint32_t>> readers_of(const Program& program) {
  std::vector<std::optional<uint32_t>> readers(program.outputs.size());
  for (uint32_t step = 0; step < program.host.size(); ++step)
    for (uint32_t port : program.host[step].src) readers[port] = step;
  return readers;
}

Result<> check_source(const Port& port, const Shape& wanted) {
  Shape shape = wanted;
  shape.insert(shape.begin(), 1);
  if (port.type.shape != shape)
    return corrupt("output '", port.name, "' has shape ", to_string(port.type.shape), " where ", to_string(shape),
                   " is read");
  return {};
}

Result<> check_step(const Program& program, const HostStep& step, std::vector<bool>& read) {
  if (step.name.empty()) return corrupt("it has no name");
  const Result<> params = std::visit([](const auto& p) { return validate(p); }, step.params);
  if (!params.ok()) return corrupt(params.error().message);
  const std::vector<Shape> shapes = input_shapes(step.params);
  if (step.src.size() != shapes.size())
    return corrupt("it reads ", step.src.size(), " outputs where it has ", shapes.size(), " inputs");
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    if (step.src[i] >= program.outputs.size())
      return corrupt("it reads output ", step.src[i], " of ", program.outputs.size());
    if (read[step.src[i]]) return corrupt("it reads output ", step.src[i], ", which is read already");
    read[step.src[i]] = true;
    GRAUPEL_DO(check_source(program.outputs[step.src[i]], shapes[i]));
  }
  return {};
}

}  // namespace

std::vector<Shape> input_shapes(const HostParams& params) {
  return std::visit([](const auto& p) { return input_shapes(p); }, params);
}

Shape output_shape(const HostParams& params) {
  return std::visit([](const auto& p) { return output_shape(p); }, params);
}

std::vector<ProgramResult> program_results(const Program& program) {
  const std::vector<std::optional<uint32_t>> readers = readers_of(program);
  std::vector<bool> placed(program.host.size());
  std::vector<ProgramResult> results;
  for (uint32_t port = 0; port < readers.size(); ++port) {
    if (!readers[port]) {
      results.push_back({false, port});
    } else if (!placed[*readers[port]]) {
      placed[*readers[port]] = true;
      results.push_back({true, *readers[port]});
    }
  }
  return results;
}

Result<> validate_host_steps(const Program& program) {
  std::vector<bool> read(program.outputs.size());
  for (const HostStep& step : program.host)
    GRAUPEL_DO(check_step(program, step, read).within("host step '", step.name, "'"));
  return {};
}

}  // namespace graupel
