#include "quant/calibrate.h"

#include <algorithm>
#include <cmath>

namespace graupel {
namespace {

// Values that move codes of another value are not looked at again: their group has the original's counts.
// What the host computes is not quantized.
bool observed(const Layer* layer) {
  return layer == nullptr || (quant_rule(layer->op) != QuantRule::kShared && !is_host(layer->op));
}

bool all_finite(std::span<const float> values) {
  // x - x is 0 for finite x and NaN else; sums of zeros stay zero.
  float sum = 0;
  for (float v : values) sum += v - v;
  return sum == 0;
}

bool are_pixels(std::span<const float> values) {
  return std::all_of(values.begin(), values.end(), [](float v) { return v >= 0 && v <= 255 && v == std::floor(v); });
}

using Visit = std::function<void(uint32_t value, std::span<const float> values)>;

struct Pass {
  const Graph& graph;
  const FrameSource& frames;
  const QuantizeOptions& options;
  Evaluator& evaluator;
  int number, total;

  // Calls visit for every observed value of every frame; returns the number of frames.
  Result<int> run(const Visit& visit) {
    int frame = 0;
    while (true) {
      GRAUPEL_TRY(const auto inputs, frames(frame).within("calibration frame ", frame));
      if (!inputs) break;
      std::optional<Error> bad;
      const auto observer = [&](ValueId value, const Layer* layer, const Tensor& tensor) {
        if (!observed(layer) || bad) return;
        const auto values = tensor.as<float>();
        if (!all_finite(values))
          bad = invalid(layer == nullptr ? "input '" + graph[value].name : "output of layer '" + layer->name,
                        "' is NaN or infinite; check the picture and the declared pre-processing");
        else
          visit(static_cast<uint32_t>(value), values);
      };
      const auto outputs = evaluator.run(*inputs, observer);
      if (!outputs.ok()) return Error(outputs.error());
      if (bad) return Result<int>(*bad).within("calibration frame ", frame);
      ++frame;
      if (options.progress) options.progress(frame + (number == 1 ? total : 0), total > 0 ? 2 * total : 0);
    }
    return frame;
  }
};

}  // namespace

Result<Calibration> calibrate(const Graph& graph, const FrameSource& frames, const QuantizeOptions& options) {
  Calibration result;
  Evaluator evaluator(graph, options.threads, options.isa);
  std::map<uint32_t, Extremes> extremes;
  Pass first{graph, frames, options, evaluator, 0, 0};
  const auto is_input = [&](uint32_t value) {
    return std::find(graph.inputs.begin(), graph.inputs.end(), ValueId{value}) != graph.inputs.end();
  };
  GRAUPEL_TRY(result.frames, first.run([&](uint32_t value, std::span<const float> values) {
    extremes[value].add(values);
    if (is_input(value)) result.integral_inputs = result.integral_inputs && are_pixels(values);
  }));
  if (result.frames == 0)
    return invalid("the calibration set is empty; give at least one picture or frame (64 are usual)");
  for (const auto& [value, range] : extremes) result.values.emplace(value, Histogram(range));
  Pass second{graph, frames, options, evaluator, 1, result.frames};
  GRAUPEL_TRY(const int again,
              second.run([&](uint32_t value, std::span<const float> values) { result.values.at(value).add(values); }));
  if (again != result.frames) return invalid("the calibration set had ", result.frames, " frames, then ", again);
  return result;
}

}  // namespace graupel
