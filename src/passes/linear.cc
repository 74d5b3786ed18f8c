// Rules that fold constant scales, shifts and padding into the linear operators next to them.
#include <algorithm>

#include "passes/readers.h"
#include "passes/rules.h"

namespace graupel {
namespace {

// How a linear op's weights relate to its channels: [.., inputs per group, outputs], input innermost but one.
struct Linear {
  int64_t groups = 1;
  bool unpadded = true;
  bool clamped = false;
  bool residual = false;
};

bool has_clamp(const Clamp& clamp) { return clamp != Clamp{}; }

bool unpadded(const Window2d& window, int32_t bottom, int32_t right) {
  return window.pad_top == 0 && window.pad_left == 0 && bottom == 0 && right == 0;
}

std::optional<Linear> linear_of(const Op& op) {
  if (const Conv* conv = std::get_if<Conv>(&op))
    return Linear{conv->groups, unpadded(conv->window, conv->pad_bottom, conv->pad_right), has_clamp(conv->clamp),
                  conv->residual};
  if (const ConvTranspose* conv = std::get_if<ConvTranspose>(&op))
    return Linear{conv->groups, false, has_clamp(conv->clamp), false};
  if (const Dense* dense = std::get_if<Dense>(&op)) return Linear{1, true, has_clamp(dense->clamp), false};
  return std::nullopt;
}

float entry(std::span<const float> values, int64_t channel) {
  return values.size() == 1 ? values[0] : values[static_cast<std::size_t>(channel)];
}

// One entry when both had one, else one per channel.
std::size_t joint_size(std::span<const float> a, std::span<const float> b, std::span<const float> c,
                       std::span<const float> d) {
  return std::max(std::max(a.size(), b.size()), std::max(c.size(), d.size()));
}

// The scale and shift that two layers with both as operands 1 and 2 apply one after the other.
struct ScaleShift {
  Tensor scale, shift;
};
ScaleShift composed(const Rewriter& rw, const Layer& inner, const Layer& outer) {
  const auto s1 = rw.floats(inner.in[1]), t1 = rw.floats(inner.in[2]);
  const auto s2 = rw.floats(outer.in[1]), t2 = rw.floats(outer.in[2]);
  const std::size_t n = joint_size(s1, t1, s2, t2);
  std::vector<float> scale(n), shift(n);
  for (std::size_t c = 0; c < n; ++c) {
    const auto channel = static_cast<int64_t>(c);
    const double s = entry(s2, channel);
    scale[c] = static_cast<float>(s * entry(s1, channel));
    shift[c] = static_cast<float>(s * entry(t1, channel) + entry(t2, channel));
  }
  const Shape shape{static_cast<int64_t>(n)};
  return {Tensor::of<float>(shape, scale), Tensor::of<float>(shape, shift)};
}

}  // namespace

Result<bool> merge_affines(Rewriter& rw, LayerId id) {
  const Layer& outer = rw.graph()[id];
  if (!std::holds_alternative<Affine>(outer.op)) return false;
  const Layer* inner = rw.producer_as<Affine>(outer.in[0]);
  if (inner == nullptr || !rw.uses().read_once(outer.in[0])) return false;
  const ScaleShift constants = composed(rw, *inner, outer);
  const ValueId x = inner->in[0];
  const LayerId absorbed = *rw.uses().producer[static_cast<uint32_t>(outer.in[0])];
  const std::string name = outer.name;
  const ValueId a = rw.add_constant(name + "/scale", constants.scale);
  const ValueId b = rw.add_constant(name + "/shift", constants.shift);
  GRAUPEL_DO(rw.replace(id, Affine{}, {x, a, b}, std::span(&absorbed, 1)));
  return true;
}

// The scale and shift of a norm take in those behind it.
Result<bool> fold_affine_after_norm(Rewriter& rw, LayerId id) {
  const Layer& affine = rw.graph()[id];
  if (!std::holds_alternative<Affine>(affine.op) || !rw.uses().read_once(affine.in[0])) return false;
  const Layer* norm = rw.producer_as<Normalize>(affine.in[0]);
  if (norm == nullptr) return false;
  const Normalize op = std::get<Normalize>(norm->op);
  const ScaleShift constants = composed(rw, *norm, affine);
  const ValueId x = norm->in[0];
  const LayerId absorbed = *rw.uses().producer[static_cast<uint32_t>(affine.in[0])];
  const std::string name = norm->name;
  rw.swap_names(id, absorbed);
  const ValueId scale = rw.add_constant(name + "/scale", constants.scale);
  const ValueId shift = rw.add_constant(name + "/shift", constants.shift);
  GRAUPEL_DO(rw.replace(id, op, {x, scale, shift}, std::span(&absorbed, 1)));
  return true;
}

// scale * (conv(x) + bias) + shift is a convolution with other weights and another bias. Folding before quantization
// quantizes the weights that will really run.
Result<bool> fold_affine_after_linear(Rewriter& rw, LayerId id) {
  const Layer& affine = rw.graph()[id];
  if (!std::holds_alternative<Affine>(affine.op) || !rw.uses().read_once(affine.in[0])) return false;
  const auto producer = rw.uses().producer[static_cast<uint32_t>(affine.in[0])];
  if (!producer) return false;
  const Layer& layer = rw.graph()[*producer];
  const auto linear = linear_of(layer.op);
  if (!linear || linear->clamped || linear->residual) return false;
  const auto scale = rw.floats(affine.in[1]), shift = rw.floats(affine.in[2]);
  const auto old_bias = rw.floats(layer.in[2]);
  const Tensor& old = *rw.value(layer.in[1]).constant;
  const auto source = old.as<float>();
  const auto outputs = static_cast<int64_t>(old_bias.size());

  auto [weights, w] = Tensor::make<float>(old.type.shape);
  for (int64_t i = 0; i < static_cast<int64_t>(source.size()); ++i)
    w[i] = source[static_cast<std::size_t>(i)] * entry(scale, i % outputs);
  auto [bias, b] = Tensor::make<float>({outputs});
  for (int64_t c = 0; c < outputs; ++c)
    b[c] = static_cast<float>(static_cast<double>(entry(scale, c)) * old_bias[static_cast<std::size_t>(c)] +
                              entry(shift, c));

  const Op op = layer.op;
  const ValueId x = layer.in[0];
  const std::string name = layer.name;
  const ValueId w_id = rw.add_constant(name + "/kernel", weights), b_id = rw.add_constant(name + "/bias", bias);
  rw.swap_names(id, *producer);
  const LayerId absorbed = *producer;
  GRAUPEL_DO(rw.replace(id, op, {x, w_id, b_id}, std::span(&absorbed, 1)));
  return true;
}

// conv(s * x + t): exact when the padding, which is 0 after the affine, is 0 before it too, so t = 0 or nothing is
// padded. An affine that several linear layers read goes into all of them or none.
Result<bool> fold_affine_before_linear(Rewriter& rw, LayerId id) {
  const Layer& layer = rw.graph()[id];
  const auto linear = linear_of(layer.op);
  if (!linear) return false;
  const Layer* affine = rw.producer_as<Affine>(layer.in[0]);
  if (affine == nullptr) return false;
  const auto scale = rw.floats(affine->in[1]), shift = rw.floats(affine->in[2]);
  const bool shifted = std::any_of(shift.begin(), shift.end(), [](float t) { return t != 0.0f; });
  const auto takes = [&](const Op& op) {
    const auto reader = linear_of(op);
    return reader && (reader->unpadded || !shifted);
  };
  if (!read_only_by(rw.graph(), rw.uses(), layer.in[0], takes)) return false;
  const Tensor& old = *rw.value(layer.in[1]).constant;
  const auto source = old.as<float>();
  const auto old_bias = rw.floats(layer.in[2]);
  const int64_t outputs = old.type.shape.back();
  const int64_t inputs = old.type.shape[old.type.shape.size() - 2];
  const int64_t outputs_per_group = outputs / linear->groups;

  auto [weights, w] = Tensor::make<float>(old.type.shape);
  std::vector<double> sums(old_bias.begin(), old_bias.end());
  for (int64_t i = 0; i < static_cast<int64_t>(source.size()); ++i) {
    const int64_t o = i % outputs;
    const int64_t channel = o / outputs_per_group * inputs + i / outputs % inputs;
    w[i] = source[static_cast<std::size_t>(i)] * entry(scale, channel);
    sums[static_cast<std::size_t>(o)] +=
        static_cast<double>(source[static_cast<std::size_t>(i)]) * entry(shift, channel);
  }
  const std::vector<float> bias(sums.begin(), sums.end());
  std::vector<ValueId> in = layer.in;
  const Op op = layer.op;
  const std::string name = layer.name;
  const LayerId absorbed = *rw.uses().producer[static_cast<uint32_t>(layer.in[0])];
  in[0] = affine->in[0];
  in[1] = rw.add_constant(name + "/kernel", weights);
  in[2] = rw.add_constant(name + "/bias", Tensor::of<float>({outputs}, bias));
  GRAUPEL_DO(rw.replace(id, op, in, std::span(&absorbed, 1)));
  return true;
}

Result<bool> merge_pad(Rewriter& rw, LayerId id) {
  const Conv* conv = std::get_if<Conv>(&rw.graph()[id].op);
  if (conv == nullptr) return false;
  const Layer& layer = rw.graph()[id];
  const Layer* producer = rw.producer_as<Pad>(layer.in[0]);
  if (producer == nullptr) return false;
  const Pad& pad = std::get<Pad>(producer->op);
  if (pad.value != 0.0f || pad.before.size() != 4) return false;
  if (pad.before[0] != 0 || pad.after[0] != 0 || pad.before[3] != 0 || pad.after[3] != 0) return false;
  if (pad.before[1] < 0 || pad.before[2] < 0 || pad.after[1] < 0 || pad.after[2] < 0) return false;
  Conv merged = *conv;
  merged.window.pad_top += pad.before[1];
  merged.window.pad_left += pad.before[2];
  merged.pad_bottom += pad.after[1];
  merged.pad_right += pad.after[2];
  std::vector<ValueId> in = layer.in;
  in[0] = producer->in[0];
  const LayerId absorbed = *rw.uses().producer[static_cast<uint32_t>(layer.in[0])];
  GRAUPEL_DO(rw.replace(id, merged, in, std::span(&absorbed, 1)));
  return true;
}

Result<bool> global_pool_to_mean(Rewriter& rw, LayerId id) {
  const AvgPool* pool = std::get_if<AvgPool>(&rw.graph()[id].op);
  if (pool == nullptr || !unpadded(pool->window, pool->pad_bottom, pool->pad_right)) return false;
  const Shape& shape = rw.value(rw.graph()[id].in[0]).type.shape;
  if (pool->window.kernel_h != shape[1] || pool->window.kernel_w != shape[2]) return false;
  GRAUPEL_DO(rw.replace(id, Reduce{Reduce::Kind::kMean, 1, 2, true}, {rw.graph()[id].in[0]}));
  return true;
}

namespace {

/// Whether all that reads `value` takes some of its last extent's indices, in order.
bool only_sliced(const Rewriter& rw, ValueId value) {
  const auto last = static_cast<int32_t>(rw.value(value).type.shape.size()) - 1;
  return read_only_by(rw.graph(), rw.uses(), value, [&](const Op& op) {
    const Slice* slice = std::get_if<Slice>(&op);
    return slice != nullptr && slice->axis == last && slice->step == 1;
  });
}

/// Entries `slice` of the last extent of a constant.
Tensor sliced(const Tensor& constant, const Slice& slice) {
  Shape shape = constant.type.shape;
  const int64_t old = shape.back(), rows = element_count(shape) / old;
  shape.back() = slice.count;
  auto [result, data] = Tensor::make<float>(std::move(shape));
  const auto source = constant.as<float>();
  for (int64_t row = 0; row < rows; ++row)
    std::copy_n(source.begin() + row * old + slice.begin, slice.count, data + row * slice.count);
  return result;
}

}  // namespace

// What one matrix product computes for several readers has one scale; each part computed alone has its own.
Result<bool> split_linear(Rewriter& rw, LayerId id) {
  const Layer layer = rw.graph()[id];
  const Slice* slice = std::get_if<Slice>(&layer.op);
  const auto producer = slice != nullptr ? rw.uses().producer[static_cast<uint32_t>(layer.in[0])] : std::nullopt;
  if (!producer || !only_sliced(rw, layer.in[0])) return false;
  const Layer linear = rw.graph()[*producer];
  const auto described = linear_of(linear.op);
  if (!described || described->groups != 1 || described->residual) return false;
  const Tensor weights = sliced(*rw.value(linear.in[1]).constant, *slice);
  const Tensor bias = sliced(*rw.value(linear.in[2]).constant, *slice);
  const ValueId w = rw.add_constant(layer.name + "/kernel", weights), b = rw.add_constant(layer.name + "/bias", bias);
  if (slice->begin == 0) rw.swap_names(id, *producer);
  GRAUPEL_DO(rw.replace(id, linear.op, {linear.in[0], w, b}, std::span(&*producer, 1)));
  return true;
}

}  // namespace graupel
