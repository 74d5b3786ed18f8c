#include "compiler/noise.h"

#include "har/graph_json.h"
#include "ir/evaluate.h"
#include "ir/float_context.h"
#include "ir/lowered_layer.h"

namespace graupel {
namespace {

/// The float network with one layer at a time in integers.
class LayersAlone {
 public:
  LayersAlone(const Graph& optimized, const Graph& quantized, int threads)
      : floats_(optimized), integers_(quantized), context_(threads, Isa::kRef), values_(optimized.values.size()) {
    const Uses uses(optimized);
    for (ValueId output : optimized.outputs) {
      const auto& producer = uses.producer[static_cast<uint32_t>(output)];
      if (producer && is_host(optimized[*producer].op))
        results_.insert(results_.end(), optimized[*producer].in.begin(), optimized[*producer].in.end());
      else
        results_.push_back(output);
    }
    noise_.resize(optimized.layers.size());
  }

  Result<> prepare() {
    if (floats_.layers.size() != integers_.layers.size())
      return mismatch("the optimized graph has ", floats_.layers.size(), " layers and the quantized one ",
                      integers_.layers.size(), "; optimize the model again");
    for (const Layer& layer : integers_.layers) {
      LoweredLayer lowered;
      if (!is_host(layer.op)) {
        GRAUPEL_TRY(lowered, lower_layer(integers_, layer));
      }
      lowered_.push_back(std::move(lowered));
    }
    return {};
  }

  Result<> add_frame(std::span<const Tensor> inputs) {
    for (std::size_t i = 0; i < inputs.size(); ++i) values_[static_cast<uint32_t>(floats_.inputs[i])] = inputs[i];
    for (const Layer& layer : floats_.layers) {
      if (is_host(layer.op)) continue;
      GRAUPEL_TRY(value(layer.out[0]), eval_float(layer, {}));
    }
    for (std::size_t i = 0; i < floats_.layers.size(); ++i)
      if (!is_host(floats_.layers[i].op)) GRAUPEL_DO(quantize_alone(i).within("layer '", floats_.layers[i].name, "'"));
    return {};
  }

  /// dB of every result; empty for layers of the host.
  std::vector<float> snr(std::size_t layer) const {
    std::vector<float> result;
    for (const TensorStats& stats : noise_[layer].in_order()) result.push_back(static_cast<float>(stats.snr_db));
    return result;
  }

 private:
  using Changed = std::map<ValueId, Tensor>;

  std::optional<Tensor>& value(ValueId id) { return values_[static_cast<uint32_t>(id)]; }
  const Tensor& float_tensor(ValueId id) const {
    const auto& constant = floats_[id].constant;
    return constant ? *constant : *values_[static_cast<uint32_t>(id)];
  }

  Result<Tensor> eval_float(const Layer& layer, const Changed& changed) const {
    std::vector<Tensor> in;
    for (ValueId id : layer.in) {
      const auto found = changed.find(id);
      in.push_back(found != changed.end() ? found->second : float_tensor(id));
    }
    return eval(layer.op, context_.eval(), in, floats_[layer.out[0]].type);
  }

  /// The layer's output in integers, of what the float network gives it.
  Result<Tensor> eval_integers(std::size_t number) {
    const Layer& layer = integers_.layers[number];
    std::vector<Tensor> in;
    for (std::size_t k = 0; k < layer.in.size(); ++k) {
      const Value& operand = integers_[layer.in[k]];
      if (operand.constant) {
        in.push_back(*operand.constant);
        continue;
      }
      GRAUPEL_TRY(Tensor codes, quantize(float_tensor(floats_.layers[number].in[k]), operand.type));
      in.push_back(std::move(codes));
    }
    return dequantize(run_reference(lowered_[number], in, integers_[layer.out[0]].type, context_.pool(), scratch_));
  }

  Result<> quantize_alone(std::size_t number) {
    Changed changed;
    GRAUPEL_TRY(changed[floats_.layers[number].out[0]], eval_integers(number));
    for (std::size_t i = number + 1; i < floats_.layers.size(); ++i) {
      const Layer& layer = floats_.layers[i];
      const bool reads =
          std::any_of(layer.in.begin(), layer.in.end(), [&](ValueId id) { return changed.contains(id); });
      if (!reads || is_host(layer.op)) continue;
      GRAUPEL_TRY(changed[layer.out[0]], eval_float(layer, changed));
    }
    for (std::size_t k = 0; k < results_.size(); ++k) {
      const auto found = changed.find(results_[k]);
      const Tensor& expected = float_tensor(results_[k]);
      const Tensor& actual = found != changed.end() ? found->second : expected;
      GRAUPEL_DO(noise_[number].add(cat(k), expected.as<float>(), actual.as<float>()));
    }
    return {};
  }

  const Graph& floats_;
  const Graph& integers_;
  FloatContext context_;
  Bytes scratch_;
  std::vector<LoweredLayer> lowered_;
  std::vector<std::optional<Tensor>> values_;  ///< of the float network on the current frame
  std::vector<ValueId> results_;
  std::vector<Comparison> noise_;  ///< by layer
};

NamedTensor statistic(const std::string& net, const std::string& layer, std::string_view name,
                      std::span<const float> values) {
  return {cat(net, "/", layer, "/layer_noise_analysis/", name),
          Tensor::of<float>({static_cast<int64_t>(values.size())}, values)};
}

}  // namespace

Result<NoiseReport> analyze_noise(const ModelFile& model, Dataset& frames, bool each_alone, const RunOptions& options) {
  if (!model.har || !model.har->optimized || !model.har->quantized)
    return invalid("'", model.path, "' is not quantized, or lacks the optimized graph to hold it against");
  const Graph &optimized = *model.har->optimized, &quantized = *model.har->quantized;
  NoiseReport report;
  GRAUPEL_TRY(report.whole,
              compare_stages({model, RunStage::kOptimized}, {model, RunStage::kQuantized}, frames, options));
  const std::string net = file_safe_name(quantized.name);
  for (const TensorStats& layer : report.whole.layers) {
    const float snr[] = {static_cast<float>(layer.snr_db)};
    report.statistics.push_back(statistic(net, layer.name, "snr", snr));
  }
  if (!each_alone) return report;
  LayersAlone alone(optimized, quantized, options.threads);
  GRAUPEL_DO(alone.prepare());
  for (int i = 0; i < frames.size(); ++i) {
    GRAUPEL_TRY(const std::vector<Tensor> inputs, frames.frame(i));
    GRAUPEL_DO(alone.add_frame(inputs));
  }
  for (std::size_t i = 0; i < quantized.layers.size(); ++i)
    if (const std::vector<float> snr = alone.snr(i); !snr.empty())
      report.statistics.push_back(statistic(net, quantized.layers[i].name, "partial_snr", snr));
  return report;
}

}  // namespace graupel
