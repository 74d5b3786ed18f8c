// Rules around products of two activations: constants move to where they cost nothing.
#include <algorithm>
#include <cmath>

#include "passes/rules.h"

namespace graupel {
namespace {

/// s of an Affine that is x * s with one s above 0.
std::optional<float> scale_of(const Rewriter& rw, const Layer* layer) {
  if (layer == nullptr) return {};
  const auto scale = rw.floats(layer->in[1]), shift = rw.floats(layer->in[2]);
  const auto same = [](std::span<const float> values) {
    return std::all_of(values.begin(), values.end(), [&](float value) { return value == values[0]; });
  };
  if (!same(scale) || !same(shift) || shift[0] != 0 || !(scale[0] > 0) || !std::isfinite(scale[0])) return {};
  return scale[0];
}

/// The same product with a larger scale, or nothing when that is no usable number.
std::optional<MatMul> scaled(const MatMul& op, float scale) {
  MatMul result = op;
  result.scale *= scale;
  if (!(result.scale > 0) || !std::isfinite(result.scale)) return {};
  return result;
}

/// y = x * scale + shift for every index of x's last extent; each has one entry or as many as that extent.
struct PerChannel {
  std::vector<float> scale, shift;
};

/// `constant`, which broadcasts to `shape`, as one value per index of the last `trailing` extents of `shape`; nothing
/// when it varies over those before.
std::optional<std::vector<float>> per_channel(const Rewriter& rw, ValueId constant, const Shape& shape,
                                              std::size_t trailing) {
  const Shape& own = rw.value(constant).type.shape;
  const auto values = rw.floats(constant);
  if (values.size() == 1) return std::vector<float>{values[0]};
  if (own.size() > shape.size()) return {};
  std::vector<int64_t> stride(shape.size(), 0);
  int64_t elements = 1;
  for (std::size_t i = own.size(); i-- > 0; elements *= own[i]) {
    const std::size_t at = shape.size() - own.size() + i;
    if (own[i] == 1) continue;
    if (at + trailing < shape.size()) return {};
    stride[at] = elements;
  }
  int64_t channels = 1;
  for (std::size_t i = shape.size() - trailing; i < shape.size(); ++i) channels *= shape[i];
  std::vector<float> result;
  for (int64_t c = 0; c < channels; ++c) {
    int64_t rest = c, offset = 0;
    for (std::size_t i = shape.size(); i-- > shape.size() - trailing; rest /= shape[i])
      offset += rest % shape[i] * stride[i];
    result.push_back(values[static_cast<std::size_t>(offset)]);
  }
  return result;
}

/// What `layer` does with its operand `x`, if that is an Affine or Add, Sub, Mul of a constant.
std::optional<PerChannel> constants_of(const Rewriter& rw, const Layer& layer, std::size_t x, std::size_t trailing) {
  const Shape& shape = rw.value(layer.in[x]).type.shape;
  if (std::holds_alternative<Affine>(layer.op)) {
    const auto scale = per_channel(rw, layer.in[1], shape, trailing),
               shift = per_channel(rw, layer.in[2], shape, trailing);
    if (!scale || !shift) return {};
    return PerChannel{*scale, *shift};
  }
  const Binary& op = std::get<Binary>(layer.op);
  if (rw.value(layer.out[0]).type.shape != shape || op.clamp != Clamp{}) return {};
  auto constant = per_channel(rw, layer.in[1 - x], shape, trailing);
  if (!constant) return {};
  if (op.kind == Binary::Kind::kMul) return PerChannel{*constant, {0}};
  if (op.kind == Binary::Kind::kAdd) return PerChannel{{1}, *constant};
  if (op.kind != Binary::Kind::kSub || x != 0) return {};
  for (float& value : *constant) value = -value;
  return PerChannel{{1}, *constant};
}

/// How many last extents of `shape` are together `extent` elements; nothing when none are.
std::optional<std::size_t> trailing_extents(const Shape& shape, int64_t extent) {
  int64_t product = 1;
  for (std::size_t count = 1; count <= shape.size(); ++count) {
    product *= shape[shape.size() - count];
    if (product == extent) return count;
    if (product > extent) break;
  }
  return {};
}

ValueId add_vector(Rewriter& rw, const std::string& name, const std::vector<float>& values) {
  return rw.add_constant(name, Tensor::of<float>({static_cast<int64_t>(values.size())}, values));
}

}  // namespace

Result<bool> fold_scale_after_product(Rewriter& rw, LayerId id) {
  const Layer& affine = rw.graph()[id];
  if (!std::holds_alternative<Affine>(affine.op) || !rw.uses().read_once(affine.in[0])) return false;
  const Layer* product = rw.producer_as<MatMul>(affine.in[0]);
  const std::optional<float> scale = product == nullptr ? std::nullopt : scale_of(rw, &affine);
  const std::optional<MatMul> op = scale ? scaled(std::get<MatMul>(product->op), *scale) : std::nullopt;
  if (!op) return false;
  const std::vector<ValueId> in = product->in;
  const LayerId absorbed = *rw.uses().producer[static_cast<uint32_t>(affine.in[0])];
  rw.swap_names(id, absorbed);
  GRAUPEL_DO(rw.replace(id, *op, in, std::span(&absorbed, 1)));
  return true;
}

Result<bool> fold_scale_before_product(Rewriter& rw, LayerId id) {
  const MatMul* product = std::get_if<MatMul>(&rw.graph()[id].op);
  if (product == nullptr) return false;
  for (std::size_t i = 0; i < 2; ++i) {
    std::vector<ValueId> in = rw.graph()[id].in;
    const Layer* affine = rw.producer_as<Affine>(in[i]);
    const std::optional<float> scale = scale_of(rw, affine);
    if (!scale || !rw.uses().read_once(in[i])) continue;
    const std::optional<MatMul> op = scaled(*product, *scale);
    if (!op) continue;
    const LayerId absorbed = *rw.uses().producer[static_cast<uint32_t>(in[i])];
    in[i] = affine->in[0];
    GRAUPEL_DO(rw.replace(id, *op, in, std::span(&absorbed, 1)));
    return true;
  }
  return false;
}

// The heads of an attention are given their biases after a reshape: before it they are a bias of the matrix product.
Result<bool> lift_over_reshape(Rewriter& rw, LayerId id) {
  const Layer layer = rw.graph()[id];
  if (!std::holds_alternative<Affine>(layer.op) && !std::holds_alternative<Binary>(layer.op)) return false;
  const bool second = std::holds_alternative<Binary>(layer.op) && !rw.floats(layer.in[0]).empty();
  if (std::holds_alternative<Binary>(layer.op) && !second && rw.floats(layer.in[1]).empty()) return false;
  const std::size_t x = second ? 1 : 0;
  const Layer* reshape = rw.producer_as<Reshape>(layer.in[x]);
  if (reshape == nullptr || !rw.uses().read_once(layer.in[x])) return false;
  const Shape from = rw.value(reshape->in[0]).type.shape, to = rw.value(layer.in[x]).type.shape;
  if (from.empty()) return false;
  const std::optional<std::size_t> trailing = trailing_extents(to, from.back());
  if (!trailing) return false;
  const std::optional<PerChannel> constants = constants_of(rw, layer, x, *trailing);
  if (!constants) return false;
  const ValueId source = reshape->in[0];
  const LayerId absorbed = *rw.uses().producer[static_cast<uint32_t>(layer.in[x])];
  const ValueId scale = add_vector(rw, layer.name + "/scale", constants->scale);
  const ValueId shift = add_vector(rw, layer.name + "/shift", constants->shift);
  GRAUPEL_TRY(const ValueId moved,
              rw.insert(id, layer.name + "_moved", Affine{}, {source, scale, shift}, layer.origins));
  // The arithmetic keeps its name and the reshape, which now stands behind it, keeps its own.
  const LayerId behind{static_cast<uint32_t>(id) + 1};
  rw.swap_names(id, behind);
  rw.swap_names(behind, absorbed);
  GRAUPEL_DO(rw.replace(behind, Reshape{to}, {moved}, std::span(&absorbed, 1)));
  return true;
}

}  // namespace graupel
