#include "compiler/verbs.h"

#include "hef/hef.h"
#include "lower/lower.h"

namespace graupel {

Result<OptimizeSummary> optimize_har(Har& har, Dataset& frames, const OptimizeOptions& options) {
  if (!har.parsed) return invalid("the HAR has no parsed graph; parse the model again");
  if (frames.size() == 0) return invalid("there are no calibration frames; give pictures or arrays");
  OptimizeSummary summary;
  summary.frames = frames.size();
  Graph optimized = *har.parsed;
  GRAUPEL_TRY(summary.rewrites, optimize_graph(optimized, options.passes).within("optimizing"));
  const FrameSource source = [&](int index) -> Result<std::optional<std::vector<Tensor>>> {
    if (index >= frames.size()) return std::optional<std::vector<Tensor>>();
    GRAUPEL_TRY(std::vector<Tensor> tensors, frames.frame(index).within("calibration"));
    return std::optional<std::vector<Tensor>>(std::move(tensors));
  };
  GRAUPEL_TRY(Graph quantized,
              quantize_graph(optimized, source, options.quantize, &summary.warnings).within("quantizing"));
  har.optimized = std::move(optimized);
  har.quantized = std::move(quantized);
  har.hef.reset();
  return summary;
}

Result<Compiled> compile_har(const Har& har, const std::string& har_hash) {
  if (!har.quantized)
    return invalid("the HAR is at stage ", to_string(har.stage()),
                   "; run `graupel optimize` with calibration pictures first");
  Compiled compiled;
  GRAUPEL_TRY(compiled.program, lower_graph(*har.quantized).within("compiling"));
  compiled.hef = save_hef(compiled.program, har_hash);
  return compiled;
}

}  // namespace graupel
