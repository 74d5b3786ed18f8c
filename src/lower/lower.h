// Graph → program: per-op lowering, epilogue fusion, views instead of copies, one static arena.
#pragma once

#include "ir/graph.h"
#include "program/program.h"

namespace graupel {

/// Lowers a quantized graph. Errors: invalid (wrong stage; an unprovable scale, naming the layer), unsupported.
Result<Program> lower_graph(const Graph& graph);

}  // namespace graupel
