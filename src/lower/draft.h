// A graph on its way to a program: what each layer lowered to, before anything has a place.
#pragma once

#include "ir/graph.h"
#include "program/program.h"

namespace graupel {

/// What one layer, or several that were fused, became. Steps read `in` (or constants) and together write `out`.
struct Part {
  uint32_t layer = 0;  ///< index in the graph
  std::vector<ValueId> in;
  ValueId out{};
  std::vector<Step> steps;
};

struct Draft {
  const Graph& graph;
  std::vector<Part> parts;  ///< in execution order
  Constants constants;

  bool is_constant(ValueId id) const { return graph[id].constant.has_value(); }
};

/// Appends look-up tables of the whole tensor to the only instruction that produces their input: to its epilogue (N3.2)
/// or, table by table, to another look-up. The same codes by construction: a table of a table is a table, and one that
/// changes no code is none. Errors: of move_step.
Result<> fuse_tables(Draft& draft);

}  // namespace graupel
