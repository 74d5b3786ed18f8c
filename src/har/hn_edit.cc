#include "har/hn_edit.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include "har/hn.h"

namespace graupel {
namespace {

using Renames = std::map<std::string, std::string>;  ///< scoped names, old to new

const JsonOut* find_key(const JsonOut& json, const std::string& key) {
  if (!json.is_object()) return nullptr;
  const auto found = json.find(key);
  return found == json.end() ? nullptr : &*found;
}

/// A value as an error shows it.
std::string shown(const JsonOut* json) {
  constexpr std::size_t kLongest = 80;
  const std::string text = json == nullptr ? "nothing" : json->dump();
  return text.size() <= kLongest ? text : text.substr(0, kLongest) + "...";
}

Result<> check_keys(const JsonOut& edited) {
  for (const char* key : {"name", "net_params", "layers"})
    if (find_key(edited, key) == nullptr)
      return invalid("the HN has no '", key, "'; give the document of get_hn with edits, or its HailoNN");
  if (find_key(edited["net_params"], "output_layers_order") == nullptr || !edited["layers"].is_object())
    return invalid("the HN has no net_params.output_layers_order or its layers are no object");
  return {};
}

bool is_port(const JsonOut& layer) { return layer["type"] == "input_layer" || layer["type"] == "output_layer"; }

/// Layers keep their places; where the name at a place is another one, it is renamed.
Result<Renames> find_renames(const JsonOut& current, const JsonOut& edited, const std::string& scope) {
  if (current.size() != edited.size())
    return unsupported("the HN has ", edited.size(), " layers and the graph ", current.size(),
                       ": layers cannot be added or removed here; choose start and end nodes when the model is parsed");
  Renames renames;
  std::set<std::string> names;
  auto other = edited.begin();
  for (auto it = current.begin(); it != current.end(); ++it, ++other) {
    if (!names.insert(other.key()).second) return invalid("two layers are named '", other.key(), "'");
    if (it.key() == other.key()) continue;
    if (current.contains(other.key()) && edited.contains(it.key()))
      return unsupported("the layers stand in another order: '", other.key(), "' where '", it.key(), "' was");
    if (is_port(*it)) return unsupported("layer '", it.key(), "' is a port of the network and keeps its name");
    if (!other.key().starts_with(scope) || other.key().size() == scope.size())
      return invalid("layer '", it.key(), "' would become '", other.key(), "', which lies outside the scope '", scope,
                     "'");
    renames[it.key()] = other.key();
  }
  return renames;
}

JsonOut renamed(JsonOut names, const Renames& renames) {
  for (JsonOut& name : names)
    if (const auto found = renames.find(name.get<std::string>()); found != renames.end()) name = found->second;
  return names;
}

Result<Clamp> clamp_of(const std::string& activation) {
  constexpr float kInf = std::numeric_limits<float>::infinity();
  if (activation == "linear") return Clamp{-kInf, kInf};
  if (activation == "relu") return Clamp{0, kInf};
  if (activation == "relu6") return Clamp{0, 6};
  return unsupported(
      "activation '", activation,
      "' cannot be set in an HN (accepted: linear, relu, relu6); use change_output_activation in a model "
      "script");
}

Result<> set_activation(Layer& layer, const JsonOut& activation) {
  if (!activation.is_string()) return invalid("activation ", shown(&activation), " is no name");
  GRAUPEL_TRY(const Clamp clamp, clamp_of(activation.get<std::string>()));
  return std::visit(
      [&](auto& op) -> Result<> {
        if constexpr (requires { op.clamp; }) {
          op.clamp = clamp;
          return {};
        } else {
          return unsupported("the activation of a layer of this type cannot be changed");
        }
      },
      layer.op);
}

/// Applies what may change of one layer's params, and refuses the rest.
Result<> edit_params(Layer* layer, const JsonOut& current, const JsonOut& edited) {
  if (current == edited) return {};
  if (!edited.is_object() || layer == nullptr)
    return unsupported("'params' is ", shown(&edited), " instead of ", shown(&current));
  for (const auto& [key, value] : current.items()) {
    const JsonOut* other = find_key(edited, key);
    if (other != nullptr && *other == value) continue;
    if (key != "activation" || other == nullptr)
      return unsupported("'params.", key, "' is ", shown(other), " instead of ", shown(&value),
                         ": only the activation can be edited");
    GRAUPEL_DO(set_activation(*layer, *other));
  }
  for (const auto& [key, value] : edited.items())
    if (!current.contains(key)) return unsupported("'params.", key, "' is new: only the activation can be edited");
  return {};
}

Result<> edit_layer(Layer* layer, const JsonOut& current, const JsonOut& edited, const Renames& renames) {
  for (const auto& [key, value] : current.items()) {
    const JsonOut* other = find_key(edited, key);
    if (key == "params") {
      GRAUPEL_DO(edit_params(layer, value, other == nullptr ? JsonOut() : *other));
      continue;
    }
    const bool names = key == "input" || key == "output";
    const JsonOut expected = names ? renamed(value, renames) : value;
    if (other == nullptr || *other != expected)
      return unsupported("'", key, "' is ", shown(other), " instead of ", shown(&expected),
                         ": layers can be renamed, not rewired or reshaped, here");
  }
  return {};
}

void rename_layers(Graph& graph, const Renames& renames, const std::string& scope) {
  std::map<std::string, std::string> plain;
  for (const auto& [from, to] : renames) plain[from.substr(scope.size())] = to.substr(scope.size());
  for (Value& value : graph.values) {
    const std::size_t slash = value.constant ? value.name.rfind('/') : std::string::npos;
    const auto found = plain.find(value.name.substr(0, slash));
    if (found == plain.end()) continue;
    value.name = slash == std::string::npos ? found->second : found->second + value.name.substr(slash);
  }
  for (Layer& layer : graph.layers)
    if (const auto found = plain.find(layer.name); found != plain.end()) layer.name = found->second;
}

/// `order`: names of the layers that make the outputs, as they shall follow each other.
Result<> order_outputs(Graph& graph, const JsonOut& current, const JsonOut& order) {
  if (current == order) return {};
  std::vector<std::size_t> from;
  std::vector<bool> taken(current.size());
  for (const JsonOut& name : order)
    for (std::size_t i = 0; i < current.size(); ++i)
      if (!taken[i] && current[i] == name) {
        taken[i] = true;
        from.push_back(i);
        break;
      }
  if (from.size() != current.size() || order.size() != current.size())
    return unsupported("net_params.output_layers_order is ", shown(&order), " but must hold the names of ",
                       shown(&current), ", in any order");
  const Graph before = graph;
  for (std::size_t i = 0; i < from.size(); ++i) {
    graph.outputs[i] = before.outputs[from[i]];
    graph.output_info[i] = before.output_info[from[i]];
  }
  return {};
}

}  // namespace

Result<> apply_hn(Graph& graph, const JsonOut& edited) {
  GRAUPEL_DO(check_keys(edited));
  const JsonOut current = graph_to_vendor_hn(graph);
  if (edited["name"] != current["name"])
    return unsupported("the HN names the network ", shown(&edited["name"]), " instead of ", shown(&current["name"]),
                       "; give net_name when the model is parsed");
  const std::string scope = file_safe_name(graph.name) + "/";
  GRAUPEL_TRY(const Renames renames, find_renames(current["layers"], edited["layers"], scope));
  Graph result = graph;
  std::map<std::string, Layer*> layers;
  for (Layer& layer : result.layers) layers[scope + layer.name] = &layer;
  auto other = edited["layers"].begin();
  for (const auto& [name, layer] : current["layers"].items()) {
    const auto found = layers.find(name);
    GRAUPEL_DO(edit_layer(found == layers.end() ? nullptr : found->second, layer, *other, renames)
                   .within("layer '", name, "'"));
    ++other;
  }
  GRAUPEL_DO(order_outputs(result, renamed(current["net_params"]["output_layers_order"], renames),
                           edited["net_params"]["output_layers_order"]));
  rename_layers(result, renames, scope);
  GRAUPEL_DO(verify(result));
  graph = std::move(result);
  return {};
}

Result<> apply_hn_text(Graph& graph, std::string_view text) {
  try {
    return apply_hn(graph, JsonOut::parse(text.begin(), text.end())).within("set_hn");
  } catch (const nlohmann::json::exception& fault) {
    return invalid("the HN is not the JSON that was expected: ", fault.what());
  }
}

}  // namespace graupel
