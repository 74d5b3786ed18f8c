// Who reads a value, as rules that change a layer together with its readers ask.
#pragma once

#include <algorithm>

#include "ir/graph.h"

namespace graupel {

/// Whether `value` is no graph output and all who read it read it once, as operand 0, and have an op that `fits`.
template <class Fits>
bool read_only_by(const Graph& graph, const Uses& uses, ValueId value, Fits fits) {
  if (uses.is_output[static_cast<uint32_t>(value)]) return false;
  const auto& readers = uses.readers[static_cast<uint32_t>(value)];
  return std::all_of(readers.begin(), readers.end(), [&](LayerId reader) {
    const Layer& layer = graph[reader];
    return layer.in[0] == value && std::count(layer.in.begin(), layer.in.end(), value) == 1 && fits(layer.op);
  });
}

}  // namespace graupel
