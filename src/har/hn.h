// The vendor's view of a graph: HN layers by type with the parameters that other tools display.
#pragma once

#include "har/graph_json.h"

namespace graupel {

/// The vendor's keys alone: `name`, `net_params`, `layers`.
JsonOut graph_to_vendor_hn(const Graph& graph);
/// An HN document: the vendor's keys, and "graupel" with the exact graph. The vendor's part is derived and never read
/// back.
JsonOut graph_to_hn(const Graph& graph);

}  // namespace graupel
