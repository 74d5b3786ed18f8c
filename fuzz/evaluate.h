// Runs a graph once, when it is small enough for a fuzzer's patience.
#pragma once

#include <algorithm>
#include <vector>

#include "ir/evaluate.h"

namespace graupel::fuzz {

inline bool is_small(const Graph& graph) {
  constexpr std::size_t kFewBytes = 1 << 16;
  std::size_t bytes = 0;
  for (const Value& value : graph.values) bytes += std::min(value.type.bytes(), kFewBytes);
  return bytes < kFewBytes;
}

/// Of a parsed or optimized graph, on zeros.
inline void evaluate(const Graph& graph) {
  Evaluator evaluator(graph, 1, Isa::kRef);
  std::vector<Tensor> inputs;
  for (ValueId id : graph.inputs) inputs.push_back(Tensor::make<float>(graph[id].type.shape).first);
  (void)evaluator.run(inputs);
}

}  // namespace graupel::fuzz
