// Layer noise analysis: what quantization costs, layer by layer.
#pragma once

#include "compiler/compare_stages.h"
#include "har/npz.h"

namespace graupel {

struct NoiseReport {
  StageComparison whole;  ///< the quantized network against the optimized one
  /// "<net>/<layer>/layer_noise_analysis/snr": dB of the layer's output in the quantized network, f32 [1]; and
  /// "…/partial_snr", when each layer was also quantized alone: dB of every result of the float network with this layer
  /// in integers, f32 [results]. Results are the outputs, and of a network that the host goes on computing with, what
  /// it reads.
  std::vector<NamedTensor> statistics;
};

/// `model` holds a quantized HAR. `each_alone` costs a part of an inference per layer and frame. Errors: invalid (not
/// quantized, no frames), those of the runs.
Result<NoiseReport> analyze_noise(const ModelFile& model, Dataset& frames, bool each_alone, const RunOptions& options);

}  // namespace graupel
