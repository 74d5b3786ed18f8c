#include "ops/binary.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "ops/broadcast.h"
#include "ops/linear.h"
#include "ops/moves.h"

namespace graupel {
namespace {

using Kind = Binary::Kind;

// Evaluation.

/// dst[i] = clamp(f(a[i * step_a], b[i * step_b])); the common steps are loops of their own, which vectorize.
template <class F>
void apply(F f, const Clamp& clamp, const float* a, int64_t step_a, const float* b, int64_t step_b, float* dst,
           int64_t count) {
  const auto clamped = [lo = clamp.lo, hi = clamp.hi](float x) {
    const float low = x < lo ? lo : x;
    return low > hi ? hi : low;
  };
  if (step_a == 1 && step_b == 1)
    for (int64_t i = 0; i < count; ++i) dst[i] = clamped(f(a[i], b[i]));
  else if (step_a == 1 && step_b == 0)
    for (int64_t i = 0; i < count; ++i) dst[i] = clamped(f(a[i], *b));
  else if (step_a == 0 && step_b == 1)
    for (int64_t i = 0; i < count; ++i) dst[i] = clamped(f(*a, b[i]));
  else
    for (int64_t i = 0; i < count; ++i) dst[i] = clamped(f(a[i * step_a], b[i * step_b]));
}

void apply(const Binary& op, const float* a, int64_t step_a, const float* b, int64_t step_b, float* dst,
           int64_t count) {
  const auto with = [&](auto f) { apply(f, op.clamp, a, step_a, b, step_b, dst, count); };
  switch (op.kind) {
    case Kind::kAdd: return with([](float x, float y) { return x + y; });
    case Kind::kSub: return with([](float x, float y) { return x - y; });
    case Kind::kMul: return with([](float x, float y) { return x * y; });
    case Kind::kDiv: return with([](float x, float y) { return x / y; });
    case Kind::kMin: return with([](float x, float y) { return x < y || x != x ? x : y; });
    case Kind::kMax: return with([](float x, float y) { return x > y || x != x ? x : y; });
  }
}

// Integer meaning.

/// The step's extents and strides; its innermost run is the last extent, so that it can be placed in a concatenation.
Result<BinaryParams> params_of(const LowerContext& context) {
  const Shape &a = context.in[0].shape, &b = context.in[1].shape, &out = context.out.shape;
  std::vector<BroadcastAxis> axes = broadcast_axes(a, b, out, false);
  if (axes.size() > 4) axes = broadcast_axes(a, b, out, true);
  if (axes.size() > 4)
    return unsupported("broadcasts ", to_string(a), " and ", to_string(b), " over ", axes.size(),
                       " nested extents (supported: 4); reshape the operands in the model");
  BinaryParams params;
  const auto put = [&](std::size_t slot, const BroadcastAxis& axis) {
    params.extent[slot] = static_cast<int32_t>(axis.extent);
    params.a_stride[slot] = static_cast<int32_t>(axis.a);
    params.b_stride[slot] = static_cast<int32_t>(axis.b);
  };
  put(3, axes.back());
  const std::size_t outer = axes.size() - 1, first = outer == 3 ? 0 : 1;
  for (std::size_t i = 0; i < outer; ++i) put(first + i, axes[i]);
  params.out_stride = params.extent[3];
  return params;
}

/// N5.1 with integers: 15 bits for the larger factor. False when the sums cannot be kept in s32.
bool set_integer_add(BinaryParams& params, double factor_a, double factor_b) {
  constexpr int64_t kMost = std::numeric_limits<int32_t>::max();
  int exponent = 0;
  std::frexp(std::max(std::abs(factor_a), std::abs(factor_b)), &exponent);
  int shift = 15 - exponent;
  const auto multiplier = [&](double factor) {
    return static_cast<int64_t>(std::nearbyint(std::ldexp(factor, shift)));
  };
  if (shift < 32 && std::max(std::abs(multiplier(factor_a)), std::abs(multiplier(factor_b))) > 32767) --shift;
  if (shift < 1 || shift > 30) return false;
  const int64_t ma = multiplier(factor_a), mb = multiplier(factor_b);
  const int64_t c = (int64_t{params.z} << shift) + (int64_t{1} << (shift - 1)) - params.za * ma - params.zb * mb;
  if (std::abs(c) > kMost - 255 * (std::abs(ma) + std::abs(mb))) return false;
  params.kind = BinaryKind::kAddInteger;
  params.ma = static_cast<int32_t>(ma);
  params.mb = static_cast<int32_t>(mb);
  params.c = static_cast<int32_t>(c);
  params.shift = shift;
  return true;
}

Result<> set_add(BinaryParams& params, double scale_a, double scale_b, double sign_b) {
  constexpr double kMostRatio = 1024;
  const double ratio = scale_a / scale_b;
  const bool bytes =
      params.a_element == DType::kU8 && params.b_element == DType::kU8 && params.out_element == DType::kU8;
  const bool near = bytes && ratio <= kMostRatio && ratio * kMostRatio >= 1;
  if (near && set_integer_add(params, scale_a, sign_b * scale_b)) return {};
  params.kind = BinaryKind::kAddFloat;
  GRAUPEL_TRY(params.sa, requant_scale(scale_a).within("operand 0"));
  GRAUPEL_TRY(params.sb, requant_scale(scale_b).within("operand 1"));
  if (sign_b < 0) params.sb = -params.sb;
  return {};
}

Result<> set_arithmetic(BinaryParams& params, Kind kind, const LowerContext& context) {
  GRAUPEL_TRY(const Affinity a, quantization_of(context.in[0], "operand 0"));
  GRAUPEL_TRY(const Affinity b, quantization_of(context.in[1], "operand 1"));
  GRAUPEL_TRY(const Affinity out, quantization_of(context.out, "output"));
  params.za = a.zero_point;
  params.zb = b.zero_point;
  params.z = out.zero_point;
  params.a_element = context.in[0].dtype;
  params.b_element = context.in[1].dtype;
  params.out_element = context.out.dtype;
  switch (kind) {
    case Kind::kAdd: return set_add(params, a.scale / out.scale, b.scale / out.scale, 1);
    case Kind::kSub: return set_add(params, a.scale / out.scale, b.scale / out.scale, -1);
    case Kind::kMul: {
      params.kind = BinaryKind::kMul;
      GRAUPEL_TRY(params.sa, requant_scale(a.scale * b.scale / out.scale));
      if (static_cast<double>(a.most) * b.most * static_cast<double>(params.sa) < 0x1p30) return {};
      return invalid("the product's scale ", params.sa,
                     " times the largest codes reaches 2^30 (N2.3); calibrate with images ",
                     "that exercise this layer");
    }
    case Kind::kMin:
    case Kind::kMax:
      GRAUPEL_DO(expect_shared_scale(context.in[0], context.out, "operand 0"));
      GRAUPEL_DO(expect_shared_scale(context.in[1], context.out, "operand 1"));
      params.kind = kind == Kind::kMin ? BinaryKind::kMin : BinaryKind::kMax;
      return {};
    case Kind::kDiv: break;
  }
  return unsupported(
      "a quotient of two tensors has no integer meaning; the optimizer rewrites it as a product with a "
      "reciprocal, so optimize the graph before quantizing it");
}

}  // namespace

QuantRule Binary::quant_rule() const {
  return kind == Kind::kMin || kind == Kind::kMax ? QuantRule::kShared : QuantRule::kCalibrated;
}

Result<TensorType> Binary::infer(std::span<const TensorType> in) const {
  GRAUPEL_DO(expect_operands(in, 2));
  GRAUPEL_DO(expect_activation_of_any_rank(in[0], 0, "operand 0"));
  GRAUPEL_DO(expect_activation_of_any_rank(in[1], 0, "operand 1"));
  GRAUPEL_DO(expect_clamp(clamp));
  GRAUPEL_DO(expect_alike(in[0], in[1]));
  GRAUPEL_TRY(Shape shape, broadcast_shape(in[0].shape, in[1].shape));
  TensorType out{in[0].dtype, std::move(shape), {}};
  if (quant_rule() == QuantRule::kShared) out.quant = in[0].quant;
  return out;
}

Result<Tensor> Binary::eval(const EvalContext& context, std::span<const Tensor> in, const TensorType& out) const {
  constexpr int64_t kGrain = 8192;
  auto [result, data] = context.make(out.shape);
  float* dst = data;
  const float *a = in[0].as<float>().data(), *b = in[1].as<float>().data();
  std::vector<BroadcastAxis> axes = broadcast_axes(in[0].type.shape, in[1].type.shape, out.shape, true);
  if (axes.size() == 2 && axes[0].a == axes[1].extent * axes[1].a && axes[0].b == axes[1].extent * axes[1].b)
    axes = {{axes[0].extent * axes[1].extent, axes[1].a, axes[1].b}};
  const BroadcastAxis run = axes.back();
  if (axes.size() == 1) {
    context.pool->run(run.extent, kGrain, [&](int64_t begin, int64_t end, int) {
      apply(*this, a + begin * run.a, run.a, b + begin * run.b, run.b, dst + begin, end - begin);
    });
    return result;
  }
  const int64_t runs = element_count(out.shape) / run.extent;
  context.pool->run(runs, std::max<int64_t>(1, kGrain / run.extent), [&](int64_t begin, int64_t end, int) {
    for (int64_t index = begin; index < end; ++index) {
      int64_t from_a = 0, from_b = 0, rest = index;
      for (std::size_t i = axes.size() - 1; i-- > 0; rest /= axes[i].extent) {
        from_a += rest % axes[i].extent * axes[i].a;
        from_b += rest % axes[i].extent * axes[i].b;
      }
      apply(*this, a + from_a, run.a, b + from_b, run.b, dst + index * run.extent, run.extent);
    }
  });
  return result;
}

Result<std::vector<Step>> Binary::lower(const LowerContext& context) const {
  GRAUPEL_TRY(BinaryParams params, params_of(context));
  GRAUPEL_DO(set_arithmetic(params, kind, context));
  GRAUPEL_TRY(const Affinity out, quantization_of(context.out, "output"));
  const CodeRange range = code_range(clamp, out);
  params.lo = range.lo;
  params.hi = range.hi;
  Step step{params, {}};
  for (int i = 0; i < 2; ++i) {
    const Tensor* constant = context.constants[static_cast<std::size_t>(i)];
    step.src.push_back(constant == nullptr ? Step::Source{i, {}}
                                           : Step::Source{-1, context.sink.add_bytes(constant->bytes())});
  }
  return std::vector{std::move(step)};
}

std::span<const Constraint<Binary>> Binary::constraints() { return {}; }

static_assert(OpType<Binary>);

}  // namespace graupel
