// Two stages, or two files, of one model, tensor by tensor.
#pragma once

#include "compiler/stage_runner.h"
#include "eval/compare.h"

namespace graupel {

struct StageComparison {
  std::vector<TensorStats> outputs;   ///< in the model's order
  std::vector<TensorStats> layers;    ///< of the other side, worst first; those with a counterpart in the reference
  std::vector<std::string> warnings;  ///< sentences: why the figures might be misread
  int frames = 0;
};

/// One side of a comparison.
struct StageOf {
  const ModelFile& model;
  RunStage stage;
};

/// The stage that a model's latest one is held against: native, but optimized where native differs in what it reads or
/// ends in: where the model script changed inputs, and where the host computes results that the native graph does not
/// have.
RunStage reference_stage_of(const ModelFile& model);

/// Runs both sides over `frames`. A layer of the other side is compared with the last layer of the reference that stems
/// from the same original nodes, if their shapes agree. Errors: mismatch (numbers or sizes of outputs), those of the
/// runs.
Result<StageComparison> compare_stages(const StageOf& reference, const StageOf& other, Dataset& frames,
                                       const RunOptions& options, const std::function<void(int, int)>& progress = {});

}  // namespace graupel
