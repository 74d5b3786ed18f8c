// Runs a model at any of its stages, floats in and floats out.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "compiler/model_file.h"
#include "eval/dataset.h"
#include "runtime/session.h"

namespace graupel {

/// How a model is executed. kCompiled runs a program: of a HEF, or lowered from a quantized HAR.
enum class RunStage : uint8_t { kNative, kOptimized, kQuantized, kCompiled };
std::string_view to_string(RunStage stage);
Result<RunStage> parse_run_stage(std::string_view name);

/// The latest stage that the file itself holds.
RunStage latest_run_stage(const ModelFile& model);
/// The model's inputs, for Dataset::open. Errors: unsupported (a vendor's HEF).
Result<std::vector<InputSpec>> input_specs(const ModelFile& model);

struct RunOptions {
  int threads = 0;  ///< 0: all CPUs this process may use
  std::optional<Isa> isa = {};
  /// Replaces the threshold of nms_postprocess. Errors of create(): invalid, where nothing is suppressed.
  std::optional<float> nms_score_threshold = {};
  std::optional<uint8_t> poison = {};  ///< of kCompiled: as SessionOptions has it
  bool self_test = false;              ///< of kCompiled: check the golden vector first
};

/// Called with each layer's output as floats.
using LayerObserver = std::function<void(const std::string& layer, const Shape& shape, std::span<const float> values)>;

/// An output as the model's author knows it.
struct OutputSpec {
  std::string name;            ///< in the original model, or the layer's
  std::vector<int32_t> order;  ///< stored extent i is the original's extent order[i]; empty: not known
};

class StageRunner {
 public:
  /// `model` must outlive the runner. Errors: invalid (a stage that the file does not hold; what it holds is
  /// named), those of self_test(), unsupported (no golden vector).
  static Result<StageRunner> create(const ModelFile& model, RunStage stage, const RunOptions& options);
  StageRunner(StageRunner&&) noexcept;
  ~StageRunner();

  const std::vector<OutputSpec>& outputs() const;
  /// Layers that an observer hears of, in execution order. kCompiled: those that are not fused into another.
  std::vector<std::string> layers() const;
  /// Those of layers() that `wanted` names, with or without the network's name ("net/conv1", "conv1"), a fused one by
  /// the layer that shows it; {"all"} is all. Error: not_found, with the nearest names.
  Result<std::vector<std::string>> find_layers(std::span<const std::string> wanted) const;
  /// One frame: f32 inputs as Dataset gives them; f32 outputs in the stored order. `layers`: what the observer wants to
  /// hear of, names of layers(); empty: all.
  Result<std::vector<Tensor>> run(std::span<const Tensor> inputs, const LayerObserver& observer = {},
                                  std::span<const std::string> layers = {});

 private:
  struct State;
  explicit StageRunner(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// The HEF that the HAR was compiled to, or one with nothing but the program that its quantized graph would be. Errors:
/// unsupported (a HEF of another tool in the HAR), those of lowering.
Result<Hef> compiled_hef(const Har& har);

/// The graph that a stage of a HAR evaluates, or null. kCompiled: the quantized one, whose layer names the program
/// keeps.
const Graph* graph_of(const Har& har, RunStage stage);

}  // namespace graupel
