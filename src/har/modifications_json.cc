#include "har/modifications_json.h"

#include <algorithm>

#include "ir/layer_kind.h"

namespace graupel {
namespace {

constexpr std::string_view kDetections = "nms_postprocess";

/// One thing that was done at a layer. `position` counts over all layers, in the script's order.
struct Entry {
  int32_t position = 0;
  std::string cmd_type, conversion_type;
  bool emulate_conversion = true;
  Shape output_shape;
  std::vector<std::string> layers;

  static constexpr auto fields() {
    return std::tuple{Field{"position", &Entry::position},
                      Field{"cmd_type", &Entry::cmd_type},
                      Field{"conversion_type", &Entry::conversion_type},
                      Field{"emulate_conversion", &Entry::emulate_conversion},
                      Field{"output_shape", &Entry::output_shape},
                      Field{"layers", &Entry::layers}};
  }
};

struct DetectionEntry {
  std::string cmd_type{kDetections}, meta_arch, engine = "cpu";
  std::vector<std::string> hn_output_layers, sigmoid_layers;

  static constexpr auto fields() {
    return std::tuple{Field{"cmd_type", &DetectionEntry::cmd_type}, Field{"meta_arch", &DetectionEntry::meta_arch},
                      Field{"engine", &DetectionEntry::engine},
                      Field{"hn_output_layers", &DetectionEntry::hn_output_layers},
                      Field{"sigmoid_layers", &DetectionEntry::sigmoid_layers}};
  }
};

DetectionEntry detection_entry(const Graph& graph, const Layer& layer, const std::string& net) {
  const Uses uses(graph);
  DetectionEntry entry;
  entry.meta_arch = to_string(std::get<Detect>(layer.op).params.arch);
  for (ValueId id : layer.in) {
    const auto producer = uses.producer[static_cast<uint32_t>(id)];
    if (!producer) continue;
    const Layer& made = graph[*producer];
    const std::string head = cat(net, "/", unit_name(made.name));
    entry.hn_output_layers.push_back(head);
    const auto* unary = std::get_if<Unary>(&made.op);
    if (unary != nullptr && unary->kind == UnaryKind::kSigmoid) entry.sigmoid_layers.push_back(head);
  }
  return entry;
}

Result<> read_side(const JsonIn& side, bool of_input, const std::string& net,
                   std::vector<std::pair<int32_t, Modification>>& found) {
  if (!side.is_object()) return corrupt("expected an object");
  for (const auto& [layer, entries] : side.items()) {
    if (!layer.starts_with(net + "/") || !entries.is_array())
      return corrupt("'", layer, "' (expected: <net>/<layer> and a list)");
    for (const JsonIn& json : entries) {
      if (json.is_object() && json.contains("cmd_type") && json["cmd_type"] == std::string(kDetections)) continue;
      Entry entry;
      GRAUPEL_DO(value_from_json(json, entry).within("'", layer, "'"));
      found.emplace_back(entry.position,
                         Modification{of_input, layer.substr(net.size() + 1), entry.cmd_type, entry.conversion_type,
                                      entry.emulate_conversion, entry.output_shape, entry.layers});
    }
  }
  return {};
}

}  // namespace

JsonOut modifications_to_json(const Har& har) {
  const std::string net = file_safe_name(har.latest().name);
  JsonOut inputs = JsonOut::object(), outputs = JsonOut::object(), json = JsonOut::object();
  int32_t position = 0;
  for (const Modification& one : har.modifications)
    (one.of_input ? inputs : outputs)[cat(net, "/", one.port)].push_back(
        value_to_json(Entry{position++, one.command, one.kind, one.emulated, one.shape, one.layers}));
  for (const Layer& layer : har.latest().layers)
    if (std::holds_alternative<Detect>(layer.op))
      outputs[net + "/postprocess_output_layer"].push_back(value_to_json(detection_entry(har.latest(), layer, net)));
  json["inputs"] = inputs;
  json["outputs"] = outputs;
  return json;
}

Result<std::vector<Modification>> modifications_from_json(const JsonIn& json, const std::string& net) {
  std::vector<std::pair<int32_t, Modification>> found;
  for (const bool of_input : {true, false}) {
    const char* side = of_input ? "inputs" : "outputs";
    GRAUPEL_TRY(const JsonIn* entries, member_of(json, side));
    GRAUPEL_DO(read_side(*entries, of_input, net, found).within(side));
  }
  std::ranges::stable_sort(found, {}, [](const auto& one) { return one.first; });
  std::vector<Modification> modifications;
  for (auto& [position, one] : found) {
    if (position != static_cast<int32_t>(modifications.size()))
      return corrupt("position ", position, " where ", modifications.size(), " is due");
    modifications.push_back(std::move(one));
  }
  return modifications;
}

}  // namespace graupel
