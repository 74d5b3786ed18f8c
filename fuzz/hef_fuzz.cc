// Any bytes as a HEF, and as the program inside one: an error, or a program that runs without a crash.
#include "hef/container.h"
#include "hef/hef.h"
#include "hef/hef.pb.h"
#include "program_mutator.h"
#include "run_program.h"

namespace graupel::fuzz {
namespace {

/// The program of a payload as it lies there, valid or not.
bool read_unchecked(ByteSpan payload, Program& program) {
  constexpr std::size_t kHeader = 40, kDescriptionSize = 16, kConstantsOffset = 24;
  if (payload.size() < kHeader) return false;
  uint64_t described = 0, constants = 0;
  std::memcpy(&described, payload.data() + kDescriptionSize, sizeof(described));
  std::memcpy(&constants, payload.data() + kConstantsOffset, sizeof(constants));
  if (described > payload.size() - kHeader || constants > payload.size()) return false;
  encoding::Reader reader(payload.subspan(kHeader, described));
  reader.get(program);
  const ByteSpan bytes = payload.subspan(constants);
  program.constants = Bytes(bytes.begin(), bytes.end());
  return reader.finish().ok();
}

Bytes changed_payload(ByteSpan payload, Random& random) {
  Program program;
  Bytes bytes(payload.begin(), payload.end());
  if (one_in(random, 8) || !read_unchecked(payload, program)) {
    mutate(bytes);
    return bytes;
  }
  if (one_in(random, 4)) {
    Bytes constants(program.constants.bytes().begin(), program.constants.bytes().end());
    mutate(constants);
    program.constants = std::move(constants);
  } else {
    do change_one_value(program, random);
    while (one_in(random, 3));
  }
  return save_program(program);
}

/// The messages, with the resource that holds the program resized to the payload.
Bytes refitted(ByteSpan messages, std::size_t payload) {
  hef_wire::Hef hef;
  if (hef.ParseFromArray(messages.data(), static_cast<int>(messages.size())))
    for (hef_wire::ExternalResource& resource : *hef.mutable_external_resources()) resource.set_size(payload);
  const std::string text = hef.SerializeAsString();
  const ByteSpan bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

}  // namespace
}  // namespace graupel::fuzz

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size, unsigned seed) {
  using namespace graupel;
  using namespace graupel::fuzz;
  Random random(seed);
  const Result<HefSections> sections = read_container(std::as_bytes(std::span(data, size)));
  if (!sections.ok() || one_in(random, 16)) return LLVMFuzzerMutate(data, size, max_size);
  if (one_in(random, 4)) {
    Bytes messages(sections->messages.begin(), sections->messages.end());
    mutate(messages);
    return hand_back(write_container(messages, sections->payload), data, max_size);
  }
  const Bytes payload = changed_payload(sections->payload, random);
  return hand_back(write_container(refitted(sections->messages, payload.size()), payload), data, max_size);
}

static void run_on_sevens(const graupel::Program& program) {
  std::vector<std::vector<uint8_t>> inputs;
  if (program.arena_size > graupel::fuzz::kSmallArena) return;
  for (const graupel::Port& port : program.inputs) inputs.emplace_back(port.type.bytes(), 7);
  (void)graupel::fuzz::run_once(program, inputs);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  const auto hef = graupel::load_hef(bytes);
  if (hef.ok())
    for (const graupel::Program& program : hef->programs) run_on_sevens(program);
  const auto program = graupel::load_program(bytes);
  if (program.ok()) run_on_sevens(*program);
  return 0;
}
