#include "quant/weights.h"

#include <algorithm>
#include <cmath>

#include "base/round.h"

namespace graupel {
namespace {

constexpr double kMaxCode = 127;
constexpr int kCandidates = 64;
// The bias may take half of the accumulator's range; the products get the other half (N2.3).
constexpr double kMaxBias = 1 << 30;

double squared_error(std::span<const float> channel, double scale) {
  double sum = 0;
  for (float w : channel) {
    const double q = std::clamp(round_even(w / scale), -kMaxCode, kMaxCode);
    const double error = w - q * scale;
    sum += error * error;
  }
  return sum;
}

float channel_scale(std::span<const float> channel, float bias, float input_scale, RangeMethod method) {
  double largest = 0;
  for (float w : channel) largest = std::max(largest, std::abs(static_cast<double>(w)));
  // An all-zero channel is exact at any scale; one near the bias keeps its code small.
  if (largest == 0) largest = std::max(1e-6, std::abs(bias) / static_cast<double>(input_scale) / 1000);
  double chosen = largest / kMaxCode;
  if (method == RangeMethod::kMse) {
    double best = squared_error(channel, chosen);
    for (int i = 1; i < kCandidates; ++i) {
      const double scale = largest / kMaxCode * (1.0 - 0.5 * i / kCandidates);
      const double error = squared_error(channel, scale);
      if (error < best) {
        best = error;
        chosen = scale;
      }
    }
  }
  const double widest_bias = std::abs(static_cast<double>(bias)) / (static_cast<double>(input_scale) * kMaxBias);
  return static_cast<float>(std::max(chosen, widest_bias));
}

}  // namespace

Result<QuantizedLinear> quantize_linear(const Tensor& weights, const Tensor& bias, float input_scale,
                                        RangeMethod method) {
  const auto w = weights.as<float>();
  const auto b = bias.as<float>();
  const std::size_t outputs = b.size(), inputs = w.size() / outputs;
  const int axis = static_cast<int>(weights.type.shape.size()) - 1;
  QuantParams weight_quant{std::vector<float>(outputs), std::vector<int32_t>(outputs, 0), axis};
  QuantParams bias_quant{std::vector<float>(outputs), std::vector<int32_t>(outputs, 0), 0};
  auto [weight_codes, codes] = Tensor::make<int8_t>(weights.type.shape);
  auto [bias_codes, bias_code] = Tensor::make<int32_t>({static_cast<int64_t>(outputs)});
  std::vector<float> channel(inputs);
  for (std::size_t o = 0; o < outputs; ++o) {
    for (std::size_t k = 0; k < inputs; ++k) channel[k] = w[k * outputs + o];
    const bool finite =
        std::isfinite(b[o]) && std::all_of(channel.begin(), channel.end(), [](float v) { return std::isfinite(v); });
    if (!finite)
      return invalid("output channel ", o, " has a weight or bias that is not a finite number; re-export the model");
    const float scale = channel_scale(channel, b[o], input_scale, method);
    for (std::size_t k = 0; k < inputs; ++k)
      codes[k * outputs + o] =
          static_cast<int8_t>(std::clamp(round_even(static_cast<double>(channel[k]) / scale), -kMaxCode, kMaxCode));
    const double bias_scale = static_cast<double>(input_scale) * scale;
    bias_code[o] = static_cast<int32_t>(std::clamp(round_even(b[o] / bias_scale), -kMaxBias, kMaxBias));
    weight_quant.scale[o] = scale;
    bias_quant.scale[o] = static_cast<float>(bias_scale);
  }
  weight_codes.type.quant = std::move(weight_quant);
  bias_codes.type.quant = std::move(bias_quant);
  return QuantizedLinear{std::move(weight_codes), std::move(bias_codes)};
}

}  // namespace graupel
