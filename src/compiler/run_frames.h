// A stage over a data set: outputs, their statistics, classes and accuracy.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "compiler/compare_stages.h"
#include "eval/accuracy.h"
#include "eval/labels.h"
#include "har/npz.h"

namespace graupel {

struct RunFramesOptions {
  RunOptions run;
  std::optional<Labels> labels;   ///< by Dataset::name; every frame must be listed
  bool keep_arrays = false;       ///< fill RunSummary::arrays
  std::vector<std::string> taps;  ///< layers whose outputs are reported too, as StageRunner::find_layers() has them
  std::function<void(int done, int total)> progress;
};

struct OutputSummary {
  std::string name;
  Shape shape;  ///< of one frame, in the original model's order where it is known, else as stored
  double min = 0, max = 0, mean = 0, std = 0;
};

/// The five likeliest classes of one frame.
struct FrameClasses {
  std::string name;
  std::vector<int> top5;
  std::vector<float> scores;
};

struct RunSummary {
  RunStage stage = RunStage::kNative;
  int frames = 0;
  double ms_per_frame = 0;  ///< without reading the inputs
  std::vector<OutputSummary> outputs;
  std::vector<OutputSummary> taps;   ///< of the layers asked for, in execution order; extents as stored
  int64_t classes = 0;               ///< of a classifier: one output, one extent above 1; else 0
  std::vector<FrameClasses> best;    ///< of a classifier, by frame
  std::optional<Accuracy> accuracy;  ///< with labels
  std::vector<NamedTensor> arrays;   ///< by output, then by tapped layer; frames along the first axis
};

/// Errors: mismatch (labels for a model that is no classifier; a label beyond its classes), those of the runs.
Result<RunSummary> run_frames(const StageOf& stage, Dataset& frames, const RunFramesOptions& options);

}  // namespace graupel
