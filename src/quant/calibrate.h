// Calibration: what the float graph's values look like over a set of frames. Integers and extremes only, so that no
// order of frames or threads changes a bit (N10.2).
#pragma once

#include <map>

#include "quant/quantize.h"
#include "quant/ranges.h"

namespace graupel {

struct Calibration {
  std::map<uint32_t, Histogram> values;  ///< by value id: graph inputs and outputs of calibrated and fixed ops
  int frames = 0;
  bool integral_inputs = true;  ///< every input value seen was an integer in [0, 255]
};

/// Two passes over the frames: extremes, then histograms between them. Errors: invalid, when there is no frame or a
/// layer's output is not finite (frame and layer are named).
Result<Calibration> calibrate(const Graph& graph, const FrameSource& frames, const QuantizeOptions& options);

}  // namespace graupel
