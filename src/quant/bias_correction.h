// Bias correction: rounding shifts the mean of a channel, and shifts add up from layer to layer; a bias can take them
// back.
#pragma once

#include "quant/quantize.h"

namespace graupel {

/// Sets the biases of `quantized` so that, over the first calibration frames, the mean of every linear layer's output
/// channel before its clamp is the float graph's, each layer with its predecessors already corrected. `real` is the
/// float graph that was quantized, layer for layer. Sums run in a fixed order in double: the result depends on no
/// thread or ISA (N10.2).
Result<> correct_biases(const Graph& real, Graph& quantized, const FrameSource& frames, const QuantizeOptions& options);

}  // namespace graupel
