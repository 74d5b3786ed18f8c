// The vendor's view of a graph: HN layers by type with the parameters that other tools display.
#pragma once

#include "har/graph_json.h"

namespace graupel {

/// An HN document: the vendor's keys, and "graupel" with the exact graph. The vendor's part is derived and never read
/// back.
JsonOut graph_to_hn(const Graph& graph);

}  // namespace graupel
