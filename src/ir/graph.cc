#include "ir/graph.h"

#include <algorithm>

namespace graupel {
namespace {

constexpr std::string_view kStages[] = {"parsed", "optimized", "quantized"};
constexpr uint32_t kGone = UINT32_MAX;

uint32_t index(ValueId id) { return static_cast<uint32_t>(id); }

/// Which layers and values something depends on; graph inputs always stay.
struct Alive {
  explicit Alive(const Graph& graph) : values(graph.values.size()), layers(graph.layers.size()) {
    for (ValueId id : graph.inputs) values[index(id)] = true;
    for (ValueId id : graph.outputs) values[index(id)] = true;
    for (std::size_t i = graph.layers.size(); i-- > 0;) {
      const Layer& layer = graph.layers[i];
      layers[i] = std::any_of(layer.out.begin(), layer.out.end(), [&](ValueId id) { return values[index(id)]; });
      if (!layers[i]) continue;
      for (ValueId id : layer.in) values[index(id)] = true;
      for (ValueId id : layer.out) values[index(id)] = true;
    }
  }
  std::vector<bool> values, layers;
};

}  // namespace

std::string_view to_string(Stage stage) { return kStages[static_cast<std::size_t>(stage)]; }

Result<Stage> parse_stage(std::string_view name) {
  for (Stage stage : {Stage::kParsed, Stage::kOptimized, Stage::kQuantized})
    if (name == to_string(stage)) return stage;
  return invalid("stage '", name, "' (accepted: parsed, optimized, quantized)");
}

ValueId Graph::add_value(std::string value_name, TensorType type, std::optional<Tensor> constant) {
  values.push_back({std::move(value_name), std::move(type), std::move(constant)});
  return ValueId{static_cast<uint32_t>(values.size() - 1)};
}

std::vector<TensorType> Graph::input_types(const Layer& layer) const {
  std::vector<TensorType> types;
  types.reserve(layer.in.size());
  for (ValueId id : layer.in) types.push_back((*this)[id].type);
  return types;
}

Uses::Uses(const Graph& graph)
    : producer(graph.values.size()), readers(graph.values.size()), is_output(graph.values.size()) {
  for (uint32_t i = 0; i < graph.layers.size(); ++i) {
    for (ValueId id : graph.layers[i].out) producer[index(id)] = LayerId{i};
    for (ValueId id : graph.layers[i].in) readers[index(id)].push_back(LayerId{i});
  }
  for (ValueId id : graph.outputs) is_output[index(id)] = true;
}

bool Uses::read_once(ValueId value) const { return readers[index(value)].size() == 1 && !is_output[index(value)]; }

void remove_dead(Graph& graph) {
  const Alive alive(graph);
  std::vector<uint32_t> renumbered(graph.values.size(), kGone);
  std::vector<Value> values;
  for (std::size_t i = 0; i < graph.values.size(); ++i) {
    if (!alive.values[i]) continue;
    renumbered[i] = static_cast<uint32_t>(values.size());
    values.push_back(std::move(graph.values[i]));
  }
  const auto renumber = [&](std::vector<ValueId>& ids) {
    for (ValueId& id : ids) id = ValueId{renumbered[index(id)]};
  };
  std::vector<Layer> layers;
  for (std::size_t i = 0; i < graph.layers.size(); ++i) {
    if (!alive.layers[i]) continue;
    renumber(graph.layers[i].in);
    renumber(graph.layers[i].out);
    layers.push_back(std::move(graph.layers[i]));
  }
  renumber(graph.inputs);
  renumber(graph.outputs);
  graph.values = std::move(values);
  graph.layers = std::move(layers);
}

}  // namespace graupel
