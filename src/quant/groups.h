// Which values must have one scale, because codes are moved or compared between them.
#pragma once

#include <vector>

#include "ir/graph.h"

namespace graupel {

/// Inserts rescales where a tensor of fixed quantization (a softmax) meets others in an op that shares scales.
Result<> separate_fixed(Graph& graph);

/// For each value the smallest value id of its group; a value alone is its own.
std::vector<uint32_t> scale_groups(const Graph& graph);

}  // namespace graupel
