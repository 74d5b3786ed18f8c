// A graph's parameters as named arrays, and edits of them.
#pragma once

#include "har/npz.h"
#include "ir/graph.h"

namespace graupel {

/// The constants under the names that a HAR gives them ("<net>/<layer>/kernel:0") and, when quantized, of every layer
/// [zero point, scale] of its output ("<net>/<layer>/qp_out:0"), what its codes span
/// ("…/stats/output_0/stats_limvals:0") and how many bits are used ("…/weight_bits:0").
std::vector<NamedTensor> graph_parameters(const Graph& graph);

/// Gives constants of `graph` the values in `parameters`, by name; constants that are not named keep theirs. Errors,
/// leaving the graph as it was: not_found (a name, with the nearest), mismatch (shape or element type, both named),
/// unsupported (a qp_out that differs from the graph's: ranges are set by a recipe).
Result<> set_graph_parameters(Graph& graph, std::span<const NamedTensor> parameters);

}  // namespace graupel
