// Runs a program once, when it is small enough for a fuzzer's patience.
#pragma once

#include <optional>
#include <vector>

#include "runtime/host_steps.h"
#include "runtime/session.h"

namespace graupel::fuzz {

constexpr uint32_t kSmallArena = 1 << 20;
constexpr int64_t kFewMacs = 1 << 22;

constexpr int64_t kSmallResult = 1 << 20;

/// What the host makes of some outputs.
inline void run_host_steps(const Program& program) {
  std::vector<std::vector<float>> outputs, results;
  std::vector<const float*> in;
  std::vector<float*> out;
  for (const HostStep& step : program.host) {
    const int64_t elements = element_count(output_shape(step.params));
    if (elements > kSmallResult) return;
    results.emplace_back(static_cast<std::size_t>(elements));
  }
  for (const Port& port : program.outputs)
    outputs.emplace_back(static_cast<std::size_t>(element_count(port.type.shape)), 0.5f);
  for (const auto& values : outputs) in.push_back(values.data());
  for (auto& values : results) out.push_back(values.data());
  auto steps = HostSteps::create(program);
  if (steps.ok()) steps->run(in, out);
}

/// The outputs for one frame per input port; nothing when the program is too large.
inline std::optional<std::vector<std::vector<uint8_t>>> run_once(const Program& program,
                                                                 const std::vector<std::vector<uint8_t>>& inputs) {
  int64_t work = 0;
  for (const Instr& instr : program.instrs) work = std::max(work, macs(instr));
  if (program.arena_size > kSmallArena || work > kFewMacs) return {};
  SessionOptions options;
  options.threads = 1;
  auto session = Session::create(program, options);
  if (!session.ok()) return {};
  std::vector<std::vector<uint8_t>> outputs;
  std::vector<const uint8_t*> in;
  std::vector<uint8_t*> out;
  for (const auto& codes : inputs) in.push_back(codes.data());
  for (const Port& port : program.outputs) outputs.emplace_back(port.type.bytes(), 0);
  for (auto& codes : outputs) out.push_back(codes.data());
  session->set_tap([](const Tap&, const uint8_t*) {});
  if (!session->run(in, out).ok()) return {};
  run_host_steps(program);
  return outputs;
}

}  // namespace graupel::fuzz
