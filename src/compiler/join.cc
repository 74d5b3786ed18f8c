#include "compiler/join.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/nearest_names.h"
#include "ir/layer_kind.h"

namespace graupel {
namespace {

std::string without_scope(const std::string& name) { return name.substr(name.rfind('/') + 1); }

/// "conv12" → {"conv", 12}; nothing for names without a number at their end.
std::optional<std::pair<std::string, int>> numbered(std::string_view name) {
  const std::size_t end = name.find_last_not_of("0123456789");
  if (end == name.npos || end + 1 == name.size() || name.size() - end > 9) return {};
  return std::pair{std::string(name.substr(0, end + 1)), std::stoi(std::string(name.substr(end + 1)))};
}

/// New names for what joins a network that has names already.
class Renaming {
 public:
  explicit Renaming(const Graph& first) {
    for (ValueId id : first.inputs) note(first[id].name);
    for (const Layer& layer : first.layers) note(layer.name);
  }

  std::string operator()(const std::string& name) const {
    const std::string unit(unit_name(name));
    if (const auto parts = numbered(unit)) {
      const auto last = last_.find(parts->first);
      const int before = last == last_.end() ? 0 : last->second;
      return cat(parts->first, parts->second + before, name.substr(unit.size()));
    }
    std::string renamed = name;
    for (int i = 2; taken_.contains(renamed); ++i) renamed = cat(name, "_", i);
    return renamed;
  }

 private:
  void note(const std::string& name) {
    taken_.insert(name);
    if (const auto parts = numbered(unit_name(name))) {
      int& last = last_[parts->first];
      last = std::max(last, parts->second);
    }
  }

  std::map<std::string, int> last_;  ///< by kind
  std::set<std::string> taken_;
};

/// The value that `name` means in a graph: a port, or what the layer and all that is part of it make.
Result<ValueId> value_named(const Graph& graph, const std::string& name) {
  const std::string bare = without_scope(name);
  std::vector<std::string> known;
  for (std::size_t i = 0; i < graph.outputs.size(); ++i) {
    known.push_back(cat("output_layer", i + 1));
    if (known.back() == bare) return graph.outputs[i];
  }
  for (ValueId id : graph.inputs) {
    known.push_back(graph[id].name);
    if (known.back() == bare) return id;
  }
  std::optional<ValueId> found;
  for (const Layer& layer : graph.layers) {
    known.push_back(layer.name);
    if (layer.name == bare || unit_name(layer.name) == bare) found = layer.out[0];
  }
  if (found) return *found;
  return not_found("network '", graph.name, "' has no layer '", name,
                   "' (most like it: ", quoted_list(nearest_names(bare, known)), ")");
}

class GraphJoiner {
 public:
  GraphJoiner(const Graph& first, const Graph& second) : joined_(first), second_(second), rename_(first) {
    for (const Layer& layer : first.layers) origins_.insert(layer.origins.begin(), layer.origins.end());
  }

  Result<Graph> run(std::span<const JoinEdge> edges, JoinedOutputs order) {
    GRAUPEL_DO(bind_edges(edges));
    add_values();
    add_layers();
    place_outputs(order);
    GRAUPEL_DO(verify(joined_));
    return std::move(joined_);
  }

 private:
  Result<> bind_edges(std::span<const JoinEdge> edges) {
    for (const JoinEdge& edge : edges) {
      GRAUPEL_TRY(const ValueId from, value_named(joined_, edge.source));
      GRAUPEL_TRY(const ValueId to, value_named(second_, edge.destination));
      if (std::find(second_.inputs.begin(), second_.inputs.end(), to) == second_.inputs.end())
        return invalid("'", edge.destination, "' is no input of network '", second_.name, "'");
      if (!ids_.emplace(to, from).second) return invalid("input '", edge.destination, "' is fed twice");
      if (joined_[from].type != second_[to].type)
        return mismatch("'", edge.source, "' gives ", to_string(joined_[from].type), " where '", edge.destination,
                        "' takes ", to_string(second_[to].type));
    }
    return {};
  }

  void add_values() {
    const std::map<ValueId, ValueId> fed = ids_;
    for (std::size_t i = 0; i < second_.inputs.size(); ++i) {
      const ValueId id = second_.inputs[i];
      if (fed.contains(id)) continue;
      ids_[id] = joined_.add_value(cat("input_layer", joined_.inputs.size() + 1), second_[id].type);
      joined_.inputs.push_back(ids_[id]);
      joined_.input_info.push_back(second_.input_info[i]);
    }
    for (uint32_t i = 0; i < second_.values.size(); ++i) {
      const Value& value = second_.values[i];
      if (ids_.contains(ValueId{i})) continue;
      const std::size_t slash = value.name.find('/');
      const std::string name = slash == value.name.npos
                                   ? rename_(value.name)
                                   : rename_(value.name.substr(0, slash)) + value.name.substr(slash);
      ids_[ValueId{i}] = joined_.add_value(name, value.type, value.constant);
    }
  }

  void add_layers() {
    const bool clash = std::any_of(second_.layers.begin(), second_.layers.end(), [&](const Layer& layer) {
      return std::any_of(layer.origins.begin(), layer.origins.end(),
                         [&](const std::string& origin) { return origins_.contains(origin); });
    });
    for (Layer layer : second_.layers) {
      layer.name = rename_(layer.name);
      for (ValueId& id : layer.in) id = ids_.at(id);
      for (ValueId& id : layer.out) id = ids_.at(id);
      if (clash)
        for (std::string& origin : layer.origins) origin = cat(second_.name, "/", origin);
      joined_.layers.push_back(std::move(layer));
    }
  }

  void place_outputs(JoinedOutputs order) {
    std::set<ValueId> consumed;
    for (ValueId id : second_.inputs) consumed.insert(ids_.at(id));
    std::vector<ValueId> outputs;
    std::vector<PortInfo> infos;
    std::size_t place = 0;
    bool placed = false;
    for (std::size_t i = 0; i < joined_.outputs.size(); ++i) {
      if (consumed.contains(joined_.outputs[i])) {
        if (!placed) place = outputs.size();
        placed = true;
        continue;
      }
      outputs.push_back(joined_.outputs[i]);
      infos.push_back(joined_.output_info[i]);
    }
    const std::size_t at = order == JoinedOutputs::kFirst               ? 0
                           : order == JoinedOutputs::kInPlace && placed ? place
                                                                        : outputs.size();
    std::vector<ValueId> added;
    for (ValueId id : second_.outputs) added.push_back(ids_.at(id));
    outputs.insert(outputs.begin() + static_cast<std::ptrdiff_t>(at), added.begin(), added.end());
    infos.insert(infos.begin() + static_cast<std::ptrdiff_t>(at), second_.output_info.begin(),
                 second_.output_info.end());
    joined_.outputs = std::move(outputs);
    joined_.output_info = std::move(infos);
  }

  Graph joined_;
  const Graph& second_;
  const Renaming rename_;
  std::set<std::string> origins_;
  std::map<ValueId, ValueId> ids_;  ///< of the second → of the joined
};

}  // namespace

Result<Har> join_hars(const Har& first, const Har& second, std::span<const JoinEdge> edges, JoinedOutputs order) {
  if (first.stage() != second.stage())
    return invalid("'", first.name, "' is ", to_string(first.stage()), " and '", second.name, "' ",
                   to_string(second.stage()), "; bring both to the same stage");
  if (!edges.empty() && first.stage() != Stage::kParsed)
    return invalid("networks that feed each other are joined before they are optimized; these are ",
                   to_string(first.stage()));
  if (second.stage() == Stage::kParsed && !second.recipe.empty())
    return invalid("'", second.name,
                   "' has a model script that has not acted yet; join first, then load a script for both");
  Har joined = first;
  joined.hef.reset();
  joined.noise.clear();
  joined.postprocess_onnx.reset();
  for (auto member : {&Har::parsed, &Har::optimized, &Har::quantized}) {
    if (!(first.*member) || !(second.*member)) {
      (joined.*member).reset();
      continue;
    }
    GRAUPEL_TRY(joined.*member, GraphJoiner(*(first.*member), *(second.*member)).run(edges, order));
  }
  const Renaming rename(*first.parsed);
  for (Modification modification : second.modifications) {
    modification.port = rename(modification.port);
    for (std::string& layer : modification.layers) layer = rename(layer);
    joined.modifications.push_back(std::move(modification));
  }
  return joined;
}

Result<std::vector<JoinEdge>> chain_edges(const Har& first, const Har& second) {
  const std::size_t count = first.latest().outputs.size();
  if (count != second.latest().inputs.size())
    return mismatch("'", first.name, "' has ", count, " outputs and '", second.name, "' ",
                    second.latest().inputs.size(), " inputs; say which feeds which");
  std::vector<JoinEdge> edges;
  for (std::size_t i = 1; i <= count; ++i) edges.push_back({cat("output_layer", i), cat("input_layer", i)});
  return edges;
}

Result<std::vector<JoinEdge>> shared_input_edges(const Har& first, const Har& second) {
  const std::size_t count = first.latest().inputs.size();
  if (count != second.latest().inputs.size())
    return mismatch("'", first.name, "' has ", count, " inputs and '", second.name, "' ", second.latest().inputs.size(),
                    "; say which feeds which");
  std::vector<JoinEdge> edges;
  for (std::size_t i = 1; i <= count; ++i) edges.push_back({cat("input_layer", i), cat("input_layer", i)});
  return edges;
}

}  // namespace graupel
