// The verbs that carry a model from one stage to the next.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/add_detection.h"
#include "eval/dataset.h"
#include "har/har.h"
#include "passes/pipeline.h"
#include "program/program.h"
#include "quant/quantize.h"

namespace graupel {

struct OptimizeOptions {
  std::optional<DetectRequest> detect;
  PassOptions passes;
  QuantizeOptions quantize;
  std::optional<int> level;  ///< -100 (no algorithms), 0 … 4; replaces the model script's
};

struct OptimizeSummary {
  PassCounts rewrites;                ///< in the order of optimize_rules(); empty when that stage was there already
  std::vector<std::string> warnings;  ///< of the model script and of the quantizer
  std::vector<std::string> messages;  ///< what was changed on the way, for people
  int frames = 0;                     ///< used to calibrate
};

/// Parsed → optimized: what the HAR's model script changes in the model, in its order, then the full-precision passes.
/// Later stages are dropped. Leaves `har` alone on error. Errors: invalid (a command that cannot be carried out, with
/// its line and column), those of the passes.
Result<OptimizeSummary> optimize_full_precision(Har& har, const OptimizeOptions& options);

/// Optimized → quantized; from a HAR that is not at exactly that stage, optimize_full_precision first. Frames are of
/// the optimized graph's inputs. Leaves `har` alone on error. Errors also: invalid (no frames; a frame that cannot be
/// read), those of the quantizer.
Result<OptimizeSummary> optimize(Har& har, Dataset& frames, const OptimizeOptions& options);

struct Compiled {
  Program program;
  Bytes hef;
};

struct CompileOptions {
  bool vendor_inspectable = false;  ///< as HefOptions has it
};

/// `har_hash` and a golden vector go into the HEF. Errors: invalid when the HAR is not quantized.
Result<Compiled> compile_har(const Har& har, const std::string& har_hash, const CompileOptions& options = {});

struct HarFile {
  const Har* har = nullptr;
  std::string hash;
};

struct CompiledGroup {
  std::vector<Program> programs;
  Bytes hef;
};

/// Several networks in one HEF and one network group, which run side by side. The chip is the first one's. Errors:
/// those of compile_har() and save_hef_group().
Result<CompiledGroup> compile_group(const std::string& name, std::span<const HarFile> hars,
                                    const CompileOptions& options = {});

}  // namespace graupel
