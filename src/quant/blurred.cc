#include "quant/blurred.h"

#include <algorithm>
#include <set>

#include "base/round.h"
#include "ir/evaluate.h"
#include "ir/host.h"
#include "ir/lowered_layer.h"

namespace graupel {
namespace {

// Frames that channels are looked at in, and of these the ones that suspicions are tried on.
constexpr int kFrames = 8, kTrialFrames = 2;
// A variance of fewer values says more about the frames than about the channel.
constexpr int64_t kLeastSamples = 256;
// Suspected: the mean over channels of the share that rounding has of a channel's variance.
constexpr double kMostBlur = 0.03;
// Confirmed: the share that rounding has of a result's power.
constexpr double kMostCost = 0.01;

/// Sums over one channel's values and over the errors of their codes.
struct Channel {
  double values = 0, squares = 0, errors = 0, squared_errors = 0;

  /// The errors' share of the variance; their mean is left to the biases behind.
  double blur(double samples) const {
    const double variance = squares / samples - values * values / (samples * samples);
    const double noise = squared_errors / samples - errors * errors / (samples * samples);
    return variance > 0 ? std::min(1.0, std::max(0.0, noise) / variance) : 0;
  }
};

/// What a layer makes and how its only reader sees it, when that is a function of one element.
class Watched {
 public:
  Watched(const TensorType& type, const Unary* reader)
      : reader_(reader), channels_(static_cast<std::size_t>(type.shape.back())) {
    scale_ = static_cast<double>(type.quant->scale[0]);
    zero_ = type.quant->zero_point[0];
    most_ = most_code(type.dtype);
    for (int32_t q = 0; q <= most_; ++q) {
      const double x = (q - zero_) * scale_;
      seen_.push_back(reader == nullptr ? x : unary_f64(reader->kind, reader->alpha, reader->beta, x));
    }
  }

  void add(std::span<const float> values, Isa isa) {
    std::vector<float> images(values.begin(), values.end());
    if (reader_ != nullptr)
      unary_f32(reader_->kind, reader_->alpha, reader_->beta, values.data(), images.data(), values.size(), isa);
    const std::size_t count = channels_.size();
    for (std::size_t i = 0; i < values.size(); ++i) {
      const double code = std::clamp(round_even(values[i] / scale_) + zero_, 0.0, static_cast<double>(most_));
      const double image = images[i], error = image - seen_[static_cast<std::size_t>(code)];
      Channel& channel = channels_[i % count];
      channel.values += image;
      channel.squares += image * image;
      channel.errors += error;
      channel.squared_errors += error * error;
    }
    samples_ += static_cast<double>(values.size() / count);
  }

  double blur() const {
    if (samples_ < kLeastSamples) return 0;
    double sum = 0;
    for (const Channel& channel : channels_) sum += channel.blur(samples_);
    return sum / static_cast<double>(channels_.size());
  }

 private:
  const Unary* reader_;
  std::vector<Channel> channels_;
  std::vector<double> seen_;  ///< by code
  double scale_ = 1, samples_ = 0;
  int32_t zero_ = 0, most_ = 0;
};

class Search {
 public:
  Search(const Graph& real, const Graph& quantized, const std::vector<uint32_t>& groups, const QuantRules& rules,
         const QuantizeOptions& options)
      : network_(split_host(real).device),
        groups_(groups),
        uses_(network_),
        isa_(options.isa),
        evaluator_(network_, options.threads, options.isa),
        codes_(real.values.size()) {
    std::vector<bool> fixed(real.values.size());  // by group: not to be widened
    for (ValueId id : real.inputs) fixed[group(id)] = true;
    for (ValueId id : real.outputs) fixed[group(id)] = true;
    for (std::size_t i = 0; i < real.layers.size(); ++i) {
      const Layer& layer = real.layers[i];
      codes_[static_cast<uint32_t>(layer.out[0])] = &quantized[quantized.layers[i].out[0]].type;
      if (quant_rule(layer.op) != QuantRule::kFixed) continue;
      fixed[group(layer.out[0])] = true;
      for (ValueId in : layer.in) fixed[group(in)] = true;
    }
    for (std::size_t g = 0; g < fixed.size(); ++g)
      open_.push_back(!fixed[g] && !rules.values[g].asked && !rules.values[g].forced && !rules.values[g].wide);
  }

  Result<std::vector<uint32_t>> run(const FrameSource& frames) {
    GRAUPEL_TRY(const std::set<uint32_t> suspects, suspected(frames));
    std::vector<uint32_t> confirmed;
    std::vector<std::vector<Tensor>> trials;
    for (int i = 0; i < kTrialFrames && !suspects.empty(); ++i) {
      GRAUPEL_TRY(auto inputs, frames(i));
      if (!inputs) break;
      trials.push_back(std::move(*inputs));
    }
    std::vector<std::vector<Tensor>> expected;
    for (const auto& inputs : trials) {
      GRAUPEL_TRY(expected.emplace_back(), evaluator_.run(inputs));
    }
    for (const uint32_t suspect : suspects) {
      GRAUPEL_TRY(const double cost, cost_of(suspect, trials, expected));
      if (cost > kMostCost) confirmed.push_back(suspect);
    }
    return confirmed;
  }

 private:
  uint32_t group(ValueId id) const { return groups_[static_cast<uint32_t>(id)]; }
  const TensorType& codes(ValueId id) const { return *codes_[static_cast<uint32_t>(id)]; }
  static bool computes(const Layer& layer) { return quant_rule(layer.op) == QuantRule::kCalibrated; }

  const Unary* function_behind(ValueId id) const {
    if (!uses_.read_once(id)) return nullptr;
    const Unary* unary = std::get_if<Unary>(&network_[uses_.readers[static_cast<uint32_t>(id)][0]].op);
    return unary != nullptr && unary->kind != UnaryKind::kIdentity ? unary : nullptr;
  }

  Result<std::set<uint32_t>> suspected(const FrameSource& frames) {
    std::map<ValueId, Watched> watched;
    for (const Layer& layer : network_.layers) {
      const ValueId out = layer.out[0];
      if (computes(layer) && open_[group(out)] && !codes(out).shape.empty())
        watched.emplace(out, Watched(codes(out), function_behind(out)));
    }
    const auto watch = [&](ValueId value, const Layer*, const Tensor& made) {
      if (const auto found = watched.find(value); found != watched.end()) found->second.add(made.as<float>(), isa_);
    };
    for (int frame = 0; frame < kFrames; ++frame) {
      GRAUPEL_TRY(const auto inputs, frames(frame));
      if (!inputs) break;
      GRAUPEL_TRY(const auto results, evaluator_.run(*inputs, watch));
      static_cast<void>(results);
    }
    std::set<uint32_t> suspects;
    for (const auto& [value, one] : watched)
      if (one.blur() > kMostBlur) suspects.insert(group(value));
    return suspects;
  }

  /// The results of the float network with the group's values rounded to their codes.
  Result<std::vector<Tensor>> run_rounded(uint32_t suspect, std::span<const Tensor> inputs) {
    Result<> rounding;
    const auto round = [&](ValueId value, const Layer* layer, Tensor& made) {
      if (layer == nullptr || group(value) != suspect || !computes(*layer) || !rounding.ok()) return;
      const Result<Tensor> rounded = quantize(made, codes(value)).within("layer '", layer->name, "'");
      if (rounded.ok())
        made = dequantize(*rounded);
      else
        rounding = rounded.error();
    };
    GRAUPEL_TRY(std::vector<Tensor> results, evaluator_.run(inputs, round));
    GRAUPEL_DO(rounding);
    return results;
  }

  /// The largest share of a result's power that rounding the group's values costs.
  Result<double> cost_of(uint32_t suspect, std::span<const std::vector<Tensor>> trials,
                         std::span<const std::vector<Tensor>> expected) {
    std::vector<double> power(network_.outputs.size()), noise(network_.outputs.size());
    for (std::size_t t = 0; t < trials.size(); ++t) {
      GRAUPEL_TRY(const auto results, run_rounded(suspect, trials[t]));
      for (std::size_t r = 0; r < results.size(); ++r) {
        const auto want = expected[t][r].as<float>(), got = results[r].as<float>();
        for (std::size_t i = 0; i < want.size(); ++i) {
          const double error = static_cast<double>(got[i]) - want[i];
          power[r] += static_cast<double>(want[i]) * want[i];
          noise[r] += error * error;
        }
      }
    }
    double cost = 0;
    for (std::size_t r = 0; r < power.size(); ++r)
      if (power[r] > 0) cost = std::max(cost, noise[r] / power[r]);
    return cost;
  }

  const Graph network_;  ///< without host layers: its outputs are the results
  const std::vector<uint32_t>& groups_;
  const Uses uses_;
  Isa isa_;
  Evaluator evaluator_;
  std::vector<const TensorType*> codes_;  ///< by value that a layer makes: its type in the quantized graph
  std::vector<bool> open_;                ///< by group: may be widened
};

}  // namespace

Result<std::vector<uint32_t>> blurred_groups(const Graph& real, const Graph& quantized,
                                             const std::vector<uint32_t>& groups, const QuantRules& rules,
                                             const FrameSource& frames, const QuantizeOptions& options) {
  return Search(real, quantized, groups, rules, options).run(frames);
}

std::vector<uint32_t> refused_groups(const Graph& real, const Graph& quantized, const std::vector<uint32_t>& groups,
                                     const std::vector<uint32_t>& wide) {
  std::set<uint32_t> refused;
  for (std::size_t i = 0; i < real.layers.size(); ++i) {
    std::set<uint32_t> around;
    std::vector<ValueId> values = real.layers[i].in;
    values.push_back(real.layers[i].out[0]);
    for (ValueId id : values)
      if (const uint32_t group = groups[static_cast<uint32_t>(id)]; std::count(wide.begin(), wide.end(), group) > 0)
        around.insert(group);
    if (around.empty() || is_host(real.layers[i].op)) continue;
    if (!lower_layer(quantized, quantized.layers[i]).ok()) refused.insert(around.begin(), around.end());
  }
  return {refused.begin(), refused.end()};
}

}  // namespace graupel
