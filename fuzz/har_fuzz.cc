// Any bytes as a HAR: an error, or graphs that can be evaluated and compiled without a crash.
#include "base/hash.h"
#include "evaluate.h"
#include "har/archive.h"
#include "har/graph_json.h"
#include "har/har.h"
#include "lower/lower.h"
#include "mutate.h"
#include "run_program.h"

namespace graupel::fuzz {
namespace {

constexpr std::string_view kSeal = ".checksum";

/// Every value of a JSON document, in order; what holds others comes before them.
void collect(JsonIn& json, std::vector<JsonIn*>& nodes) {
  nodes.push_back(&json);
  if (!json.is_structured()) return;
  for (JsonIn& element : json) collect(element, nodes);
}

void change_list(JsonIn& list, Random& random) {
  if (list.empty()) return list.push_back(static_cast<int64_t>(random() % 8));
  const std::size_t at = random() % list.size();
  if (one_in(random, 3)) return list.erase(at);
  if (one_in(random, 2)) return list.push_back(JsonIn(list[at]));
  std::swap(list[at], list[random() % list.size()]);
}

void change_node(JsonIn& node, const std::vector<JsonIn*>& nodes, Random& random) {
  if (one_in(random, 8)) {
    const JsonIn other = *nodes[random() % nodes.size()];
    node = other;
  } else if (node.is_number_integer()) {
    node = another(node.get<int64_t>(), random);
  } else if (node.is_number_float()) {
    node = another(node.get<float>(), random);
  } else if (node.is_boolean()) {
    node = !node.get<bool>();
  } else if (node.is_array()) {
    change_list(node, random);
  } else if (node.is_object() && !node.empty()) {
    node.erase(std::next(node.begin(), static_cast<std::ptrdiff_t>(random() % node.size())));
  } else {
    const JsonIn* other = nodes[random() % nodes.size()];
    if (other->is_string()) node = std::string(other->get<std::string>());
  }
}

/// One value of the exact graph in an HN, or of any other document.
bool change_json(Bytes& text, Random& random) {
  auto json = parse_json(to_text(text));
  if (!json.ok()) return false;
  std::vector<JsonIn*> nodes;
  const bool exact = json->is_object() && json->contains("graupel");
  collect(exact ? (*json)["graupel"] : *json, nodes);
  do {
    // An earlier change may have freed the later nodes.
    nodes.clear();
    collect(exact ? (*json)["graupel"] : *json, nodes);
    change_node(*nodes[random() % nodes.size()], nodes, random);
  } while (one_in(random, 3));
  text = to_bytes(json->dump());
  return true;
}

bool change_npz(Bytes& bytes, Random& random) {
  auto members = read_zip(bytes, bytes.size());
  if (!members.ok() || members->empty()) return false;
  mutate((*members)[random() % members->size()].data);
  auto changed = write_zip(*members);
  if (changed.ok()) bytes = std::move(*changed);
  return changed.ok();
}

/// The members as a tar that ends with their checksum, as docs/formats.md has it.
Result<Bytes> sealed(const std::vector<Member>& members, const std::string& seal_name) {
  constexpr std::size_t kClosingBytes = 1024;
  GRAUPEL_TRY(Bytes bytes, write_tar(members));
  bytes.resize(bytes.size() - kClosingBytes);
  const Member seal{seal_name, to_bytes(hex64(xxh3_64(bytes)) + "\n")};
  GRAUPEL_TRY(const Bytes end, write_tar(std::span(&seal, 1)));
  bytes.insert(bytes.end(), end.begin(), end.end());
  return bytes;
}

/// The promise: the compiled program's bytes are the emulation's. Traps when a graph breaks it.
void compare_executors(const Graph& quantized, const Program& program) {
  std::vector<std::vector<uint8_t>> frames;
  std::vector<Tensor> inputs;
  for (ValueId id : quantized.inputs) {
    auto [tensor, codes] = Tensor::make<uint8_t>(quantized[id].type.shape, quantized[id].type.quant);
    for (std::size_t i = 0; i < tensor.type.bytes(); ++i) codes[i] = static_cast<uint8_t>(i * 37);
    frames.emplace_back(codes, codes + tensor.type.bytes());
    inputs.push_back(std::move(tensor));
  }
  Emulator emulator(quantized, 1);
  if (!emulator.prepare().ok()) return;
  const auto expected = emulator.run(inputs);
  const auto outputs = run_once(program, frames);
  if (!expected.ok() || !outputs) return;
  for (std::size_t i = 0; i < outputs->size(); ++i)
    if (std::memcmp((*outputs)[i].data(), (*expected)[i].bytes().data(), (*outputs)[i].size()) != 0) __builtin_trap();
}

}  // namespace
}  // namespace graupel::fuzz

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size, unsigned seed) {
  using namespace graupel;
  using namespace graupel::fuzz;
  Random random(seed);
  auto members = read_tar(std::as_bytes(std::span(data, size)), size);
  if (!members.ok() || members->size() < 2 || !members->back().name.ends_with(kSeal) || one_in(random, 16))
    return LLVMFuzzerMutate(data, size, max_size);
  const std::string seal_name = members->back().name;
  members->pop_back();
  Member& member = (*members)[random() % members->size()];
  const bool changed = !one_in(random, 16) && (member.name.ends_with(".npz") ? change_npz(member.data, random)
                                                                             : change_json(member.data, random));
  if (!changed) mutate(member.data);
  const Result<Bytes> file = sealed(*members, seal_name);
  return file.ok() ? hand_back(*file, data, max_size) : 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace graupel;
  const Result<Har> har = load_har(std::as_bytes(std::span(data, size)));
  if (!har.ok()) return 0;
  for (const auto* graph : {&har->parsed, &har->optimized})
    if (*graph && fuzz::is_small(**graph)) fuzz::evaluate(**graph);
  if (!har->quantized) return 0;
  const Result<Program> program = lower_graph(*har->quantized);
  if (program.ok() && fuzz::is_small(*har->quantized)) fuzz::compare_executors(*har->quantized, *program);
  return 0;
}
