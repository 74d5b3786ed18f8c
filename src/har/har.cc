#include "har/har.h"

#include <algorithm>

#include "base/hash.h"
#include "har/archive.h"
#include "har/hn.h"
#include "har/modifications_json.h"
#include "har/parameters.h"

namespace graupel {
namespace {

constexpr int64_t kFormat = 1;
constexpr std::string_view kFormatKey = "graupel_format";
/// A tar of one 17-byte member: header, content, two closing blocks.
constexpr std::size_t kSealBytes = 4 * 512;
constexpr std::size_t kClosingBytes = 2 * 512;

constexpr std::string_view kCompiledState = "compiled_model";
constexpr const char* kModifications = ".modifications_meta_data.json";
constexpr const char* kNoise = ".noise.npz";

std::string_view vendor_state(Stage stage) {
  constexpr std::string_view kStates[] = {"hailo_model", "fp_optimized_model", "quantized_model"};
  return kStates[static_cast<std::size_t>(stage)];
}

/// Where a stage's graph lies in a HAR whose latest stage is `latest`, and where its parameters lie.
std::string hn_suffix(Stage stage, Stage latest) {
  if (stage == latest) return ".hn";
  return stage == Stage::kParsed ? ".native.hn" : ".fp.hn";
}
std::string npz_suffix(Stage stage) {
  constexpr std::string_view kSuffixes[] = {".npz", ".fpo.npz", ".q.npz"};
  return std::string(kSuffixes[static_cast<std::size_t>(stage)]);
}

const std::optional<Graph>& graph_at(const Har& har, Stage stage) {
  return stage == Stage::kParsed ? har.parsed : stage == Stage::kOptimized ? har.optimized : har.quantized;
}

Bytes metadata_of(const Har& har, const std::string& safe) {
  JsonOut json = JsonOut::object();
  const HarMetadata metadata = har_metadata(har);
  json["state"] = metadata.state;
  json["hn"] = safe + ".hn";
  json["sdk_version"] = metadata.sdk_version;
  json["hw_arch"] = metadata.hw_arch;
  json["name"] = har.name;
  if (!metadata.nms_meta_arch.empty()) {
    json["nms_meta_arch"] = metadata.nms_meta_arch;
    json["nms_engine"] = metadata.nms_engine;
  }
  json[std::string(kFormatKey)] = kFormat;
  return to_bytes(print_json(json));
}

/// The last member, as the bytes that must end a file whose bytes before it are `body`.
Result<Bytes> seal(const std::string& safe, ByteSpan body) {
  const Member member{safe + ".checksum", to_bytes(hex64(xxh3_64(body)) + "\n")};
  return write_tar(std::span(&member, 1));
}

Result<> check_seal(ByteSpan bytes, const std::vector<Member>& members) {
  const std::string_view suffix = ".checksum";
  if (members.empty() || !members.back().name.ends_with(suffix) || bytes.size() < kSealBytes)
    return corrupt("the file ends without its checksum member: it is cut; write it again");
  const std::string& name = members.back().name;
  GRAUPEL_TRY(const Bytes expected,
              seal(name.substr(0, name.size() - suffix.size()), bytes.first(bytes.size() - kSealBytes)));
  if (!std::ranges::equal(bytes.last(kSealBytes), expected))
    return corrupt("the checksum does not match the content: the file is damaged; write it again");
  return {};
}

const Member* find_member(const std::vector<Member>& members, const std::string& name) {
  for (const Member& member : members)
    if (member.name == name) return &member;
  return nullptr;
}

/// The member "<net>.metadata.json"; its net prefixes all others.
Result<const Member*> find_metadata(const std::vector<Member>& members) {
  for (const Member& member : members)
    if (member.name.ends_with(".metadata.json")) return &member;
  return corrupt("no member named '*.metadata.json' among ", members.size(), ": this is not a HAR");
}

Result<> check_format(const JsonIn& metadata, const std::string& metadata_name) {
  if (!metadata.is_object()) return corrupt("'", metadata_name, "' is not a JSON object");
  if (!metadata.contains(kFormatKey))
    return unsupported(
        "this HAR was not written by Graupel: its HN lacks the \"graupel\" key with the exact graph; parse the "
        "original ONNX model instead");
  const JsonIn& format = metadata[std::string(kFormatKey)];
  if (!format.is_number_integer() || format.get<int64_t>() != kFormat)
    return mismatch("the HAR has format version ", format.dump(), ", this program reads version ", kFormat,
                    "; parse the model again");
  return {};
}

Result<Graph> load_stage(const std::vector<Member>& members, const std::string& safe, Stage stage, Stage latest) {
  const std::string hn_name = safe + hn_suffix(stage, latest), npz_name = safe + npz_suffix(stage);
  const Member* hn = find_member(members, hn_name);
  const Member* npz = find_member(members, npz_name);
  if (hn == nullptr || npz == nullptr) return corrupt("member '", hn == nullptr ? hn_name : npz_name, "' is missing");
  GRAUPEL_TRY(const JsonIn json, parse_json(to_text(hn->data)).within("'", hn_name, "'"));
  GRAUPEL_TRY(const JsonIn* exact, member_of(json, "graupel").within("'", hn_name, "'"));
  GRAUPEL_TRY(const std::vector<NamedTensor> parameters,
              load_npz(npz->data, npz->data.size()).within("'", npz_name, "'"));
  GRAUPEL_TRY(Graph graph, graph_from_json(*exact, parameters).within("'", hn_name, "'"));
  if (graph.stage != stage)
    return corrupt("'", hn_name, "' holds a graph of stage ", to_string(graph.stage), " instead of ", to_string(stage));
  return graph;
}

Result<Stage> latest_stage(const JsonIn& metadata) {
  GRAUPEL_TRY(const JsonIn* state, member_of(metadata, "state"));
  GRAUPEL_TRY(const std::string text, string_from_json(*state));
  if (text == kCompiledState) return Stage::kQuantized;
  for (Stage stage : {Stage::kParsed, Stage::kOptimized, Stage::kQuantized})
    if (vendor_state(stage) == text) return stage;
  return corrupt("state '", text,
                 "' is unknown (accepted: hailo_model, fp_optimized_model, quantized_model, compiled_model)");
}

Result<std::string> hw_arch_of(const JsonIn& metadata) {
  GRAUPEL_TRY(const JsonIn* member, member_of(metadata, "hw_arch"));
  GRAUPEL_TRY(std::string arch, string_from_json(*member));
  if (std::ranges::find(hw_archs(), arch) == hw_archs().end())
    return corrupt("hw_arch '", arch, "' is unknown (accepted: ", join_names(hw_archs()), ")");
  return arch;
}

/// The compiled program of a HAR whose state is compiled_model.
Result<std::shared_ptr<const Bytes>> hef_of(const std::vector<Member>& members, const std::string& safe,
                                            const JsonIn& metadata) {
  if (metadata["state"].get<std::string>() != kCompiledState) return std::shared_ptr<const Bytes>();
  const Member* hef = find_member(members, safe + ".hef");
  if (hef == nullptr) return corrupt("member '", safe, ".hef' is missing");
  return std::shared_ptr<const Bytes>(std::make_shared<Bytes>(hef->data));
}

}  // namespace

const Graph& Har::latest() const {
  if (quantized) return *quantized;
  if (optimized) return *optimized;
  check(parsed.has_value(), "Har::latest: no graph");
  return *parsed;
}

Graph& Har::latest() { return const_cast<Graph&>(std::as_const(*this).latest()); }

Stage Har::stage() const { return latest().stage; }

std::span<const std::string_view> hw_archs() {
  static constexpr std::string_view kArchs[] = {"hailo8",   "hailo8r",  "hailo8l", "hailo15h",
                                                "hailo15m", "hailo15l", "hailo10h"};
  return kArchs;
}

HarMetadata har_metadata(const Har& har) {
  HarMetadata metadata;
  metadata.state = har.hef ? kCompiledState : vendor_state(har.stage());
  metadata.sdk_version = GRAUPEL_VERSION;
  metadata.hw_arch = har.hw_arch;
  for (const Layer& layer : har.latest().layers)
    if (const auto* detect = std::get_if<Detect>(&layer.op)) {
      metadata.nms_meta_arch = to_string(detect->params.arch);
      metadata.nms_engine = "cpu";
    }
  return metadata;
}

std::string original_model_meta(const Har& har) {
  check(har.parsed.has_value(), "original_model_meta: no parsed graph");
  const Graph& parsed = *har.parsed;
  const std::string net = file_safe_name(parsed.name);
  JsonOut json = JsonOut::object(), inputs = JsonOut::object(), outputs = JsonOut::object();
  for (std::size_t i = 0; i < parsed.inputs.size(); ++i)
    inputs[parsed.input_info[i].origin] = cat(net, "/input_layer", i + 1);
  for (std::size_t i = 0; i < parsed.outputs.size(); ++i)
    outputs[parsed.output_info[i].origin] = cat(net, "/output_layer", i + 1);
  json["inverse_postprocess_io_map"] = har.postprocess_onnx ? outputs : JsonOut::object();
  json["inputs"] = std::move(inputs);
  json["outputs"] = std::move(outputs);
  return print_json(json);
}

Result<Bytes> save_har(const Har& har) {
  const std::string safe = file_safe_name(har.name);
  const Stage latest = har.stage();
  std::vector<Member> members{{safe + ".metadata.json", metadata_of(har, safe)}};
  for (Stage stage : {Stage::kQuantized, Stage::kOptimized, Stage::kParsed})
    if (const auto& graph = graph_at(har, stage))
      members.push_back({safe + hn_suffix(stage, latest), to_bytes(print_json(graph_to_hn(*graph)))});
  for (Stage stage : {Stage::kParsed, Stage::kOptimized, Stage::kQuantized})
    if (const auto& graph = graph_at(har, stage)) {
      GRAUPEL_TRY(Bytes npz, save_npz(graph_parameters(*graph)));
      members.push_back({safe + npz_suffix(stage), std::move(npz)});
    }
  if (!har.recipe.empty()) members.push_back({safe + ".alls", to_bytes(har.recipe)});
  if (!har.nms_config.empty()) members.push_back({safe + ".nms.json", to_bytes(har.nms_config)});
  if (har.postprocess_onnx) members.push_back({safe + ".postprocess.onnx", *har.postprocess_onnx});
  if (har.parsed) members.push_back({safe + ".original_model_meta.json", to_bytes(original_model_meta(har))});
  if (!har.modifications.empty() || !har_metadata(har).nms_meta_arch.empty())
    members.push_back({safe + kModifications, to_bytes(print_json(modifications_to_json(har)))});
  if (!har.noise.empty()) {
    GRAUPEL_TRY(Bytes noise, save_npz(har.noise));
    members.push_back({safe + kNoise, std::move(noise)});
  }
  if (har.hef) members.push_back({safe + ".hef", *har.hef});
  GRAUPEL_TRY(Bytes bytes, write_tar(members));
  bytes.resize(bytes.size() - kClosingBytes);
  GRAUPEL_TRY(const Bytes end, seal(safe, bytes));
  check(end.size() == kSealBytes, "save_har: seal size");
  bytes.insert(bytes.end(), end.begin(), end.end());
  return bytes;
}

Result<Har> load_har(ByteSpan bytes) {
  GRAUPEL_TRY(const std::vector<Member> members, read_tar(bytes, bytes.size()));
  GRAUPEL_TRY(const Member* metadata_member, find_metadata(members));
  GRAUPEL_TRY(const JsonIn metadata,
              parse_json(to_text(metadata_member->data)).within("'", metadata_member->name, "'"));
  if (!members.back().name.ends_with(".checksum")) GRAUPEL_DO(check_format(metadata, metadata_member->name));
  GRAUPEL_DO(check_seal(bytes, members));
  GRAUPEL_DO(check_format(metadata, metadata_member->name));
  const std::string safe =
      metadata_member->name.substr(0, metadata_member->name.size() - std::string_view(".metadata.json").size());
  Har har;
  GRAUPEL_TRY(const JsonIn* name, member_of(metadata, "name"));
  GRAUPEL_TRY(har.name, string_from_json(*name));
  GRAUPEL_TRY(const Stage latest, latest_stage(metadata));
  for (Stage stage : {Stage::kParsed, Stage::kOptimized, Stage::kQuantized}) {
    if (stage > latest) break;
    const bool absent = stage != latest && find_member(members, safe + hn_suffix(stage, latest)) == nullptr;
    if (absent) continue;
    GRAUPEL_TRY(Graph graph, load_stage(members, safe, stage, latest));
    (stage == Stage::kParsed      ? har.parsed
     : stage == Stage::kOptimized ? har.optimized
                                  : har.quantized) = std::move(graph);
  }
  GRAUPEL_TRY(har.hw_arch, hw_arch_of(metadata).within("'", metadata_member->name, "'"));
  GRAUPEL_TRY(har.hef, hef_of(members, safe, metadata));
  if (const Member* recipe = find_member(members, safe + ".alls")) har.recipe = to_text(recipe->data);
  if (const Member* member = find_member(members, safe + kModifications)) {
    GRAUPEL_TRY(const JsonIn json, parse_json(to_text(member->data)).within("'", member->name, "'"));
    GRAUPEL_TRY(har.modifications,
                modifications_from_json(json, file_safe_name(har.latest().name)).within("'", member->name, "'"));
  }
  if (const Member* member = find_member(members, safe + kNoise)) {
    GRAUPEL_TRY(har.noise, load_npz(member->data, member->data.size()).within("'", member->name, "'"));
  }
  if (const Member* nms = find_member(members, safe + ".nms.json")) har.nms_config = to_text(nms->data);
  if (const Member* tail = find_member(members, safe + ".postprocess.onnx"))
    har.postprocess_onnx = std::make_shared<const Bytes>(tail->data);
  return har;
}

}  // namespace graupel
