// Rules that find an operator in the arithmetic that exporters write it as. By structure only: names mean nothing.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "passes/rules.h"
#include "passes/scalar_affine.h"

namespace graupel {
namespace {

// GELU: x / 2 * (1 + erf(x / sqrt 2)), and x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3))).

constexpr double kSqrtHalf = 0.70710678118654752, kSqrtTwoOverPi = 0.79788456080286536, kCubic = 0.044715;
constexpr double kClose = 2e-4;  ///< of constants: exporters write them in three digits or in 16 bits

bool close(double a, double b) { return std::fabs(a - b) <= kClose * std::max(std::fabs(a), std::fabs(b)); }

/// Coefficients of 1, x, x^2, x^3.
using Cubic = std::array<double, 4>;

std::optional<Cubic> product(const Cubic& a, const Cubic& b) {
  Cubic result{};
  for (std::size_t i = 0; i < a.size(); ++i)
    for (std::size_t k = 0; k < b.size(); ++k) {
      if (a[i] == 0 || b[k] == 0) continue;
      if (i + k >= result.size()) return {};
      result[i + k] += a[i] * b[k];
    }
  return result;
}

Cubic scaled_sum(const Cubic& a, double factor, const Cubic& b) {
  Cubic result = a;
  for (std::size_t i = 0; i < a.size(); ++i) result[i] += factor * b[i];
  return result;
}

/// `value` as a polynomial of x, if a few layers of scalar arithmetic make it one.
std::optional<Cubic> polynomial(const Rewriter& rw, ValueId value, ValueId x, int depth = 6) {
  if (value == x) return Cubic{0, 1, 0, 0};
  if (depth == 0) return {};
  if (const Layer* affine = rw.producer_as<Affine>(value)) {
    const auto by = scalar_affine(rw, *affine);
    const auto inner = by ? polynomial(rw, affine->in[0], x, depth - 1) : std::nullopt;
    if (!inner) return {};
    return scaled_sum(Cubic{by->second, 0, 0, 0}, by->first, *inner);
  }
  if (const Layer* unary = rw.producer_as<Unary>(value)) {
    const Unary& op = std::get<Unary>(unary->op);
    if (op.kind != UnaryKind::kPow || (op.alpha != 2 && op.alpha != 3)) return {};
    const auto inner = polynomial(rw, unary->in[0], x, depth - 1);
    const auto square = inner ? product(*inner, *inner) : std::nullopt;
    return op.alpha == 2 || !square ? square : product(*square, *inner);
  }
  if (const Layer* binary = rw.producer_as<Binary>(value)) {
    const Binary& op = std::get<Binary>(binary->op);
    const auto a = polynomial(rw, binary->in[0], x, depth - 1), b = polynomial(rw, binary->in[1], x, depth - 1);
    if (!a || !b || op.clamp != Clamp{}) return {};
    if (op.kind == Binary::Kind::kMul) return product(*a, *b);
    if (op.kind == Binary::Kind::kAdd) return scaled_sum(*a, 1, *b);
    if (op.kind == Binary::Kind::kSub) return scaled_sum(*a, -1, *b);
  }
  return {};
}

bool is_linear_in_x(const Cubic& p) { return p[0] == 0 && p[1] != 0 && p[2] == 0 && p[3] == 0; }

/// What x / 2 * (1 + f(argument)) is.
std::optional<UnaryKind> gelu_of(UnaryKind f, const Cubic& argument) {
  if (f == UnaryKind::kErf && is_linear_in_x(argument) && close(argument[1], kSqrtHalf)) return UnaryKind::kGelu;
  if (f == UnaryKind::kTanh && argument[0] == 0 && argument[2] == 0 && close(argument[1], kSqrtTwoOverPi) &&
      close(argument[3], kSqrtTwoOverPi * kCubic))
    return UnaryKind::kGeluTanh;
  return {};
}

struct Gelu {
  UnaryKind kind = UnaryKind::kGelu;
  ValueId x{};
  double factor = 1;  ///< of what was found
};

/// factor * gelu(x), if that is multiplicand * gate.
std::optional<Gelu> gelu_product(const Rewriter& rw, ValueId multiplicand, ValueId gate) {
  const Layer* sum = rw.producer_as<Affine>(gate);
  const auto by = sum != nullptr ? scalar_affine(rw, *sum) : std::nullopt;
  if (!by || by->first == 0 || by->first != by->second) return {};
  const Layer* function = rw.producer_as<Unary>(sum->in[0]);
  if (function == nullptr) return {};
  // x is where the way up from the argument first meets what the multiplicand is made of.
  ValueId x = function->in[0];
  for (int step = 0; step < 6; ++step) {
    const auto outer = polynomial(rw, multiplicand, x), argument = polynomial(rw, function->in[0], x);
    if (outer && argument && is_linear_in_x(*outer))
      if (const auto kind = gelu_of(std::get<Unary>(function->op).kind, *argument))
        return Gelu{*kind, x, 2 * by->first * (*outer)[1]};
    const auto producer = rw.uses().producer[static_cast<uint32_t>(x)];
    if (!producer || rw.graph()[*producer].in.empty()) return {};
    x = rw.graph()[*producer].in[0];
  }
  return {};
}

// Norms.

/// Which extents a mean or sum with kept extents goes over.
struct Extents {
  ValueId of{};
  int32_t first = 0, last = 0;
  bool operator==(const Extents&) const = default;
};

std::optional<Extents> reduced(const Rewriter& rw, ValueId value, Reduce::Kind kind) {
  const Layer* layer = rw.producer_as<Reduce>(value);
  if (layer == nullptr) return {};
  const Reduce& op = std::get<Reduce>(layer->op);
  if (!op.keep_dims || op.kind != kind) return {};
  return Extents{layer->in[0], op.first_axis, op.last_axis};
}

std::optional<Extents> mean_of(const Rewriter& rw, ValueId value) { return reduced(rw, value, Reduce::Kind::kMean); }

std::optional<ValueId> square_of(const Rewriter& rw, ValueId value) {
  if (const Layer* unary = rw.producer_as<Unary>(value)) {
    const Unary& op = std::get<Unary>(unary->op);
    return op.kind == UnaryKind::kPow && op.alpha == 2 ? std::optional(unary->in[0]) : std::nullopt;
  }
  const Layer* binary = rw.producer_as<Binary>(value);
  if (binary == nullptr || binary->in[0] != binary->in[1]) return {};
  const Binary& op = std::get<Binary>(binary->op);
  return op.kind == Binary::Kind::kMul && op.clamp == Clamp{} ? std::optional(binary->in[0]) : std::nullopt;
}

/// x, if `value` is x minus its mean.
std::optional<Extents> centred(const Rewriter& rw, ValueId value) {
  const Layer* layer = rw.producer_as<Binary>(value);
  if (layer == nullptr || std::get<Binary>(layer->op) != Binary{Binary::Kind::kSub, {}}) return {};
  const auto mean = mean_of(rw, layer->in[1]);
  return mean && mean->of == layer->in[0] ? mean : std::nullopt;
}

struct Root {
  ValueId of{};
  float epsilon = 0;
};

/// `value` as (of + epsilon) ^ exponent, for exponents of a half and minus a half.
std::optional<Root> power_of_sum(const Rewriter& rw, ValueId value, float exponent) {
  const Layer* layer = rw.producer_as<Unary>(value);
  if (layer == nullptr) return {};
  const Unary& op = std::get<Unary>(layer->op);
  if (exponent < 0 && op.kind == UnaryKind::kReciprocal) return power_of_sum(rw, layer->in[0], -exponent);
  const bool root = exponent > 0 && op.kind == UnaryKind::kSqrt;
  if (!root && !(op.kind == UnaryKind::kPow && op.alpha == exponent)) return {};
  const Layer* sum = rw.producer_as<Affine>(layer->in[0]);
  if (sum == nullptr) return Root{layer->in[0], 0};
  const auto by = scalar_affine(rw, *sum);
  if (!by || by->first != 1 || by->second < 0) return {};
  return Root{sum->in[0], static_cast<float>(by->second)};
}

/// The norm over `extents` of their tensor: over the last extents, or over those before the last for each channel.
std::optional<Normalize> norm_over(const Rewriter& rw, Normalize::Kind kind, const Extents& extents, float epsilon) {
  const Shape& shape = rw.value(extents.of).type.shape;
  const auto rank = static_cast<int32_t>(shape.size());
  if (extents.last == rank - 1) return Normalize{kind, extents.first, 1, epsilon};
  if (extents.last == rank - 2) return Normalize{kind, extents.first, static_cast<int32_t>(shape.back()), epsilon};
  return {};
}

struct Found {
  Normalize op;
  ValueId x{};
};

/// numerator times (of + epsilon) ^ -1/2, as a norm.
std::optional<Found> norm_of(const Rewriter& rw, ValueId numerator, const Root& root) {
  const auto mean = mean_of(rw, root.of);
  const auto squared = mean ? square_of(rw, mean->of) : std::nullopt;
  if (!squared) return {};
  const Extents around{numerator, mean->first, mean->last};
  std::optional<Normalize> op;
  ValueId x = numerator;
  if (const auto difference = centred(rw, numerator); difference && difference == centred(rw, *squared)) {
    if (difference->first != around.first || difference->last != around.last) return {};
    x = difference->of;
    op = norm_over(rw, Normalize::Kind::kStandard, *difference, root.epsilon);
  } else if (*squared == numerator) {
    op = norm_over(rw, Normalize::Kind::kRms, around, root.epsilon);
  }
  return op ? std::optional(Found{*op, x}) : std::nullopt;
}

/// numerator / value, as an L2 norm: value is the length of numerator, or its root of a sum of squares, perhaps held
/// above a small number.
std::optional<Found> length_norm(const Rewriter& rw, ValueId numerator, ValueId value) {
  float epsilon = std::numeric_limits<float>::min();
  if (const Layer* bound = rw.producer_as<Unary>(value)) {
    const Unary& op = std::get<Unary>(bound->op);
    if (op.kind == UnaryKind::kClip && op.alpha > 0 && op.beta == std::numeric_limits<float>::infinity()) {
      epsilon = op.alpha;
      value = bound->in[0];
    }
  }
  std::optional<Extents> extents = reduced(rw, value, Reduce::Kind::kL2);
  if (const auto root = extents ? std::nullopt : power_of_sum(rw, value, 0.5f); root && root->epsilon == 0) {
    extents = reduced(rw, root->of, Reduce::Kind::kSumSquare);
    if (const auto sum = reduced(rw, root->of, Reduce::Kind::kSum))
      if (const auto squared = square_of(rw, sum->of)) extents = Extents{*squared, sum->first, sum->last};
  }
  if (!extents || extents->of != numerator || epsilon > 1e-3f) return {};
  const auto op = norm_over(rw, Normalize::Kind::kL2, *extents, epsilon);
  return op ? std::optional(Found{*op, numerator}) : std::nullopt;
}

std::optional<Found> norm_at(const Rewriter& rw, const Layer& layer) {
  const Binary* binary = std::get_if<Binary>(&layer.op);
  if (binary == nullptr || binary->clamp != Clamp{}) return {};
  if (binary->kind == Binary::Kind::kDiv) {
    const auto root = power_of_sum(rw, layer.in[1], 0.5f);
    const auto found = root ? norm_of(rw, layer.in[0], *root) : std::nullopt;
    return found ? found : length_norm(rw, layer.in[0], layer.in[1]);
  }
  if (binary->kind != Binary::Kind::kMul) return {};
  for (const std::size_t side : {0u, 1u})
    if (const auto root = power_of_sum(rw, layer.in[side], -0.5f))
      if (const auto found = norm_of(rw, layer.in[1 - side], *root)) return found;
  return {};
}

ValueId one_value(Rewriter& rw, const std::string& name, float value) {
  return rw.add_constant(name, Tensor::of<float>({1}, {value}));
}

}  // namespace

std::optional<std::pair<double, double>> scalar_affine(const Rewriter& rw, const Layer& layer) {
  const auto scale = rw.floats(layer.in[1]), shift = rw.floats(layer.in[2]);
  if (scale.size() != 1 || shift.size() != 1) return {};
  return std::pair{double{scale[0]}, double{shift[0]}};
}

std::vector<LayerId> producers(const Rewriter& rw, std::span<const ValueId> values) {
  std::vector<LayerId> layers;
  for (const ValueId value : values)
    if (const auto producer = rw.uses().producer[static_cast<uint32_t>(value)]) layers.push_back(*producer);
  return layers;
}

std::optional<ScaledProduct> scaled_product(const Rewriter& rw, LayerId id) {
  const Layer* layer = &rw.graph()[id];
  ScaledProduct found;
  if (std::holds_alternative<Affine>(layer->op)) {
    const auto by = scalar_affine(rw, *layer);
    const ValueId inner = layer->in[0];
    if (!by || by->second != 0 || !rw.uses().read_once(inner)) return {};
    found.factor = by->first;
    found.absorbed = producers(rw, layer->in);
    layer = rw.producer_as<Binary>(inner);
  }
  const Binary* mul = layer != nullptr ? std::get_if<Binary>(&layer->op) : nullptr;
  if (mul == nullptr || *mul != Binary{Binary::Kind::kMul, {}}) return {};
  found.a = layer->in[0];
  found.b = layer->in[1];
  for (const LayerId producer : producers(rw, layer->in)) found.absorbed.push_back(producer);
  return found;
}

Result<bool> recognize_gelu(Rewriter& rw, LayerId id) {
  const auto product = scaled_product(rw, id);
  if (!product) return false;
  for (const auto& [multiplicand, gate] : {std::pair{product->a, product->b}, {product->b, product->a}}) {
    const auto found = gelu_product(rw, multiplicand, gate);
    if (!found || !close(product->factor * found->factor, 1)) continue;
    GRAUPEL_DO(rw.replace(id, Unary{found->kind, 0, 0}, {found->x}, product->absorbed));
    return true;
  }
  return false;
}

Result<bool> recognize_norm(Rewriter& rw, LayerId id) {
  const Layer& layer = rw.graph()[id];
  const auto found = norm_at(rw, layer);
  if (!found) return false;
  const std::string name = layer.name;
  const std::vector<LayerId> absorbed = producers(rw, layer.in);
  const ValueId scale = one_value(rw, name + "/scale", 1), shift = one_value(rw, name + "/shift", 0);
  GRAUPEL_DO(rw.replace(id, found->op, {found->x, scale, shift}, absorbed));
  return true;
}

// Models that keep channels last write a 1x1 convolution as a matrix product.
Result<bool> recognize_pointwise_conv(Rewriter& rw, LayerId id) {
  const Layer& layer = rw.graph()[id];
  const Dense* dense = std::get_if<Dense>(&layer.op);
  if (dense == nullptr) return false;
  const Shape& shape = rw.value(layer.in[0]).type.shape;
  const auto& weights = rw.value(layer.in[1]).constant;
  if (shape.size() != 4 || shape[1] * shape[2] == 1 || !weights) return false;
  Conv conv;
  conv.clamp = dense->clamp;
  const Shape& matrix = weights->type.shape;
  const Tensor kernel = weights->reshaped({1, 1, matrix[0], matrix[1]});
  const ValueId x = layer.in[0], bias = layer.in[2];
  GRAUPEL_DO(rw.replace(id, conv, {x, rw.add_constant(rw.value(layer.in[1]).name, kernel), bias}));
  return true;
}

// Exporters write a group norm as planes of groups: NCHW reshaped to [N, G, rest], normalized, and reshaped back.
Result<bool> recognize_group_norm(Rewriter& rw, LayerId id) {
  const Transpose* last = std::get_if<Transpose>(&rw.graph()[id].op);
  if (last == nullptr) return false;
  const Layer* unfolded = rw.producer_as<Reshape>(rw.graph()[id].in[0]);
  const Layer* norm = unfolded != nullptr ? rw.producer_as<Normalize>(unfolded->in[0]) : nullptr;
  const Layer* folded = norm != nullptr ? rw.producer_as<Reshape>(norm->in[0]) : nullptr;
  const Layer* first = folded != nullptr ? rw.producer_as<Transpose>(folded->in[0]) : nullptr;
  if (first == nullptr) return false;
  const Shape& shape = rw.value(first->in[0]).type.shape;
  const Shape& planes = rw.value(norm->in[0]).type.shape;
  const auto rank = static_cast<int32_t>(shape.size());
  std::vector<int32_t> to_planes{0, rank - 1}, back{0};
  for (int32_t i = 1; i + 1 < rank; ++i) to_planes.push_back(i);
  for (int32_t i = 2; i < rank; ++i) back.push_back(i);
  back.push_back(1);
  const Normalize& op = std::get<Normalize>(norm->op);
  const auto one = [&](ValueId value) { return rw.value(value).type.shape == Shape{1}; };
  if (rank < 3 || std::get<Transpose>(first->op).order != to_planes || last->order != back ||
      rw.value(rw.graph()[id].out[0]).type.shape != shape || planes.size() < 3 || planes[0] != shape[0] ||
      shape.back() % planes[1] != 0 || op.groups != 1 || op.first_axis != 2 || !one(norm->in[1]) || !one(norm->in[2]))
    return false;
  const Normalize grouped{op.kind, 1, static_cast<int32_t>(planes[1]), op.epsilon};
  const std::vector<ValueId> in{first->in[0], norm->in[1], norm->in[2]};
  const std::vector<LayerId> absorbed = producers(rw, std::array{rw.graph()[id].in[0], unfolded->in[0], norm->in[0]});
  GRAUPEL_DO(rw.replace(id, grouped, in, absorbed));
  return true;
}

Result<bool> hold_mask(Rewriter& rw, LayerId id) {
  // What a mask adds to hide an element: weights of exp(-128) are no different from those of exp(-infinity), and one
  // scale holds this and the scores.
  constexpr float kFar = -1e4f, kHidden = -128;
  const Layer softmax = rw.graph()[id];
  if (!std::holds_alternative<Softmax>(softmax.op) || !rw.uses().read_once(softmax.in[0])) return false;
  const auto producer = rw.uses().producer[static_cast<uint32_t>(softmax.in[0])];
  if (!producer) return false;
  Layer sum = rw.graph()[*producer];
  const auto* binary = std::get_if<Binary>(&sum.op);
  if (!std::holds_alternative<Affine>(sum.op) && (binary == nullptr || binary->kind != Binary::Kind::kAdd))
    return false;
  for (std::size_t i = binary != nullptr ? 0 : 2; i < sum.in.size(); ++i) {
    const auto mask = rw.floats(sum.in[i]);
    if (std::none_of(mask.begin(), mask.end(), [&](float value) { return value < kFar; })) continue;
    auto [held, data] = Tensor::make<float>(rw.value(sum.in[i]).type.shape);
    std::transform(mask.begin(), mask.end(), data, [&](float value) { return value < kFar ? kHidden : value; });
    sum.in[i] = rw.add_constant(rw.value(sum.in[i]).name, std::move(held));
    GRAUPEL_DO(rw.replace(*producer, sum.op, sum.in));
    return true;
  }
  return false;
}

}  // namespace graupel
