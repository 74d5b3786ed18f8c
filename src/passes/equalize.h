// Cross-layer equalization (Meller et al. 2019, Nagel et al. 2019): channels of one tensor get ranges alike.
#pragma once

#include <functional>
#include <string>

#include "ir/graph.h"

namespace graupel {

/// Where a linear layer, with no clamp or a ReLU, is read by one linear layer only, each channel between them is
/// divided by the power of two nearest to sqrt(range of the first's weights / range of the second's), which the
/// second's weights take back: no float result changes by a bit, only ranges do. `chosen` is asked for the first of
/// both layers. Returns the number of pairs that changed.
Result<int> equalize(Graph& graph, const std::function<bool(const std::string& layer)>& chosen);

}  // namespace graupel
