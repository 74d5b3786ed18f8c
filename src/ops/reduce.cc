#include "ops/reduce.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "ops/expect.h"
#include "ops/image_import.h"
#include "ops/moves.h"

namespace graupel {
namespace {

/// The tensor as [outer, n, inner] around the reduced extents.
struct Split {
  int64_t outer = 1, n = 1, inner = 1;
};
Split split_of(const Shape& shape, const Reduce& op) {
  Split split;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const auto axis = static_cast<int64_t>(i);
    (axis < op.first_axis ? split.outer : axis <= op.last_axis ? split.n : split.inner) *= shape[i];
  }
  return split;
}

constexpr double kInf = std::numeric_limits<double>::infinity();

/// Each output takes in its n elements in order, as doubles. Lanes of one outer index are cut too, so that one frame
/// keeps threads busy.
template <class Add, class Finish>
void accumulate(const EvalContext& context, const Split& split, const float* src, float* dst, double first, Add add,
                Finish finish) {
  constexpr int64_t kLanes = 256;
  const int64_t cuts = (split.inner + kLanes - 1) / kLanes;
  context.pool->run(split.outer * cuts, [&](int64_t begin, int64_t end, int) {
    std::array<double, kLanes> kept;
    for (int64_t unit = begin; unit < end; ++unit) {
      const int64_t o = unit / cuts, lane = unit % cuts * kLanes, lanes = std::min(kLanes, split.inner - lane);
      kept.fill(first);
      for (int64_t k = 0; k < split.n; ++k) {
        const float* from = src + (o * split.n + k) * split.inner + lane;
        for (int64_t i = 0; i < lanes; ++i) add(kept[static_cast<std::size_t>(i)], static_cast<double>(from[i]));
      }
      float* to = dst + o * split.inner + lane;
      for (int64_t i = 0; i < lanes; ++i) to[i] = static_cast<float>(finish(kept[static_cast<std::size_t>(i)]));
    }
  });
}

/// Sorted stored positions of ONNX axes.
std::vector<int32_t> stored_axes(const ImportValue& value, const std::vector<int64_t>& axes) {
  std::vector<int32_t> stored;
  for (const int64_t axis : axes) stored.push_back(stored_axis(value, axis));
  std::sort(stored.begin(), stored.end());
  return stored;
}

bool neighbours(const std::vector<int32_t>& sorted) {
  return sorted.back() - sorted.front() + 1 == static_cast<int32_t>(sorted.size());
}

/// The order of what is left after ONNX axes `gone` are dropped.
std::vector<int> without(const std::vector<int>& order, const std::vector<int64_t>& gone) {
  std::vector<int> left;
  for (const int axis : order) {
    if (std::count(gone.begin(), gone.end(), axis) != 0) continue;
    left.push_back(axis -
                   static_cast<int>(std::count_if(gone.begin(), gone.end(), [&](int64_t g) { return g < axis; })));
  }
  return left;
}

/// The layer of `kind` over ONNX axes, which are brought together where they are stored apart.
Result<ImportValue> reduce(ImportContext& context, Reduce::Kind kind, ImportValue x, const std::vector<int64_t>& axes,
                           bool keep_dims) {
  std::vector<int32_t> stored = stored_axes(x, axes);
  if (!neighbours(stored)) {
    std::vector<int> order;
    for (const int axis : x.order)
      if (std::count(axes.begin(), axes.end(), axis) == 0) order.push_back(axis);
    order.insert(order.end(), axes.begin(), axes.end());
    x = context.in_order(x, order);
    stored = stored_axes(x, axes);
  }
  const Reduce op{kind, stored.front(), stored.back(), keep_dims};
  return context.emit(op, std::vector{x}, keep_dims ? x.order : without(x.order, axes));
}

/// The axes of a reduction, sorted; empty when the node names none.
Result<std::vector<int64_t>> read_reduced_axes(const ImportContext& context, std::size_t rank) {
  GRAUPEL_TRY(std::vector<int64_t> axes, context.node().integers("axes", {}));
  if (context.has(1)) {
    const Tensor* constant = context.constant(1);
    if (constant == nullptr || constant->type.dtype != DType::kS64)
      return unsupported("input 1 (axes) is computed at run time (supported: an s64 constant)");
    const auto values = constant->as<int64_t>();
    axes.assign(values.begin(), values.end());
  }
  for (int64_t& axis : axes) {
    GRAUPEL_TRY(axis, checked_axis(axis, rank));
  }
  std::sort(axes.begin(), axes.end());
  axes.erase(std::unique(axes.begin(), axes.end()), axes.end());
  return axes;
}

/// What a node reduces.
struct Reduced {
  ImportValue x;
  std::vector<int64_t> axes;  ///< empty: nothing
  bool keep_dims = true;
};
Result<Reduced> read_reduction(ImportContext& context) {
  Reduced reduced;
  GRAUPEL_TRY(reduced.x, context.in(0));
  GRAUPEL_TRY(const int64_t keep_dims, context.node().integer("keepdims", 1));
  GRAUPEL_TRY(const int64_t noop, context.node().integer("noop_with_empty_axes", 0));
  GRAUPEL_TRY(reduced.axes, read_reduced_axes(context, reduced.x.shape.size()));
  reduced.keep_dims = keep_dims != 0;
  if (reduced.axes.empty() && noop == 0)
    for (std::size_t axis = 0; axis < reduced.x.shape.size(); ++axis)
      reduced.axes.push_back(static_cast<int64_t>(axis));
  return reduced;
}

using Kind = Reduce::Kind;
constexpr UnaryKind kNothing = UnaryKind::kIdentity;

/// `before` on every element, the reduction, `after` on its results.
template <Kind kKind, UnaryKind kBefore = kNothing, UnaryKind kAfter = kNothing>
Result<> import_reduction(ImportContext& context) {
  GRAUPEL_TRY(const Reduced reduced, read_reduction(context));
  ImportValue x = reduced.x;
  const auto apply = [&](UnaryKind kind) -> Result<> {
    if (kind == kNothing) return {};
    GRAUPEL_TRY(x, context.emit(Unary{kind, 0, 0}, std::vector{x}, x.order));
    return {};
  };
  GRAUPEL_DO(apply(kBefore));
  // Of one element each is its own reduction but for the length and the square.
  if (!reduced.axes.empty()) {
    GRAUPEL_TRY(x, reduce(context, kKind, x, reduced.axes, reduced.keep_dims));
  } else if (kKind == Kind::kL2) {
    GRAUPEL_DO(apply(UnaryKind::kAbs));
  } else if (kKind == Kind::kSumSquare) {
    GRAUPEL_TRY(x, context.emit(Unary{UnaryKind::kPow, 2, 0}, std::vector{x}, x.order));
  }
  GRAUPEL_DO(apply(kAfter));
  context.set_output(0, x);
  return {};
}

/// log(sum(exp(x - m))) + m, m the largest.
Result<> import_log_sum_exp(ImportContext& context) {
  GRAUPEL_TRY(const Reduced reduced, read_reduction(context));
  if (reduced.axes.empty()) {
    context.set_output(0, reduced.x);
    return {};
  }
  GRAUPEL_TRY(const ImportValue most, reduce(context, Kind::kMax, reduced.x, reduced.axes, true));
  const ImportValue x = context.in_order(reduced.x, most.order);
  GRAUPEL_TRY(ImportValue sum, context.emit(Binary{Binary::Kind::kSub, {}}, std::vector{x, most}, x.order));
  GRAUPEL_TRY(sum, context.emit(Unary{UnaryKind::kExp, 0, 0}, std::vector{sum}, sum.order));
  GRAUPEL_TRY(sum, reduce(context, Kind::kSum, sum, reduced.axes, true));
  GRAUPEL_TRY(sum, context.emit(Unary{UnaryKind::kLog, 0, 0}, std::vector{sum}, sum.order));
  GRAUPEL_TRY(sum, context.emit(Binary{Binary::Kind::kAdd, {}}, std::vector{sum, most}, sum.order));
  if (!reduced.keep_dims) {
    Shape shape;
    for (std::size_t i = 0; i < sum.shape.size(); ++i) {
      const int axis = sum.order[i];
      if (std::count(reduced.axes.begin(), reduced.axes.end(), axis) == 0)
        shape.push_back(sum.shape[static_cast<std::size_t>(axis)]);
    }
    GRAUPEL_TRY(sum, context.emit(Reshape{shape}, std::vector{sum}, without(sum.order, reduced.axes)));
  }
  context.set_output(0, sum);
  return {};
}

Result<> import_global_average_pool(ImportContext& context) {
  GRAUPEL_TRY(const ImportValue x, context.in(0));
  if (x.shape.size() < 3)
    return invalid("input of shape ", to_string(x.shape), "; N, C and spatial extents are needed");
  std::vector<int64_t> axes;
  for (std::size_t axis = 2; axis < x.shape.size(); ++axis) axes.push_back(static_cast<int64_t>(axis));
  GRAUPEL_TRY(const ImportValue out, reduce(context, Kind::kMean, context.channels_last(x), axes, true));
  context.set_output(0, out);
  return {};
}

}  // namespace

QuantRule Reduce::quant_rule() const {
  return kind == Kind::kMax || kind == Kind::kMin ? QuantRule::kShared : QuantRule::kCalibrated;
}

Result<TensorType> Reduce::infer(std::span<const TensorType> in) const {
  GRAUPEL_DO(expect_operands(in, 1));
  GRAUPEL_DO(expect_activation_of_any_rank(in[0], 1, "input"));
  const auto rank = static_cast<int32_t>(in[0].shape.size());
  if (first_axis < 0 || last_axis < first_axis || last_axis >= rank)
    return invalid("axes ", first_axis, " to ", last_axis, " of shape ", to_string(in[0].shape), " (accepted: 0 to ",
                   rank - 1, ", in order)");
  TensorType out{in[0].dtype, {}, {}};
  if (quant_rule() == QuantRule::kShared) out.quant = in[0].quant;
  for (int32_t axis = 0; axis < rank; ++axis) {
    const bool reduced = axis >= first_axis && axis <= last_axis;
    if (reduced && !keep_dims) continue;
    out.shape.push_back(reduced ? 1 : in[0].shape[static_cast<std::size_t>(axis)]);
  }
  return out;
}

Result<Tensor> Reduce::eval(const EvalContext& context, std::span<const Tensor> in, const TensorType& out) const {
  auto [result, dst] = context.make(out.shape);
  const Split split = split_of(in[0].type.shape, *this);
  const float* src = in[0].as<float>().data();
  switch (kind) {
    case Kind::kMean: {
      const auto n = static_cast<double>(split.n);
      accumulate(
          context, split, src, dst, 0, [](double& sum, double x) { sum += x; }, [n](double sum) { return sum / n; });
      break;
    }
    case Kind::kSum:
      accumulate(
          context, split, src, dst, 0, [](double& sum, double x) { sum += x; }, [](double sum) { return sum; });
      break;
    case Kind::kMax:
      accumulate(
          context, split, src, dst, -kInf, [](double& most, double x) { most = x > most || x != x ? x : most; },
          [](double most) { return most; });
      break;
    case Kind::kMin:
      accumulate(
          context, split, src, dst, kInf, [](double& least, double x) { least = x < least || x != x ? x : least; },
          [](double least) { return least; });
      break;
    case Kind::kL2:
      accumulate(
          context, split, src, dst, 0, [](double& sum, double x) { sum += x * x; },
          [](double sum) { return std::sqrt(sum); });
      break;
    case Kind::kSumSquare:
      accumulate(
          context, split, src, dst, 0, [](double& sum, double x) { sum += x * x; }, [](double sum) { return sum; });
      break;
  }
  return result;
}

Result<std::vector<Step>> Reduce::lower(const LowerContext& context) const {
  GRAUPEL_TRY(const Affinity q_in, quantization_of(context.in[0], "input"));
  GRAUPEL_TRY(const Affinity q_out, quantization_of(context.out, "output"));
  const Split split = split_of(context.in[0].shape, *this);
  ReduceParams params;
  if (split.n * q_in.most > std::numeric_limits<int32_t>::max())
    return unsupported("a reduction of ", split.n,
                       " 16-bit codes reaches beyond 2^31 (N8.4); keep this layer's input at 8 bits");
  params.in_element = context.in[0].dtype;
  params.out_element = context.out.dtype;
  params.outer = static_cast<int32_t>(split.outer);
  params.n = static_cast<int32_t>(split.n);
  params.inner = params.inner_stride = static_cast<int32_t>(split.inner);
  params.in_zero_point = q_in.zero_point;
  params.zero_point = q_out.zero_point;
  const auto n = static_cast<double>(split.n);
  switch (kind) {
    case Kind::kMax:
    case Kind::kMin:
      GRAUPEL_DO(expect_shared_scale(context.in[0], context.out, "input"));
      params.kind = kind == Kind::kMax ? ReduceKind::kMax : ReduceKind::kMin;
      return std::vector{Step{params, {{0, {}}}}};
    case Kind::kL2:
    case Kind::kSumSquare: {
      params.kind = kind == Kind::kL2 ? ReduceKind::kLength : ReduceKind::kSquares;
      const double unit = kind == Kind::kL2 ? q_in.scale : q_in.scale * q_in.scale;
      GRAUPEL_TRY(params.factor, requant_scale(unit / q_out.scale));
      return std::vector{Step{params, {{0, {}}}}};
    }
    case Kind::kMean:
    case Kind::kSum: break;
  }
  GRAUPEL_TRY(params.factor, requant_scale(q_in.scale / (kind == Kind::kMean ? q_out.scale * n : q_out.scale)));
  if (q_in.most * n * params.factor >= 0x1p30)
    return unsupported("a sum of ", split.n, " codes times ", params.factor, " can reach beyond 2^30 (N2.3)");
  return std::vector{Step{params, {{0, {}}}}};
}

std::span<const OnnxImport> Reduce::imports() {
  static constexpr OnnxImport kImports[] = {{"GlobalAveragePool", import_global_average_pool},
                                            {"ReduceL1", import_reduction<Kind::kSum, UnaryKind::kAbs>},
                                            {"ReduceL2", import_reduction<Kind::kL2>},
                                            {"ReduceLogSum", import_reduction<Kind::kSum, kNothing, UnaryKind::kLog>},
                                            {"ReduceLogSumExp", import_log_sum_exp},
                                            {"ReduceMax", import_reduction<Kind::kMax>},
                                            {"ReduceMean", import_reduction<Kind::kMean>},
                                            {"ReduceMin", import_reduction<Kind::kMin>},
                                            {"ReduceSum", import_reduction<Kind::kSum>},
                                            {"ReduceSumSquare", import_reduction<Kind::kSumSquare>}};
  return kImports;
}

std::span<const Constraint<Reduce>> Reduce::constraints() {
  static constexpr Constraint<Reduce> kConstraints[] = {
      {"a reduction has at most 8388608 elements",
       [](const Reduce& op, std::span<const TensorType> in) {
         return in.size() != 1 || split_of(in[0].shape, op).n <= 65536 * 128;
       }},
  };
  return kConstraints;
}

static_assert(OpType<Reduce>);

}  // namespace graupel
