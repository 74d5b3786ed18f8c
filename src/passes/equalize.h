// Cross-layer equalization (Meller et al. 2019, Nagel et al. 2019): channels of one tensor get ranges alike.
#pragma once

#include <functional>
#include <string>

#include "ir/graph.h"

namespace graupel {

/// Where a linear layer, with no clamp or a ReLU, or a normalization is read by linear layers only, each channel
/// between them is divided by the power of two nearest to sqrt(range of the first / largest weight of the readers),
/// which the readers' weights take back: no float result changes by a bit, only ranges do. The range of a linear
/// layer's channel is its largest weight. `chosen` is asked for the first layer. Returns the number of layers that
/// changed.
Result<int> equalize(Graph& graph, const std::function<bool(const std::string& layer)>& chosen);

}  // namespace graupel
