#include "ir/rewriter.h"

#include <algorithm>

namespace graupel {
namespace {

void add_origins(std::vector<std::string>& origins, const std::vector<std::string>& more) {
  for (const std::string& origin : more)
    if (std::find(origins.begin(), origins.end(), origin) == origins.end()) origins.push_back(origin);
}

bool is_layer_name(const Graph& graph, const std::string& name) {
  return std::any_of(graph.layers.begin(), graph.layers.end(), [&](const Layer& layer) { return layer.name == name; });
}

/// `name`, or the first of name_2, name_3, … that is free.
std::string free_name(const Graph& graph, const std::string& name) {
  std::string free = name;
  for (int i = 2; is_layer_name(graph, free); ++i) free = cat(name, "_", i);
  return free;
}

/// What a layer writes now: as inferred, keeping a calibrated scale that the op leaves open.
Result<TensorType> output_type(const Graph& graph, const Op& op, std::span<const TensorType> in,
                               const TensorType* old) {
  GRAUPEL_TRY(TensorType type, infer(op, in));
  if (!type.quant && old != nullptr && graph.stage == Stage::kQuantized && type.dtype == old->dtype)
    type.quant = old->quant;
  return type;
}

std::vector<TensorType> types_of(const Graph& graph, std::span<const ValueId> ids) {
  std::vector<TensorType> types;
  for (ValueId id : ids) types.push_back(graph[id].type);
  return types;
}

/// Values that layer number `layer` may read.
Result<> check_operands(const Graph& graph, const Uses& uses, std::span<const ValueId> in, uint32_t layer) {
  for (ValueId id : in) {
    if (static_cast<uint32_t>(id) >= graph.values.size())
      return invalid("value ", static_cast<uint32_t>(id), " does not exist");
    const auto& producer = uses.producer[static_cast<uint32_t>(id)];
    if (producer && static_cast<uint32_t>(*producer) >= layer)
      return invalid("value '", graph[id].name, "' is computed only after the layer that would read it");
  }
  return {};
}

/// Infers layers from number `from` on again where an input's type may have changed.
Result<> infer_again(Graph& graph, uint32_t from) {
  for (uint32_t i = from; i < graph.layers.size(); ++i) {
    Layer& layer = graph.layers[i];
    Value& out = graph[layer.out[0]];
    GRAUPEL_TRY(TensorType type,
                output_type(graph, layer.op, graph.input_types(layer), &out.type).within("layer '", layer.name, "'"));
    out.type = std::move(type);
  }
  return {};
}

}  // namespace

Rewriter::Rewriter(Graph& graph) : graph_(graph), uses_(graph) {}

std::span<const float> Rewriter::floats(ValueId id) const {
  const auto& constant = graph_[id].constant;
  if (!constant || constant->type.dtype != DType::kF32) return {};
  return constant->as<float>();
}

ValueId Rewriter::add_constant(std::string name, Tensor tensor) {
  TensorType type = tensor.type;
  const ValueId id = graph_.add_value(std::move(name), std::move(type), std::move(tensor));
  uses_ = Uses(graph_);
  return id;
}

Result<> Rewriter::replace(LayerId id, Op op, std::vector<ValueId> in, std::span<const LayerId> absorbed) {
  const auto number = static_cast<uint32_t>(id);
  Layer& layer = graph_[id];
  GRAUPEL_DO(check_operands(graph_, uses_, in, number).within("layer '", layer.name, "'"));
  Value& out = graph_[layer.out[0]];
  GRAUPEL_TRY(TensorType type,
              output_type(graph_, op, types_of(graph_, in), &out.type).within("layer '", layer.name, "'"));
  layer.op = std::move(op);
  layer.in = std::move(in);
  for (LayerId other : absorbed) add_origins(layer.origins, graph_[other].origins);
  const bool changed = out.type != type;
  out.type = std::move(type);
  uses_ = Uses(graph_);
  return changed ? infer_again(graph_, number + 1) : Result<>();
}

void Rewriter::swap_names(LayerId a, LayerId b) {
  std::swap(graph_[a].name, graph_[b].name);
  std::swap(graph_[graph_[a].out[0]].name, graph_[graph_[b].out[0]].name);
}

Result<ValueId> Rewriter::insert(LayerId before, std::string name, Op op, std::vector<ValueId> in,
                                 std::vector<std::string> origins) {
  const auto number = static_cast<uint32_t>(before);
  name = free_name(graph_, name);
  GRAUPEL_DO(check_operands(graph_, uses_, in, number).within("layer '", name, "'"));
  GRAUPEL_TRY(TensorType type, infer(op, types_of(graph_, in)).within("layer '", name, "'"));
  const ValueId out = graph_.add_value(name, std::move(type));
  Layer layer{std::move(name), std::move(op), std::move(in), {out}, std::move(origins)};
  graph_.layers.insert(graph_.layers.begin() + number, std::move(layer));
  uses_ = Uses(graph_);
  return out;
}

void Rewriter::bypass(LayerId id, ValueId instead) {
  const ValueId old = graph_[id].out[0];
  const std::vector<std::string> origins = graph_[id].origins;
  redirect(old, instead);
  if (const auto& producer = uses_.producer[static_cast<uint32_t>(instead)])
    add_origins(graph_[*producer].origins, origins);
  uses_ = Uses(graph_);
}

void Rewriter::redirect(ValueId old, ValueId now, LayerId first) {
  const auto change = [&](ValueId& value) {
    if (value == old) value = now;
  };
  for (std::size_t i = static_cast<uint32_t>(first); i < graph_.layers.size(); ++i)
    std::for_each(graph_.layers[i].in.begin(), graph_.layers[i].in.end(), change);
  std::for_each(graph_.outputs.begin(), graph_.outputs.end(), change);
  uses_ = Uses(graph_);
}

ValueId Rewriter::change_input(std::size_t index, TensorType type) {
  const ValueId old = graph_.inputs[index];
  const std::string name = graph_[old].name;
  graph_[old].name = name + "_old";
  graph_.inputs[index] = graph_.add_value(name, std::move(type));
  uses_ = Uses(graph_);
  return graph_.inputs[index];
}

}  // namespace graupel
