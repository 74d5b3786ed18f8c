#include "quant/weights.h"

#include <algorithm>
#include <cmath>

#include "base/round.h"

namespace graupel {
namespace {

constexpr int kCandidates = 64;

/// The largest code of weights of so many bits (N1.2, N8.2).
double most_weight(int bits) { return bits == 4 ? 7 : bits == 16 ? 32639 : 127; }

double squared_error(std::span<const float> channel, double scale, double most) {
  double sum = 0;
  for (float w : channel) {
    const double q = std::clamp(round_even(w / scale), -most, most);
    const double error = w - q * scale;
    sum += error * error;
  }
  return sum;
}

/// The value at `percent` of `sorted`, the nearest below.
double percentile(const std::vector<float>& sorted, double percent) {
  const auto at = static_cast<std::size_t>(percent / 100 * static_cast<double>(sorted.size() - 1));
  return sorted[at];
}

/// The magnitude that the largest code stands for before any search.
double reach_of(std::span<const float> channel, const Clipping& clipping) {
  const Interval& values = clipping.values;
  if (clipping.mode == Clipping::Mode::kManual) return std::max(std::abs(values.lo), std::abs(values.hi));
  if (clipping.mode == Clipping::Mode::kPercentile) {
    std::vector<float> sorted(channel.begin(), channel.end());
    std::sort(sorted.begin(), sorted.end());
    return std::max(std::abs(percentile(sorted, values.lo)), std::abs(percentile(sorted, values.hi)));
  }
  double largest = 0;
  for (float w : channel) largest = std::max(largest, std::abs(static_cast<double>(w)));
  return largest;
}

float channel_scale(std::span<const float> channel, float bias, float input_scale, double most_bias,
                    const LayerRule& rule) {
  const double most = most_weight(rule.weight_bits);
  double reach = reach_of(channel, rule.weights);
  // An all-zero channel is exact at any scale; one near the bias keeps its code small.
  if (reach == 0) reach = std::max(1e-6, std::abs(bias) / static_cast<double>(input_scale) / 1000);
  double chosen = reach / most;
  const Clipping::Mode mode = rule.weights.mode;
  if (mode == Clipping::Mode::kMse || (mode == Clipping::Mode::kDefault && rule.weight_bits < 16)) {
    double best = squared_error(channel, chosen, most);
    for (int i = 1; i < kCandidates; ++i) {
      const double scale = reach / most * (1.0 - 0.5 * i / kCandidates);
      const double error = squared_error(channel, scale, most);
      if (error < best) {
        best = error;
        chosen = scale;
      }
    }
  }
  const double widest_bias = std::abs(static_cast<double>(bias)) / (static_cast<double>(input_scale) * most_bias);
  return static_cast<float>(std::max(chosen, widest_bias));
}

template <class Weight, class Bias>
Result<QuantizedLinear> quantize_as(const Tensor& weights, const Tensor& bias, float input_scale,
                                    const LayerRule& rule) {
  // The bias may take half of the accumulator's range, the products the other half (N2.3); or a quarter of 2^52 (N8.3).
  constexpr double kMostBias = sizeof(Bias) == 4 ? 0x1p30 : 0x1p50;
  const double most = most_weight(rule.weight_bits);
  const auto w = weights.as<float>();
  const auto b = bias.as<float>();
  const std::size_t outputs = b.size(), inputs = w.size() / outputs;
  const int axis = static_cast<int>(weights.type.shape.size()) - 1;
  QuantParams weight_quant{std::vector<float>(outputs), std::vector<int32_t>(outputs, 0), axis};
  QuantParams bias_quant{std::vector<float>(outputs), std::vector<int32_t>(outputs, 0), 0};
  auto [weight_codes, codes] = Tensor::make<Weight>(weights.type.shape);
  auto [bias_codes, bias_code] = Tensor::make<Bias>({static_cast<int64_t>(outputs)});
  std::vector<float> channel(inputs);
  for (std::size_t o = 0; o < outputs; ++o) {
    for (std::size_t k = 0; k < inputs; ++k) channel[k] = w[k * outputs + o];
    const bool finite =
        std::isfinite(b[o]) && std::all_of(channel.begin(), channel.end(), [](float v) { return std::isfinite(v); });
    if (!finite)
      return invalid("output channel ", o, " has a weight or bias that is not a finite number; re-export the model");
    const float scale = channel_scale(channel, b[o], input_scale, kMostBias, rule);
    for (std::size_t k = 0; k < inputs; ++k)
      codes[k * outputs + o] =
          static_cast<Weight>(std::clamp(round_even(static_cast<double>(channel[k]) / scale), -most, most));
    const double bias_scale = static_cast<double>(input_scale) * scale;
    bias_code[o] = static_cast<Bias>(std::clamp(round_even(b[o] / bias_scale), -kMostBias, kMostBias));
    weight_quant.scale[o] = scale;
    bias_quant.scale[o] = static_cast<float>(bias_scale);
  }
  weight_codes.type.quant = std::move(weight_quant);
  bias_codes.type.quant = std::move(bias_quant);
  return QuantizedLinear{std::move(weight_codes), std::move(bias_codes)};
}

}  // namespace

Result<QuantizedLinear> quantize_linear(const Tensor& weights, const Tensor& bias, const TensorType& input,
                                        const LayerRule& rule) {
  const float input_scale = input.quant->scale[0];
  if (rule.weight_bits == 16) return quantize_as<int16_t, int64_t>(weights, bias, input_scale, rule);
  if (input.dtype == DType::kU16) return quantize_as<int8_t, int64_t>(weights, bias, input_scale, rule);
  return quantize_as<int8_t, int32_t>(weights, bias, input_scale, rule);
}

}  // namespace graupel
