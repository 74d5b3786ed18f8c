// Rules that join layers into one operator, so that fewer roundings happen when it is quantized.
#include <algorithm>
#include <cmath>

#include "passes/rules.h"

namespace graupel {
namespace {

struct Gate {
  UnaryKind gate, fused;
};
constexpr Gate kGates[] = {{UnaryKind::kSigmoid, UnaryKind::kSilu}, {UnaryKind::kHardSigmoid, UnaryKind::kHardSwish}};

// The activation that x * gate(x) is, if any.
std::optional<UnaryKind> gated(const Rewriter& rw, ValueId x, const Layer& gate) {
  const Unary& unary = std::get<Unary>(gate.op);
  if (unary.kind == UnaryKind::kTanh) {
    const Layer* inner = rw.producer_as<Unary>(gate.in[0]);
    const bool mish = inner != nullptr && std::get<Unary>(inner->op).kind == UnaryKind::kSoftplus && inner->in[0] == x;
    return mish ? std::optional(UnaryKind::kMish) : std::nullopt;
  }
  if (gate.in[0] != x) return std::nullopt;
  for (const Gate& row : kGates) {
    if (row.gate != unary.kind) continue;
    const bool hard_swish = std::fabs(unary.alpha - 1.0f / 6.0f) <= 1e-6f && std::fabs(unary.beta - 0.5f) <= 1e-6f;
    if (row.gate == UnaryKind::kHardSigmoid && !hard_swish) return std::nullopt;
    return row.fused;
  }
  return std::nullopt;
}

// The interval that a Unary is, if it is one.
std::optional<Clamp> interval(const Unary& unary) {
  if (unary.kind == UnaryKind::kRelu) return Clamp{0.0f};
  if (unary.kind == UnaryKind::kClip) return Clamp{unary.alpha, unary.beta};
  return std::nullopt;
}

// clamp2(clamp1(x)) as one interval; none when they do not overlap.
std::optional<Clamp> narrowed(const Clamp& inner, const Clamp& outer) {
  const Clamp both{std::max(inner.lo, outer.lo), std::min(inner.hi, outer.hi)};
  return both.lo <= both.hi ? std::optional(both) : std::nullopt;
}

Clamp* clamp_of(Op& op) {
  if (auto* conv = std::get_if<Conv>(&op)) return &conv->clamp;
  if (auto* conv = std::get_if<ConvTranspose>(&op)) return &conv->clamp;
  if (auto* dense = std::get_if<Dense>(&op)) return &dense->clamp;
  if (auto* binary = std::get_if<Binary>(&op)) return binary->kind == Binary::Kind::kDiv ? nullptr : &binary->clamp;
  return nullptr;
}

}  // namespace

Result<bool> fuse_gated_activation(Rewriter& rw, LayerId id) {
  const Layer& layer = rw.graph()[id];
  const Binary* mul = std::get_if<Binary>(&layer.op);
  if (mul == nullptr || mul->kind != Binary::Kind::kMul || mul->clamp != Clamp{}) return false;
  for (std::size_t side : {0u, 1u}) {
    const ValueId x = layer.in[side], gate_value = layer.in[1 - side];
    const Layer* gate = rw.producer_as<Unary>(gate_value);
    if (gate == nullptr) continue;
    const auto fused = gated(rw, x, *gate);
    if (!fused) continue;
    const LayerId absorbed = *rw.uses().producer[static_cast<uint32_t>(gate_value)];
    rw.swap_names(id, absorbed);
    GRAUPEL_DO(rw.replace(id, Unary{*fused}, {x}, std::span(&absorbed, 1)));
    return true;
  }
  return false;
}

Result<bool> fuse_clamp(Rewriter& rw, LayerId id) {
  const Layer& layer = rw.graph()[id];
  const Unary* unary = std::get_if<Unary>(&layer.op);
  const auto outer = unary != nullptr ? interval(*unary) : std::nullopt;
  if (!outer || !rw.uses().read_once(layer.in[0])) return false;
  const auto producer = rw.uses().producer[static_cast<uint32_t>(layer.in[0])];
  if (!producer) return false;
  Op op = rw.graph()[*producer].op;
  Clamp* clamp = clamp_of(op);
  if (clamp == nullptr) return false;
  const auto both = narrowed(*clamp, *outer);
  if (!both) return false;
  *clamp = *both;
  const std::vector<ValueId> in = rw.graph()[*producer].in;
  const LayerId absorbed = *producer;
  rw.swap_names(id, absorbed);
  GRAUPEL_DO(rw.replace(id, op, in, std::span(&absorbed, 1)));
  return true;
}

Result<bool> fuse_residual(Rewriter& rw, LayerId id) {
  const Layer& add = rw.graph()[id];
  const Binary* binary = std::get_if<Binary>(&add.op);
  if (binary == nullptr || binary->kind != Binary::Kind::kAdd) return false;
  if (rw.value(add.in[0]).type.shape != rw.value(add.in[1]).type.shape) return false;
  // Of two convolutions the later one takes the other as its residual: it can run last anyway.
  std::optional<LayerId> best;
  std::size_t best_side = 0;
  for (std::size_t side : {0u, 1u}) {
    const Layer* conv = rw.producer_as<Conv>(add.in[side]);
    if (conv == nullptr || !rw.uses().read_once(add.in[side])) continue;
    const Conv& op = std::get<Conv>(conv->op);
    if (op.residual || op.clamp != Clamp{} || rw.value(add.in[1 - side]).constant) continue;
    const LayerId at = *rw.uses().producer[static_cast<uint32_t>(add.in[side])];
    if (!best || at > *best) {
      best = at;
      best_side = side;
    }
  }
  if (!best) return false;
  const Layer& conv = rw.graph()[*best];
  Conv op = std::get<Conv>(conv.op);
  op.residual = true;
  op.clamp = binary->clamp;
  const std::vector<ValueId> in{conv.in[0], conv.in[1], conv.in[2], add.in[1 - best_side]};
  const LayerId absorbed = *best;
  rw.swap_names(id, absorbed);
  GRAUPEL_DO(rw.replace(id, op, in, std::span(&absorbed, 1)));
  return true;
}

// Division has no integer meaning; a reciprocal is a table and a product is exact (N3.1, N5.2).
Result<bool> divide_by_reciprocal(Rewriter& rw, LayerId id) {
  const Layer& layer = rw.graph()[id];
  const Binary* binary = std::get_if<Binary>(&layer.op);
  if (binary == nullptr || binary->kind != Binary::Kind::kDiv) return false;
  const Clamp clamp = binary->clamp;
  const ValueId a = layer.in[0], b = layer.in[1];
  const std::string name = layer.name + "_reciprocal";
  const std::vector<std::string> origins = layer.origins;
  GRAUPEL_TRY(const ValueId inverse, rw.insert(id, name, Unary{UnaryKind::kReciprocal}, {b}, origins));
  GRAUPEL_DO(rw.replace(LayerId{static_cast<uint32_t>(id) + 1}, Binary{Binary::Kind::kMul, clamp}, {a, inverse}));
  return true;
}

}  // namespace graupel
