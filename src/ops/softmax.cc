#include "ops/softmax.h"

#include <algorithm>
#include <cmath>

#include "kernels/float/float.h"
#include "ops/expect.h"
#include "ops/image_import.h"

namespace graupel {
namespace {

/// The tensor as [outer, n, inner] around the normalized extent.
struct Split {
  int64_t outer = 1, n = 1, inner = 1;
};
Split split_of(const Shape& shape, int32_t axis) {
  Split split;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const auto at = static_cast<int64_t>(i);
    (at < axis ? split.outer : at == axis ? split.n : split.inner) *= shape[i];
  }
  return split;
}

/// Normalizes `lanes` neighbouring columns of one [n, inner] plane: maximum, exp, sum in order, division.
void normalize_columns(const float* src, float* dst, int64_t n, int64_t inner, int64_t lanes, Isa isa) {
  std::vector<float> best(src, src + lanes), sum(static_cast<std::size_t>(lanes), 0.0f);
  for (int64_t k = 1; k < n; ++k)
    for (int64_t i = 0; i < lanes; ++i) {
      float& high = best[static_cast<std::size_t>(i)];
      high = src[k * inner + i] > high ? src[k * inner + i] : high;
    }
  for (int64_t k = 0; k < n; ++k) {
    float* row = dst + k * inner;
    for (int64_t i = 0; i < lanes; ++i) row[i] = src[k * inner + i] - best[static_cast<std::size_t>(i)];
    unary_f32(UnaryKind::kExp, 0, 0, row, row, static_cast<std::size_t>(lanes), isa);
    for (int64_t i = 0; i < lanes; ++i) sum[static_cast<std::size_t>(i)] += row[i];
  }
  for (int64_t k = 0; k < n; ++k)
    for (int64_t i = 0; i < lanes; ++i) dst[k * inner + i] /= sum[static_cast<std::size_t>(i)];
}

/// Normalizes `rows` rows of n neighbouring elements: the same steps with exp over all rows at once.
void normalize_rows(const float* src, float* dst, int64_t rows, int64_t n, Isa isa) {
  for (int64_t r = 0; r < rows; ++r) {
    const float* from = src + r * n;
    float best = from[0];
    for (int64_t k = 1; k < n; ++k) best = from[k] > best ? from[k] : best;
    for (int64_t k = 0; k < n; ++k) dst[r * n + k] = from[k] - best;
  }
  unary_f32(UnaryKind::kExp, 0, 0, dst, dst, static_cast<std::size_t>(rows * n), isa);
  for (int64_t r = 0; r < rows; ++r) {
    float* row = dst + r * n;
    float sum = 0;
    for (int64_t k = 0; k < n; ++k) sum += row[k];
    for (int64_t k = 0; k < n; ++k) row[k] /= sum;
  }
}

/// Before opset 13 everything from `axis` on is one extent.
Result<> import_flattening(ImportContext& context, int64_t axis) {
  GRAUPEL_TRY(ImportValue x, context.in(0));
  x = context.in_onnx_order(x);
  Shape flat = {1, 1};
  for (std::size_t i = 0; i < x.shape.size(); ++i) flat[static_cast<int64_t>(i) < axis ? 0 : 1] *= x.shape[i];
  GRAUPEL_TRY(ImportValue out, context.emit(Reshape{flat}, std::vector{x}, {0, 1}));
  GRAUPEL_TRY(out, context.emit(Softmax{1}, std::vector{out}, {0, 1}));
  GRAUPEL_TRY(out, context.emit(Reshape{x.shape}, std::vector{out}, x.order));
  context.set_output(0, out);
  return {};
}

Result<> import_softmax(ImportContext& context) {
  const bool flattening = context.opset() < 13;
  GRAUPEL_TRY(const Shape shape, context.shape(0));
  GRAUPEL_TRY(const int64_t given, context.node().integer("axis", flattening ? 1 : -1));
  GRAUPEL_TRY(int64_t axis, checked_axis(given, shape.size()));
  if (flattening) {
    // One extent above 1 among the flattened is an ordinary axis.
    const auto above_one = [&](std::size_t i) { return shape[i] > 1; };
    std::vector<std::size_t> wide;
    for (auto i = static_cast<std::size_t>(axis); i < shape.size(); ++i)
      if (above_one(i)) wide.push_back(i);
    if (wide.size() > 1) return import_flattening(context, axis);
    if (wide.size() == 1) axis = static_cast<int64_t>(wide[0]);
  }
  GRAUPEL_TRY(const ImportValue x, context.in(0));
  return finish_same_order(context, x, Softmax{stored_axis(x, axis)});
}

/// x - max - log(sum of exp(x - max)), step by step: the logarithm of a softmax would lose what is small.
Result<> import_log_softmax(ImportContext& context) {
  GRAUPEL_TRY(ImportValue x, context.in(0));
  const bool flattening = context.opset() < 13;
  GRAUPEL_TRY(const int64_t given, context.node().integer("axis", flattening ? 1 : -1));
  GRAUPEL_TRY(const int64_t axis, checked_axis(given, x.shape.size()));
  int32_t first = stored_axis(x, axis), last = first;
  if (flattening) {
    x = context.in_onnx_order(x);
    first = static_cast<int32_t>(axis);
    last = static_cast<int32_t>(x.shape.size()) - 1;
  }
  const auto emit = [&](const AnyOp& op, const std::vector<ImportValue>& in) { return context.emit(op, in, x.order); };
  GRAUPEL_TRY(const ImportValue most, emit(Reduce{Reduce::Kind::kMax, first, last, true}, {x}));
  GRAUPEL_TRY(const ImportValue below, emit(Binary{Binary::Kind::kSub, {}}, {x, most}));
  GRAUPEL_TRY(const ImportValue terms, emit(Unary{UnaryKind::kExp, 0, 0}, {below}));
  GRAUPEL_TRY(const ImportValue sum, emit(Reduce{Reduce::Kind::kSum, first, last, true}, {terms}));
  GRAUPEL_TRY(const ImportValue log, emit(Unary{UnaryKind::kLog, 0, 0}, {sum}));
  GRAUPEL_TRY(const ImportValue out, emit(Binary{Binary::Kind::kSub, {}}, {below, log}));
  context.set_output(0, out);
  return {};
}

}  // namespace

QuantRule Softmax::quant_rule() const { return QuantRule::kFixed; }

Result<TensorType> Softmax::infer(std::span<const TensorType> in) const {
  GRAUPEL_DO(expect_operands(in, 1));
  GRAUPEL_DO(expect_activation_of_any_rank(in[0], 1, "input"));
  GRAUPEL_DO(expect_axis(axis, in[0].shape));
  TensorType out{in[0].dtype, in[0].shape, {}};
  if (is_codes(out.dtype)) out.quant = QuantParams::per_tensor(1.0f / static_cast<float>(most_code(out.dtype)), 0);
  return out;
}

Result<Tensor> Softmax::eval(const EvalContext& context, std::span<const Tensor> in, const TensorType& out) const {
  auto [result, dst] = context.make(out.shape);
  const Split split = split_of(out.shape, axis);
  const float* src = in[0].as<float>().data();
  if (split.inner == 1) {
    context.pool->run(split.outer, [&, data = dst](int64_t begin, int64_t end, int) {
      const int64_t rows_at_once = std::max<int64_t>(1, 4096 / split.n);
      for (int64_t r = begin; r < end; r += rows_at_once)
        normalize_rows(src + r * split.n, data + r * split.n, std::min(rows_at_once, end - r), split.n, context.isa);
    });
    return result;
  }
  constexpr int64_t kLanes = 256;
  const int64_t cuts = (split.inner + kLanes - 1) / kLanes;
  context.pool->run(split.outer * cuts, [&, data = dst](int64_t begin, int64_t end, int) {
    for (int64_t unit = begin; unit < end; ++unit) {
      const int64_t first = unit % cuts * kLanes, at = unit / cuts * split.n * split.inner + first;
      normalize_columns(src + at, data + at, split.n, split.inner, std::min(kLanes, split.inner - first), context.isa);
    }
  });
  return result;
}

Result<std::vector<Step>> Softmax::lower(const LowerContext& context) const {
  GRAUPEL_TRY(const Affinity q, quantization_of(context.in[0], "input"));
  const Split split = split_of(context.in[0].shape, axis);
  std::vector<uint32_t> table(static_cast<std::size_t>(q.most) + 1);
  for (std::size_t d = 0; d < table.size(); ++d)
    table[d] = static_cast<uint32_t>(std::nearbyint(0x1p20 * exp_f64(-static_cast<double>(d) * q.scale)));
  SoftmaxParams params;
  params.outer = static_cast<int32_t>(split.outer);
  params.n = static_cast<int32_t>(split.n);
  params.inner = static_cast<int32_t>(split.inner);
  params.in_element = context.in[0].dtype;
  params.out_element = context.out.dtype;
  params.table = context.sink.add(std::span<const uint32_t>(table));
  return std::vector{Step{params, {{0, {}}}}};
}

std::span<const OnnxImport> Softmax::imports() {
  static constexpr OnnxImport kImports[] = {{"LogSoftmax", import_log_softmax}, {"Softmax", import_softmax}};
  return kImports;
}

std::span<const Constraint<Softmax>> Softmax::constraints() { return {}; }

static_assert(OpType<Softmax>);

}  // namespace graupel
