#include "passes/equalize.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "ir/rewriter.h"
#include "passes/readers.h"

namespace graupel {
namespace {

// A chain settles in a few rounds.
constexpr int kRounds = 3;
// Standardized values reach about this far.
constexpr double kDeviations = 4;
// Beyond this a channel is all but dead, and its power of two would say more about noise than about range.
constexpr int kLargestExponent = 8;

/// What commutes with scaling by a positive factor: no clamp, or one at zero.
bool scales(const Clamp& clamp) {
  const float inf = std::numeric_limits<float>::infinity();
  return (clamp.lo == 0 || clamp.lo == -inf) && clamp.hi == inf;
}

/// The groups of a linear layer; 0 when it is none.
int64_t groups_of(const Op& op) {
  if (const Conv* conv = std::get_if<Conv>(&op)) return conv->groups;
  if (const ConvTranspose* conv = std::get_if<ConvTranspose>(&op)) return conv->groups;
  return std::holds_alternative<Dense>(op) ? 1 : 0;
}

/// What makes channels whose scales its constants in[1] and in[2] hold.
bool is_first(const Op& op) {
  if (const Conv* conv = std::get_if<Conv>(&op)) return scales(conv->clamp) && !conv->residual;
  if (const ConvTranspose* conv = std::get_if<ConvTranspose>(&op)) return scales(conv->clamp);
  if (const Dense* dense = std::get_if<Dense>(&op)) return scales(dense->clamp);
  return std::holds_alternative<Normalize>(op);
}

/// Which input channel weight `i` of a layer reads: weights are [.., inputs per group, outputs].
struct InputChannel {
  InputChannel(const Shape& weights, int64_t groups)
      : outputs(weights.back()), inputs(weights[weights.size() - 2]), outputs_per_group(outputs / groups) {}
  std::size_t operator()(int64_t i) const {
    return static_cast<std::size_t>(i % outputs / outputs_per_group * inputs + i / outputs % inputs);
  }
  int64_t outputs, inputs, outputs_per_group;
};

/// How far each channel of the first layer reaches: of a linear one its largest weight.
std::vector<double> ranges_of_first(const Op& op, const Tensor& scale, const Tensor& shift, std::size_t channels) {
  std::vector<double> ranges(channels, 0.0);
  const auto scales = scale.as<float>(), shifts = shift.as<float>();
  const auto magnitude = [](float value) { return std::abs(static_cast<double>(value)); };
  if (std::holds_alternative<Normalize>(op))
    for (std::size_t c = 0; c < channels; ++c)
      ranges[c] = magnitude(scales[c % scales.size()]) * kDeviations + magnitude(shifts[c % shifts.size()]);
  else
    for (std::size_t i = 0; i < scales.size(); ++i)
      ranges[i % channels] = std::max(ranges[i % channels], magnitude(scales[i]));
  return ranges;
}

/// The exponents of the factors; empty when none is worth it.
std::vector<int> exponents(std::span<const double> before, std::span<const double> behind) {
  std::vector<int> chosen(before.size(), 0);
  bool any = false;
  for (std::size_t c = 0; c < before.size(); ++c) {
    if (before[c] == 0 || behind[c] == 0) continue;
    int numerator = 0, denominator = 0;
    const double ratio = std::frexp(before[c], &numerator) / std::frexp(behind[c], &denominator);
    // sqrt(ratio * 2^(n - d)) lies nearest to 2^e where ratio * 2^(n - d) lies in [2^(2e - 1), 2^(2e + 1)).
    int power = numerator - denominator + (ratio >= 1 ? 0 : -1);
    power = power >= 0 ? (power + 1) / 2 : -((-power) / 2);
    chosen[c] = std::clamp(power, -kLargestExponent, kLargestExponent);
    any = any || chosen[c] != 0;
  }
  return any ? chosen : std::vector<int>();
}

/// A copy whose entry i is scaled by 2^exponent_of(i).
template <class ExponentOf>
Tensor scaled(const Tensor& tensor, ExponentOf exponent_of) {
  auto [result, data] = Tensor::make<float>(tensor.type.shape);
  const auto source = tensor.as<float>();
  for (std::size_t i = 0; i < source.size(); ++i) data[i] = std::ldexp(source[i], exponent_of(i));
  return result;
}

/// One value for all channels of a norm, for each of them.
Tensor repeated(const Tensor& tensor, std::size_t channels) {
  if (tensor.type.shape != Shape{1}) return tensor;
  return Tensor::of<float>({static_cast<int64_t>(channels)}, std::vector<float>(channels, tensor.as<float>()[0]));
}

/// Divides the channels that layer `id` makes by powers of two, which the weights of those who read them take back.
Result<bool> equalize_channels(Graph& graph, LayerId id, const std::function<bool(const std::string&)>& chosen) {
  Rewriter rw(graph);
  const Layer first = graph[id];
  if (!is_first(first.op) || !chosen(first.name)) return false;
  const auto is_linear = [](const Op& op) { return groups_of(op) > 0; };
  if (!read_only_by(graph, rw.uses(), first.out[0], is_linear)) return false;
  const std::vector<LayerId> readers = rw.uses().readers[static_cast<uint32_t>(first.out[0])];
  const Tensor scale = *rw.value(first.in[1]).constant, shift = *rw.value(first.in[2]).constant;
  const auto channels = static_cast<std::size_t>(rw.value(first.out[0]).type.shape.back());
  std::vector<double> behind(channels, 0.0);
  const auto channel_of = [&](LayerId reader) {
    return InputChannel(rw.value(graph[reader].in[1]).type.shape, groups_of(graph[reader].op));
  };
  for (const LayerId reader : readers) {
    const auto weights = rw.floats(graph[reader].in[1]);
    const InputChannel channel = channel_of(reader);
    for (std::size_t i = 0; i < weights.size(); ++i) {
      double& range = behind[channel(static_cast<int64_t>(i))];
      range = std::max(range, std::abs(static_cast<double>(weights[i])));
    }
  }
  const std::vector<int> exponent = exponents(ranges_of_first(first.op, scale, shift, channels), behind);
  if (exponent.empty()) return false;
  const auto shrink = [&](std::size_t i) { return -exponent[i % channels]; };
  std::vector<ValueId> in = first.in;
  for (const std::size_t operand : {1u, 2u}) {
    const Value& constant = rw.value(first.in[operand]);
    in[operand] = rw.add_constant(constant.name, scaled(repeated(*constant.constant, channels), shrink));
  }
  GRAUPEL_DO(rw.replace(id, first.op, in));
  for (const LayerId reader : readers) {
    const Layer layer = graph[reader];
    const InputChannel channel = channel_of(reader);
    in = layer.in;
    in[1] = rw.add_constant(rw.value(in[1]).name, scaled(*rw.value(in[1]).constant, [&](std::size_t i) {
                              return exponent[channel(static_cast<int64_t>(i))];
                            }));
    GRAUPEL_DO(rw.replace(reader, layer.op, in));
  }
  return true;
}

}  // namespace

Result<int> equalize(Graph& graph, const std::function<bool(const std::string& layer)>& chosen) {
  int changes = 0;
  for (int round = 0; round < kRounds; ++round) {
    int changed = 0;
    for (uint32_t i = 0; i < graph.layers.size(); ++i) {
      GRAUPEL_TRY(const bool one,
                  equalize_channels(graph, LayerId{i}, chosen).within("layer '", graph.layers[i].name, "'"));
      changed += one ? 1 : 0;
    }
    if (changed == 0) break;
    changes = std::max(changes, changed);
  }
  remove_dead(graph);
  GRAUPEL_DO(verify(graph));
  return changes;
}

}  // namespace graupel
