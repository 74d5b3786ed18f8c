// Rules that find HardSwish and HardSigmoid in the arithmetic that exporters write them as.
#include <algorithm>
#include <cmath>
#include <limits>

#include "passes/rules.h"
#include "passes/scalar_affine.h"

namespace graupel {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

/// min(max(slope * x + offset, lo), hi).
struct Ramp {
  double slope = 1, offset = 0, lo = -kInf, hi = kInf;
};

Ramp scaled(const Ramp& ramp, double scale, double shift) {
  const double a = ramp.lo * scale + shift, b = ramp.hi * scale + shift;
  return {ramp.slope * scale, ramp.offset * scale + shift, std::min(a, b), std::max(a, b)};
}

/// The bounds of a Relu or Clip.
std::optional<std::pair<double, double>> bounds_of(const Unary& op) {
  if (op.kind == UnaryKind::kRelu) return std::pair{0.0, kInf};
  if (op.kind == UnaryKind::kClip) return std::pair{double{op.alpha}, double{op.beta}};
  return {};
}

/// `value` as a ramp of `x`, if a few scales, shifts and bounds make it one.
std::optional<Ramp> ramp_of(const Rewriter& rw, ValueId value, ValueId x, int depth = 5) {
  if (value == x) return Ramp{};
  if (depth == 0) return {};
  if (const Layer* affine = rw.producer_as<Affine>(value)) {
    const auto by = scalar_affine(rw, *affine);
    const auto inner = by && by->first != 0 ? ramp_of(rw, affine->in[0], x, depth - 1) : std::nullopt;
    return inner ? std::optional(scaled(*inner, by->first, by->second)) : std::nullopt;
  }
  const Layer* unary = rw.producer_as<Unary>(value);
  const auto bounds = unary != nullptr ? bounds_of(std::get<Unary>(unary->op)) : std::nullopt;
  std::optional<Ramp> ramp = bounds ? ramp_of(rw, unary->in[0], x, depth - 1) : std::nullopt;
  if (!ramp) return {};
  ramp->lo = std::clamp(ramp->lo, bounds->first, bounds->second);
  ramp->hi = std::clamp(ramp->hi, bounds->first, bounds->second);
  return ramp;
}

/// Of constants that are written as binary32.
bool near(double a, double b) { return std::fabs(a - b) <= 1e-6; }

bool rises_from_0_to_1(const Ramp& ramp) { return ramp.slope > 0 && near(ramp.lo, 0) && near(ramp.hi, 1); }

/// x, if multiplicand * gate * factor is x * HardSigmoid(x) with the slope and offset of HardSwish.
std::optional<ValueId> hard_swish_of(const Rewriter& rw, ValueId multiplicand, ValueId gate, double factor) {
  ValueId x = multiplicand;
  for (int step = 0; step < 3; ++step) {
    if (const auto ramp = ramp_of(rw, gate, x)) {
      const Ramp whole = scaled(*ramp, factor, 0);
      if (rises_from_0_to_1(whole) && near(whole.slope, 1.0 / 6) && near(whole.offset, 0.5)) return x;
    }
    const Layer* affine = rw.producer_as<Affine>(x);
    const auto by = affine != nullptr ? scalar_affine(rw, *affine) : std::nullopt;
    if (!by || by->second != 0) return {};
    factor *= by->first;
    x = affine->in[0];
  }
  return {};
}

}  // namespace

Result<bool> recognize_hard_swish(Rewriter& rw, LayerId id) {
  const auto product = scaled_product(rw, id);
  if (!product) return false;
  for (const auto& [multiplicand, gate] : {std::pair{product->a, product->b}, {product->b, product->a}}) {
    const auto x = hard_swish_of(rw, multiplicand, gate, product->factor);
    if (!x) continue;
    GRAUPEL_DO(rw.replace(id, Unary{UnaryKind::kHardSwish, 0, 0}, {*x}, product->absorbed));
    return true;
  }
  return false;
}

// A bound with nothing behind it stays one: a linear operator applies it itself.
Result<bool> recognize_hard_sigmoid(Rewriter& rw, LayerId id) {
  const Layer& layer = rw.graph()[id];
  if (!std::holds_alternative<Affine>(layer.op)) return false;
  ValueId x = layer.in[0];
  bool bounded = false;
  while (const Layer* unary = rw.producer_as<Unary>(x)) {
    if (!bounds_of(std::get<Unary>(unary->op))) return false;
    bounded = true;
    x = unary->in[0];
  }
  const Layer* shift = bounded ? rw.producer_as<Affine>(x) : nullptr;
  if (shift == nullptr || !scalar_affine(rw, *shift)) return false;
  x = shift->in[0];
  const auto ramp = ramp_of(rw, layer.out[0], x);
  if (!ramp || !rises_from_0_to_1(*ramp)) return false;
  const Unary op{UnaryKind::kHardSigmoid, static_cast<float>(ramp->slope), static_cast<float>(ramp->offset)};
  std::vector<LayerId> absorbed;
  for (ValueId value = layer.in[0]; value != x; value = rw.graph()[absorbed.back()].in[0])
    absorbed.push_back(*rw.uses().producer[static_cast<uint32_t>(value)]);
  GRAUPEL_DO(rw.replace(id, op, {x}, absorbed));
  return true;
}

}  // namespace graupel
