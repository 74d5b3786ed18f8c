// The verbs that carry a model from one stage to the next.
#pragma once

#include <string>
#include <vector>

#include "eval/dataset.h"
#include "har/har.h"
#include "passes/pipeline.h"
#include "program/program.h"
#include "quant/quantize.h"

namespace graupel {

struct OptimizeOptions {
  PassOptions passes;
  QuantizeOptions quantize;
};

struct OptimizeSummary {
  PassCounts rewrites;                ///< in the order of optimize_rules()
  std::vector<std::string> warnings;  ///< of the quantizer
  int frames = 0;                     ///< used to calibrate
};

/// Adds the optimized and the quantized graph to `har`, from its parsed one; leaves it alone on error.
/// Errors: invalid (no frames; a frame that cannot be read), those of passes and quantizer.
Result<OptimizeSummary> optimize_har(Har& har, Dataset& frames, const OptimizeOptions& options);

struct Compiled {
  Program program;
  Bytes hef;
};

/// `har_hash` goes into the HEF. Errors: invalid when the HAR is not quantized.
Result<Compiled> compile_har(const Har& har, const std::string& har_hash);

}  // namespace graupel
