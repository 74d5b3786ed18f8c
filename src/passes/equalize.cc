#include "passes/equalize.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "ir/rewriter.h"

namespace graupel {
namespace {

// A chain settles in a few rounds.
constexpr int kRounds = 3;
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

bool is_first(const Op& op) {
  if (const Conv* conv = std::get_if<Conv>(&op)) return scales(conv->clamp) && !conv->residual;
  if (const ConvTranspose* conv = std::get_if<ConvTranspose>(&op)) return scales(conv->clamp);
  if (const Dense* dense = std::get_if<Dense>(&op)) return scales(dense->clamp);
  return false;
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

/// The exponents of the factors; empty when none is worth it.
std::vector<int> exponents(std::span<const float> first, std::span<const float> second, std::size_t channels,
                           const InputChannel& channel_of) {
  std::vector<double> before(channels, 0.0), behind(channels, 0.0);
  for (std::size_t i = 0; i < first.size(); ++i)
    before[i % channels] = std::max(before[i % channels], std::abs(static_cast<double>(first[i])));
  for (std::size_t i = 0; i < second.size(); ++i) {
    double& range = behind[channel_of(static_cast<int64_t>(i))];
    range = std::max(range, std::abs(static_cast<double>(second[i])));
  }
  std::vector<int> chosen(channels, 0);
  bool any = false;
  for (std::size_t c = 0; c < channels; ++c) {
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

Result<bool> equalize_pair(Graph& graph, LayerId id, const std::function<bool(const std::string&)>& chosen) {
  Rewriter rw(graph);
  const Layer first = graph[id];
  const ValueId between = first.out[0];
  if (!is_first(first.op) || !rw.uses().read_once(between) || !chosen(first.name)) return false;
  const LayerId reader = rw.uses().readers[static_cast<uint32_t>(between)][0];
  const Layer second = graph[reader];
  if (groups_of(second.op) == 0 || second.in[0] != between) return false;
  const Tensor w1 = *rw.value(first.in[1]).constant, b1 = *rw.value(first.in[2]).constant;
  const Tensor w2 = *rw.value(second.in[1]).constant;
  const std::size_t channels = b1.as<float>().size();
  const InputChannel channel_of(w2.type.shape, groups_of(second.op));
  const std::vector<int> exponent = exponents(w1.as<float>(), w2.as<float>(), channels, channel_of);
  if (exponent.empty()) return false;
  const auto shrink = [&](std::size_t i) { return -exponent[i % channels]; };
  const ValueId w1_id = rw.add_constant(rw.value(first.in[1]).name, scaled(w1, shrink));
  const ValueId b1_id = rw.add_constant(rw.value(first.in[2]).name, scaled(b1, shrink));
  const ValueId w2_id =
      rw.add_constant(rw.value(second.in[1]).name,
                      scaled(w2, [&](std::size_t i) { return exponent[channel_of(static_cast<int64_t>(i))]; }));
  GRAUPEL_DO(rw.replace(id, first.op, {first.in[0], w1_id, b1_id}));
  std::vector<ValueId> in = second.in;
  in[1] = w2_id;
  GRAUPEL_DO(rw.replace(reader, second.op, in));
  return true;
}

}  // namespace

Result<int> equalize(Graph& graph, const std::function<bool(const std::string& layer)>& chosen) {
  int pairs = 0;
  for (int round = 0; round < kRounds; ++round) {
    int changed = 0;
    for (uint32_t i = 0; i < graph.layers.size(); ++i) {
      GRAUPEL_TRY(const bool one,
                  equalize_pair(graph, LayerId{i}, chosen).within("layer '", graph.layers[i].name, "'"));
      changed += one ? 1 : 0;
    }
    if (changed == 0) break;
    pairs = std::max(pairs, changed);
  }
  remove_dead(graph);
  GRAUPEL_DO(verify(graph));
  return pairs;
}

}  // namespace graupel
