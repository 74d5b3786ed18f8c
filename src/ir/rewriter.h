// The only way a pass changes a graph: every edit re-infers types and merges origins.
#pragma once

#include "ir/graph.h"

namespace graupel {

class Rewriter {
 public:
  explicit Rewriter(Graph& graph);

  const Graph& graph() const { return graph_; }
  const Uses& uses() const { return uses_; }
  const Value& value(ValueId id) const { return graph_[id]; }

  /// The layer that writes `id` if its op is a T, else null.
  template <class T>
  const Layer* producer_as(ValueId id) const {
    const auto& producer = uses_.producer[static_cast<uint32_t>(id)];
    if (!producer) return nullptr;
    const Layer& layer = graph_[*producer];
    return std::holds_alternative<T>(layer.op) ? &layer : nullptr;
  }
  /// The floats of a constant value; empty when it is not a constant.
  std::span<const float> floats(ValueId id) const;

  ValueId add_constant(std::string name, Tensor tensor);

  /// Gives layer `id` a new op and inputs. It keeps its name and output; the origins of `absorbed` layers join its own
  /// (those layers become dead unless something else reads them). Inputs must be defined before the layer.
  Result<> replace(LayerId id, Op op, std::vector<ValueId> in, std::span<const LayerId> absorbed = {});
  /// Exchanges the names of two layers, so that the one that stays can carry the better name.
  void swap_names(LayerId a, LayerId b);
  /// Puts a new layer right before `before`; returns its output.
  Result<ValueId> insert(LayerId before, std::string name, Op op, std::vector<ValueId> in,
                         std::vector<std::string> origins);
  /// Readers of `id`'s output (and graph outputs) read `instead` from now on; layer `id` becomes dead. The origins of
  /// `id` join the producer of `instead`, if it has one.
  void bypass(LayerId id, ValueId instead);
  /// Every layer from `first` on and every graph output that reads `old` reads `now` instead.
  void redirect(ValueId old, ValueId now, LayerId first = LayerId{0});
  /// Graph input `index` becomes a new value of `type` under its old name; returns it. Who read the old value must be
  /// redirected to something computed from the new one.
  ValueId change_input(std::size_t index, TensorType type);

 private:
  Graph& graph_;
  Uses uses_;
};

}  // namespace graupel
