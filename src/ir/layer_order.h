// Which layers are numbered, and in which order: the vendor's, so that scripts written for its tools ("conv41") find
// the layers they mean.
#pragma once

#include "ir/graph.h"

namespace graupel {

/// A layer that gets a number, and those that the vendor's parser has made part of it: a batch norm or bias after a
/// convolution, an activation, a gate x * sigmoid(x), and changes of shape or order, which move no numbers there.
struct LayerUnit {
  LayerId lead{};
  std::vector<LayerId> fused;  ///< in graph order
};

/// All layers, each in one unit, in the order in which the vendor numbers them. The rule is documented nowhere; this
/// one was derived from the layer names in its published scripts, of which it gives all that were checked
/// (tests/layer_names.py):
///   1. Layers get provisional names, kind and number, breadth first from the inputs, a layer's readers in the model's
///      order; where branches join waits until nothing else is left to visit.
///   2. The final order is topological: of the layers whose inputs are done, the smallest provisional name is next.
///      Layers with kernels come before all others, and names are compared as text: "conv100" before "conv99",
///      "conv…" before "dw…".
std::vector<LayerUnit> numbering_order(const Graph& graph);

}  // namespace graupel
