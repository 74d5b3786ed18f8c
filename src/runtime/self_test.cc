#include "runtime/self_test.h"

#include "base/hash.h"
#include "kernels/edge/edge.h"
#include "runtime/float_mode.h"
#include "runtime/host_steps.h"

namespace graupel {
namespace {

constexpr uint64_t kSeed = 1;

uint64_t hash_of(const void* data, std::size_t bytes) {
  return xxh3_64(ByteSpan(static_cast<const std::byte*>(data), bytes));
}

/// What the host's steps read (N9.2).
std::vector<float> as_floats(const Port& port, const std::vector<uint8_t>& codes) {
  std::vector<float> reals(static_cast<std::size_t>(element_count(port.type.shape)));
  const float scale = port.type.quant->scale[0];
  const int32_t zero_point = port.type.quant->zero_point[0];
  if (port.type.dtype == DType::kU16)
    dequantize_u16(reinterpret_cast<const uint16_t*>(codes.data()), reals.size(), scale, zero_point, reals.data());
  else
    dequantize_u8(codes.data(), reals.size(), scale, zero_point, reals.data());
  return reals;
}

Result<std::vector<uint64_t>> host_hashes(const Program& program, const std::vector<std::vector<uint8_t>>& outputs) {
  if (program.host.empty()) return std::vector<uint64_t>();
  GRAUPEL_TRY(HostSteps steps, HostSteps::create(program));
  const FloatMode mode;
  std::vector<std::vector<float>> reals, results;
  std::vector<const float*> in;
  std::vector<float*> out;
  for (std::size_t i = 0; i < outputs.size(); ++i) reals.push_back(as_floats(program.outputs[i], outputs[i]));
  for (const HostStep& step : program.host)
    results.emplace_back(static_cast<std::size_t>(element_count(output_shape(step.params))));
  for (const auto& values : reals) in.push_back(values.data());
  for (auto& values : results) out.push_back(values.data());
  steps.run(in, out);
  std::vector<uint64_t> hashes;
  for (const auto& values : results) hashes.push_back(hash_of(values.data(), values.size() * sizeof(float)));
  return hashes;
}

/// The hashes of one frame on `session`.
Result<Golden> measure(Session& session, uint64_t seed) {
  const Program& program = session.program();
  Golden golden;
  golden.seed = seed;
  std::vector<std::vector<uint8_t>> inputs, outputs;
  std::vector<const uint8_t*> in;
  std::vector<uint8_t*> out;
  for (const Port& port : program.inputs) inputs.push_back(golden_input(port, seed, inputs.size()));
  for (const Port& port : program.outputs) outputs.emplace_back(port.type.bytes());
  for (const auto& codes : inputs) in.push_back(codes.data());
  for (auto& codes : outputs) out.push_back(codes.data());
  golden.taps.resize(program.taps.size());
  session.set_tap([&](const Tap& tap, const uint8_t* codes) {
    golden.taps[static_cast<std::size_t>(&tap - program.taps.data())] = hash_of(codes, tap.type.bytes());
  });
  const Result<> ran = session.run(in, out);
  session.set_tap({});
  GRAUPEL_DO(Result<>(ran));
  for (const auto& codes : outputs) golden.outputs.push_back(hash_of(codes.data(), codes.size()));
  GRAUPEL_TRY(golden.host, host_hashes(program, outputs));
  return golden;
}

Error differs(const Session& session, std::string_view what, const std::string& name, uint64_t here, uint64_t there) {
  return mismatch("self-test: ", what, " '", name, "' has hash ", hex64(here), " on this CPU (",
                  to_string(session.isa()), ", ", session.threads(), " threads) and ", hex64(there),
                  " in the file, as the compiler computed it; ",
                  "do not trust results of this machine, or compile the model again if another build wrote the file");
}

}  // namespace

std::vector<uint8_t> golden_input(const Port& port, uint64_t seed, std::size_t number) {
  std::vector<uint8_t> codes(port.type.bytes());
  uint64_t state = seed + (static_cast<uint64_t>(number) << 32), word = 0;
  for (std::size_t i = 0; i < codes.size(); ++i, word >>= 8) {
    if (i % 8 == 0) {
      word = state += 0x9E3779B97F4A7C15u;
      word = (word ^ word >> 30) * 0xBF58476D1CE4E5B9u;
      word = (word ^ word >> 27) * 0x94D049BB133111EBu;
      word ^= word >> 31;
    }
    codes[i] = static_cast<uint8_t>(word);
  }
  return codes;
}

Result<Golden> make_golden(const Program& program) {
  SessionOptions options;
  options.isa = Isa::kRef;
  GRAUPEL_TRY(Session session, Session::create(program, options));
  return measure(session, kSeed);
}

Result<> self_test(Session& session, const Golden& golden) {
  const Program& program = session.program();
  if (golden.taps.size() != program.taps.size() || golden.outputs.size() != program.outputs.size() ||
      golden.host.size() != program.host.size())
    return corrupt("the golden vector is not of program '", program.name, "'");
  GRAUPEL_TRY(const Golden here, measure(session, golden.seed));
  const Tap* first = nullptr;
  for (std::size_t i = 0; i < program.taps.size(); ++i)
    if (here.taps[i] != golden.taps[i] && (first == nullptr || program.taps[i].last_instr < first->last_instr))
      first = &program.taps[i];
  if (first != nullptr) {
    const auto at = static_cast<std::size_t>(first - program.taps.data());
    return differs(session, "layer", program.layer_names[first->layer], here.taps[at], golden.taps[at]);
  }
  for (std::size_t i = 0; i < program.outputs.size(); ++i)
    if (here.outputs[i] != golden.outputs[i])
      return differs(session, "output", program.outputs[i].name, here.outputs[i], golden.outputs[i]);
  for (std::size_t i = 0; i < program.host.size(); ++i)
    if (here.host[i] != golden.host[i])
      return differs(session, "host step", program.host[i].name, here.host[i], golden.host[i]);
  return {};
}

}  // namespace graupel
