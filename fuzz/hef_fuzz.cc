// Any bytes as a HEF, and as the program inside one (so that the container's checksum is no shield): what loads also
// runs.
#include <vector>

#include "hef/hef.h"
#include "runtime/session.h"

namespace {

constexpr uint32_t kSmallArena = 1 << 20;

void run_once(const graupel::Program& program) {
  if (program.arena_size > kSmallArena) return;
  graupel::SessionOptions options;
  options.threads = 1;
  auto session = graupel::Session::create(program, options);
  if (!session.ok()) return;
  std::vector<std::vector<uint8_t>> inputs, outputs;
  std::vector<const uint8_t*> in;
  std::vector<uint8_t*> out;
  for (const auto& port : program.inputs) inputs.emplace_back(port.type.bytes(), 7);
  for (const auto& port : program.outputs) outputs.emplace_back(port.type.bytes(), 0);
  for (const auto& bytes : inputs) in.push_back(bytes.data());
  for (auto& bytes : outputs) out.push_back(bytes.data());
  (void)session->run(in, out);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  (void)graupel::load_hef(bytes);
  const auto program = graupel::load_program(bytes);
  if (program.ok()) run_once(*program);
  return 0;
}
