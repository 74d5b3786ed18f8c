#include "compiler/run_frames.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>

namespace graupel {
namespace {

/// Sums over all frames of one output.
struct Sums {
  double sum = 0, squares = 0, min = std::numeric_limits<double>::infinity(), max = -min;
  int64_t count = 0;

  void add(std::span<const float> values) {
    for (float value : values) {
      sum += value;
      squares += static_cast<double>(value) * value;
      min = std::isnan(value) ? value : std::min(min, static_cast<double>(value));
      max = std::isnan(value) ? value : std::max(max, static_cast<double>(value));
    }
    count += static_cast<int64_t>(values.size());
  }
};

Tensor in_original_order(const Tensor& tensor, const std::vector<int32_t>& order) {
  if (order.size() != tensor.type.shape.size() || std::is_sorted(order.begin(), order.end())) return tensor;
  std::vector<int> back(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) back[static_cast<std::size_t>(order[i])] = static_cast<int>(i);
  return transposed(tensor, back);
}

/// The number of classes that these outputs score, or 0.
int64_t class_count(std::span<const Tensor> outputs) {
  if (outputs.size() != 1) return 0;
  const Shape& shape = outputs[0].type.shape;
  const int64_t count = element_count(shape);
  return count > 1 && std::find(shape.begin(), shape.end(), count) != shape.end() ? count : 0;
}

/// One output of every frame, one after another.
class Stack {
 public:
  void add(const Shape& shape, std::span<const float> values) {
    if (shape_.empty()) shape_ = shape;
    const auto bytes = std::as_bytes(values);
    data_.insert(data_.end(), bytes.begin(), bytes.end());
    ++frames_;
  }
  /// Frames along the first axis, which takes the place of a batch of 1.
  Tensor take() && {
    Shape shape = shape_;
    if (!shape.empty() && shape[0] == 1) shape.erase(shape.begin());
    shape.insert(shape.begin(), frames_);
    return {{DType::kF32, std::move(shape), {}}, std::make_shared<Bytes>(std::move(data_))};
  }

 private:
  Shape shape_;
  Bytes data_;
  int64_t frames_ = 0;
};

OutputSummary summary_of(const std::string& name, const Shape& shape, const Sums& sums) {
  const double n = static_cast<double>(std::max<int64_t>(sums.count, 1)), mean = sums.sum / n;
  return {name, shape, sums.min, sums.max, mean, std::sqrt(std::max(sums.squares / n - mean * mean, 0.0))};
}

/// What the layers that are tapped give over all frames.
struct Tapped {
  struct Layer {
    Shape shape;
    Sums sums;
    Stack stack;
  };
  std::vector<std::string> names;
  std::map<std::string, Layer> layers;

  LayerObserver observer(bool keep_arrays) {
    if (names.empty()) return {};
    return [this, keep_arrays](const std::string& name, const Shape& shape, std::span<const float> values) {
      Layer& layer = layers[name];
      layer.shape = shape;
      layer.sums.add(values);
      if (keep_arrays) layer.stack.add(shape, values);
    };
  }
  void report(bool keep_arrays, RunSummary& summary) && {
    for (const std::string& name : names) {
      const auto found = layers.find(name);
      if (found == layers.end()) continue;  // what the host makes of outputs is none of the program's layers
      summary.taps.push_back(summary_of(name, found->second.shape, found->second.sums));
      if (keep_arrays) summary.arrays.push_back({name, std::move(found->second.stack).take()});
    }
  }
};

Result<> add_classes(const Tensor& output, const std::string& name, const RunFramesOptions& options,
                     RunSummary& summary) {
  const auto scores = output.as<float>();
  FrameClasses best{name, top_k(scores, 5), {}};
  for (int index : best.top5) best.scores.push_back(scores[static_cast<std::size_t>(index)]);
  summary.best.push_back(std::move(best));
  if (!options.labels) return {};
  const auto label = options.labels->find(name);
  if (label == options.labels->end()) return mismatch("frame '", name, "' has no label");
  if (label->second >= summary.classes)
    return mismatch("'", name, "' has label ", label->second, " but the model has ", summary.classes, " classes");
  summary.accuracy->add(scores, label->second);
  return {};
}

}  // namespace

Result<RunSummary> run_frames(const StageOf& stage, Dataset& frames, const RunFramesOptions& options) {
  if (frames.size() == 0) return invalid("there are no frames to run");
  GRAUPEL_TRY(StageRunner runner, StageRunner::create(stage.model, stage.stage, options.run));
  RunSummary summary;
  summary.stage = stage.stage;
  summary.frames = frames.size();
  if (options.labels) summary.accuracy = Accuracy{};
  const std::vector<OutputSpec>& specs = runner.outputs();
  std::vector<Sums> sums(specs.size());
  std::vector<Stack> stacks(specs.size());
  std::vector<Tensor> outputs;
  Tapped tapped;
  if (!options.taps.empty()) {
    GRAUPEL_TRY(tapped.names, runner.find_layers(options.taps));
  }
  const LayerObserver observer = tapped.observer(options.keep_arrays);
  double total_ms = 0;
  for (int i = 0; i < frames.size(); ++i) {
    if (options.progress) options.progress(i, frames.size());
    GRAUPEL_TRY(const std::vector<Tensor> inputs, frames.frame(i));
    const auto begin = std::chrono::steady_clock::now();
    GRAUPEL_TRY(outputs, runner.run(inputs, observer, tapped.names).within("frame '", frames.name(i), "'"));
    total_ms += std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
    for (std::size_t k = 0; k < outputs.size(); ++k) {
      sums[k].add(outputs[k].as<float>());
      outputs[k] = in_original_order(outputs[k], specs[k].order);
      if (options.keep_arrays) stacks[k].add(outputs[k].type.shape, outputs[k].as<float>());
    }
    summary.classes = class_count(outputs);
    if (summary.classes == 0 && options.labels)
      return mismatch("labels are given but the model is no classifier: it has ", outputs.size(),
                      " outputs, the first of shape ", to_string(outputs[0].type.shape));
    if (summary.classes > 0) GRAUPEL_DO(add_classes(outputs[0], frames.name(i), options, summary));
  }
  summary.ms_per_frame = total_ms / frames.size();
  for (std::size_t k = 0; k < specs.size(); ++k) {
    summary.outputs.push_back(summary_of(specs[k].name, outputs[k].type.shape, sums[k]));
    if (options.keep_arrays) summary.arrays.push_back({specs[k].name, std::move(stacks[k]).take()});
  }
  std::move(tapped).report(options.keep_arrays, summary);
  return summary;
}

}  // namespace graupel
