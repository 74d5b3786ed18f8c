#include "ir/layer_order.h"

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <tuple>

#include "ir/layer_kind.h"

namespace graupel {
namespace {

using Index = std::size_t;

Index at(LayerId id) { return static_cast<Index>(id); }
Index at(ValueId id) { return static_cast<Index>(id); }

bool has_kernel(const Op& op) {
  return std::holds_alternative<Conv>(op) || std::holds_alternative<ConvTranspose>(op) ||
         std::holds_alternative<Dense>(op);
}

/// Whether an activation after such a layer is an attribute of it.
bool takes_activation(const Op& op) {
  return has_kernel(op) || std::holds_alternative<Affine>(op) || std::holds_alternative<Binary>(op) ||
         std::holds_alternative<AvgPool>(op) || std::holds_alternative<MaxPool>(op);
}

/// Finds for every layer the one that leads its unit.
class Leads {
 public:
  explicit Leads(const Graph& graph) : graph_(graph), uses_(graph) {
    for (Index i = 0; i < graph.layers.size(); ++i) lead_.push_back(lead_of(i));
  }
  Index operator[](Index layer) const { return lead_[layer]; }

 private:
  Index lead_of(Index i) const {
    const Layer& layer = graph_.layers[i];
    if (layer.in.empty()) return i;
    if (std::holds_alternative<Reshape>(layer.op) || std::holds_alternative<Transpose>(layer.op))
      return lead_of_value(layer.in[0]).value_or(i);
    if (const auto gated = gated_value(i)) return activated(*gated).value_or(i);
    const bool norm = std::holds_alternative<Affine>(layer.op);
    if (!norm && !std::holds_alternative<Unary>(layer.op) && !std::holds_alternative<PRelu>(layer.op)) return i;
    if (!uses_.read_once(layer.in[0]) && !opens_gate(i)) return i;
    const auto lead = activated(layer.in[0]);
    return lead && (!norm || has_kernel(graph_.layers[*lead].op)) ? *lead : i;
  }

  std::optional<Index> lead_of_value(ValueId value) const {
    const auto producer = uses_.producer[at(value)];
    return producer ? std::optional(lead_[at(*producer)]) : std::nullopt;
  }

  /// The lead of the unit that computes `value`, if it takes activations.
  std::optional<Index> activated(ValueId value) const {
    const auto lead = lead_of_value(value);
    return lead && takes_activation(graph_.layers[*lead].op) ? lead : std::nullopt;
  }

  /// x, if layer `i` is x * g(x) and nothing else reads x or g(x).
  std::optional<ValueId> gated_value(Index i) const {
    const Layer& layer = graph_.layers[i];
    const auto* product = std::get_if<Binary>(&layer.op);
    if (product == nullptr || product->kind != Binary::Kind::kMul) return {};
    for (const Index side : {0u, 1u}) {
      ValueId gate = layer.in[1 - side];
      const ValueId x = layer.in[side];
      if (uses_.readers[at(x)].size() != 2 || uses_.is_output[at(x)]) continue;
      bool found = false;
      while (gate != x) {
        const auto producer = uses_.producer[at(gate)];
        if (!producer || !uses_.read_once(gate) || !std::holds_alternative<Unary>(graph_[*producer].op)) break;
        gate = graph_[*producer].in[0];
        found = true;
      }
      if (found && gate == x) return x;
    }
    return {};
  }

  /// Whether layer `i` is the first of g in such a product.
  bool opens_gate(Index i) const {
    const ValueId x = graph_.layers[i].in[0];
    return std::ranges::any_of(uses_.readers[at(x)], [&](LayerId reader) { return gated_value(at(reader)) == x; });
  }

  const Graph& graph_;
  const Uses uses_;
  std::vector<Index> lead_;
};

/// Units and graph inputs as one graph: vertex v is layer v's unit, or input v - layers.size().
struct Vertices {
  explicit Vertices(const Graph& graph)
      : lead(graph),
        first_input(graph.layers.size()),
        before(graph.layers.size() + graph.inputs.size()),
        after(before.size()) {
    std::vector<std::optional<Index>> source(graph.values.size());
    for (Index i = 0; i < graph.inputs.size(); ++i) source[at(graph.inputs[i])] = first_input + i;
    for (Index i = 0; i < graph.layers.size(); ++i) {
      for (ValueId value : graph.layers[i].out) source[at(value)] = lead[i];
      for (ValueId value : graph.layers[i].in) {
        const auto from = source[at(value)];
        if (from && *from != lead[i] && before[lead[i]].insert(*from).second) after[*from].push_back(lead[i]);
      }
    }
  }
  bool is_vertex(Index v) const { return v >= first_input || lead[v] == v; }
  bool is_join(Index v) const { return before[v].size() > 1; }

  Leads lead;
  Index first_input;
  std::vector<std::set<Index>> before;
  std::vector<std::vector<Index>> after;  ///< in graph order
};

/// The order of step 1.
class Walk {
 public:
  explicit Walk(const Vertices& vertices) : vertices_(vertices), met_(vertices.before.size()) {
    for (Index v = vertices.first_input; v < met_.size(); ++v) meet(v);
    for (Index v = 0; v < vertices.first_input; ++v)
      if (vertices.is_vertex(v) && vertices.before[v].empty()) meet(v);
    while (!next_.empty()) {
      const Index v = next_.front();
      next_.pop_front();
      visited_.insert(v);
      order.push_back(v);
      for (Index reader : vertices.after[v]) meet(reader);
      if (next_.empty()) take_join();
    }
  }
  std::vector<Index> order;

 private:
  void meet(Index v) {
    if (met_[v]) return;
    met_[v] = true;
    if (vertices_.is_join(v)) {
      joins_.push_back(v);
    } else {
      next_.push_back(v);
    }
  }
  void take_join() {
    const auto ready = std::ranges::find_if(joins_, [&](Index v) {
      return std::ranges::all_of(vertices_.before[v], [&](Index from) { return visited_.contains(from); });
    });
    if (ready == joins_.end()) return;
    next_.push_back(*ready);
    joins_.erase(ready);
  }

  const Vertices& vertices_;
  std::vector<bool> met_;
  std::set<Index> visited_;
  std::deque<Index> next_;
  std::vector<Index> joins_;
};

/// What step 2 compares.
using Key = std::tuple<bool, std::string, Index>;

std::vector<Key> provisional_names(const Graph& graph, const std::vector<Index>& walk) {
  std::vector<Key> keys(graph.layers.size() + graph.inputs.size());
  std::map<std::string_view, int> count;
  for (Index v : walk) {
    const bool input = v >= graph.layers.size();
    const std::string_view kind = input ? "input_layer" : layer_kind(graph, graph.layers[v]);
    keys[v] = {input || !has_kernel(graph.layers[v].op), cat(kind, ++count[kind]), v};
  }
  return keys;
}

}  // namespace

std::vector<LayerUnit> numbering_order(const Graph& graph) {
  const Vertices vertices(graph);
  const std::vector<Key> keys = provisional_names(graph, Walk(vertices).order);
  std::vector<std::size_t> missing;
  std::set<Key> ready;
  for (Index v = 0; v < keys.size(); ++v) {
    missing.push_back(vertices.before[v].size());
    if (missing[v] == 0 && vertices.is_vertex(v)) ready.insert(keys[v]);
  }
  std::vector<LayerUnit> units;
  std::vector<std::size_t> unit_of(keys.size());
  while (!ready.empty()) {
    const Index v = std::get<Index>(*ready.begin());
    ready.erase(ready.begin());
    for (Index reader : vertices.after[v])
      if (--missing[reader] == 0) ready.insert(keys[reader]);
    if (v >= graph.layers.size()) continue;
    unit_of[v] = units.size();
    units.push_back({LayerId{static_cast<uint32_t>(v)}, {}});
  }
  for (uint32_t i = 0; i < graph.layers.size(); ++i)
    if (vertices.lead[i] != i) units[unit_of[vertices.lead[i]]].fused.push_back(LayerId{i});
  return units;
}

}  // namespace graupel
