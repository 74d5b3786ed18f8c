// One layer of a quantized graph as its integer steps, run with the scalar reference kernels on dense buffers.
#pragma once

#include "ir/graph.h"

namespace graupel {

struct LoweredLayer {
  std::vector<Step> steps;
  Bytes constants;
};

/// Errors: those of the op's lower(), naming the layer.
Result<LoweredLayer> lower_layer(const Graph& graph, const Layer& layer);

/// The layer's output codes. `in`: its input codes, in order. Rows are split over the pool; `scratch` grows as needed.
Tensor run_reference(const LoweredLayer& lowered, std::span<const Tensor> in, const TensorType& type, ThreadPool& pool,
                     Bytes& scratch);

}  // namespace graupel
