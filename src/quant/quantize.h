// Quantization, level 0: calibration statistics, ranges, types and integer weights. Sets QuantParams and constants
// only.
#pragma once

#include <functional>
#include <set>
#include <string>

#include "ir/evaluate.h"
#include "ir/graph.h"

namespace graupel {

enum class RangeMethod : uint8_t { kMse, kPercentile, kMinMax };

struct QuantizeOptions {
  RangeMethod activations = RangeMethod::kMse;
  double percentile = 99.99;                 ///< for kPercentile, and where kMse starts
  std::vector<bool> pixel_inputs;            ///< by graph input: a model script normalizes it (N9.1); may be shorter
  bool correct_biases = true;                ///< against the mean shift of rounding
  std::set<std::string> uncorrected_layers;  ///< their biases stay as rounded
  int threads = 0;
  Isa isa = Isa::kRef;
  std::function<void(int done, int total)> progress;  ///< in calibration frames, over all passes
};

/// One calibration frame: the graph inputs, f32. nullopt after the last; called again from the start for a second pass.
using FrameSource = std::function<Result<std::optional<std::vector<Tensor>>>(int index)>;

/// Optimized → quantized. The result depends on graph, frames and method only: not on threads or ISA (N10.2).
/// `warnings`: sentences for the user (a concatenation of very different ranges, a constant channel).
Result<Graph> quantize_graph(const Graph& optimized, const FrameSource& frames, const QuantizeOptions& options,
                             std::vector<std::string>* warnings);

}  // namespace graupel
