#include "ops/reduce_mean.h"

#include <algorithm>
#include <array>
#include <limits>

#include "ops/expect.h"
#include "ops/image_import.h"

namespace graupel {
namespace {

/// The tensor as [outer, n, inner] around the reduced extents.
struct Split {
  int64_t outer = 1, n = 1, inner = 1;
};
Split split_of(const Shape& shape, const ReduceMean& op) {
  Split split;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const auto axis = static_cast<int64_t>(i);
    (axis < op.first_axis ? split.outer : axis <= op.last_axis ? split.n : split.inner) *= shape[i];
  }
  return split;
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

Result<> reduce(ImportContext& context, ImportValue x, const std::vector<int64_t>& axes, bool keep_dims) {
  std::vector<int32_t> stored = stored_axes(x, axes);
  if (!neighbours(stored)) {
    std::vector<int> order;
    for (const int axis : x.order)
      if (std::count(axes.begin(), axes.end(), axis) == 0) order.push_back(axis);
    order.insert(order.end(), axes.begin(), axes.end());
    x = context.in_order(x, order);
    stored = stored_axes(x, axes);
  }
  const ReduceMean op{stored.front(), stored.back(), keep_dims};
  GRAUPEL_TRY(const ImportValue out, context.emit(op, std::vector{x}, keep_dims ? x.order : without(x.order, axes)));
  context.set_output(0, out);
  return {};
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

Result<> import_reduce_mean(ImportContext& context) {
  GRAUPEL_TRY(const ImportValue x, context.in(0));
  GRAUPEL_TRY(const int64_t keep_dims, context.node().integer("keepdims", 1));
  GRAUPEL_TRY(const int64_t noop, context.node().integer("noop_with_empty_axes", 0));
  GRAUPEL_TRY(std::vector<int64_t> axes, read_reduced_axes(context, x.shape.size()));
  if (x.shape.empty() || (axes.empty() && noop != 0)) {
    context.set_output(0, x);
    return {};
  }
  if (axes.empty())
    for (std::size_t axis = 0; axis < x.shape.size(); ++axis) axes.push_back(static_cast<int64_t>(axis));
  return reduce(context, x, axes, keep_dims != 0);
}

Result<> import_global_average_pool(ImportContext& context) {
  GRAUPEL_TRY(const ImportValue x, context.in(0));
  if (x.shape.size() < 3)
    return invalid("input of shape ", to_string(x.shape), "; N, C and spatial extents are needed");
  std::vector<int64_t> axes;
  for (std::size_t axis = 2; axis < x.shape.size(); ++axis) axes.push_back(static_cast<int64_t>(axis));
  return reduce(context, context.channels_last(x), axes, true);
}

}  // namespace

QuantRule ReduceMean::quant_rule() const { return QuantRule::kCalibrated; }

Result<TensorType> ReduceMean::infer(std::span<const TensorType> in) const {
  GRAUPEL_DO(expect_operands(in, 1));
  GRAUPEL_DO(expect_activation_of_any_rank(in[0], 1, "input"));
  const auto rank = static_cast<int32_t>(in[0].shape.size());
  if (first_axis < 0 || last_axis < first_axis || last_axis >= rank)
    return invalid("axes ", first_axis, " to ", last_axis, " of shape ", to_string(in[0].shape), " (accepted: 0 to ",
                   rank - 1, ", in order)");
  TensorType out{in[0].dtype, {}, {}};
  for (int32_t axis = 0; axis < rank; ++axis) {
    const bool reduced = axis >= first_axis && axis <= last_axis;
    if (reduced && !keep_dims) continue;
    out.shape.push_back(reduced ? 1 : in[0].shape[static_cast<std::size_t>(axis)]);
  }
  return out;
}

Result<Tensor> ReduceMean::eval(const EvalContext& context, std::span<const Tensor> in, const TensorType& out) const {
  auto [result, dst] = context.make(out.shape);
  const Split split = split_of(in[0].type.shape, *this);
  const float* src = in[0].as<float>().data();
  const auto count = static_cast<double>(split.n);
  // Each output sums its n elements in order. Lanes of one outer index are cut too, so that one frame keeps threads
  // busy.
  constexpr int64_t kLanes = 256;
  const int64_t cuts = (split.inner + kLanes - 1) / kLanes;
  context.pool->run(split.outer * cuts, [&, data = dst](int64_t begin, int64_t end, int) {
    std::array<double, kLanes> sums;
    for (int64_t unit = begin; unit < end; ++unit) {
      const int64_t o = unit / cuts, first = unit % cuts * kLanes, lanes = std::min(kLanes, split.inner - first);
      sums.fill(0);
      for (int64_t k = 0; k < split.n; ++k) {
        const float* from = src + (o * split.n + k) * split.inner + first;
        for (int64_t i = 0; i < lanes; ++i) sums[static_cast<std::size_t>(i)] += static_cast<double>(from[i]);
      }
      float* to = data + o * split.inner + first;
      for (int64_t i = 0; i < lanes; ++i) to[i] = static_cast<float>(sums[static_cast<std::size_t>(i)] / count);
    }
  });
  return result;
}

Result<std::vector<Step>> ReduceMean::lower(const LowerContext& context) const {
  GRAUPEL_TRY(const Affinity q_in, quantization_of(context.in[0], "input"));
  GRAUPEL_TRY(const Affinity q_out, quantization_of(context.out, "output"));
  const Split split = split_of(context.in[0].shape, *this);
  ReduceParams params;
  if (split.n * q_in.most > std::numeric_limits<int32_t>::max())
    return unsupported("a mean of ", split.n,
                       " 16-bit codes reaches beyond 2^31 (N8.4); keep this layer's input at 8 bits");
  params.in_element = context.in[0].dtype;
  params.out_element = context.out.dtype;
  params.outer = static_cast<int32_t>(split.outer);
  params.n = static_cast<int32_t>(split.n);
  params.inner = params.inner_stride = static_cast<int32_t>(split.inner);
  params.in_zero_point = q_in.zero_point;
  params.zero_point = q_out.zero_point;
  const auto n = static_cast<double>(split.n);
  GRAUPEL_TRY(params.factor, requant_scale(q_in.scale / (q_out.scale * n)));
  if (q_in.most * n * params.factor >= 0x1p30)
    return unsupported("a sum of ", split.n, " codes times ", params.factor, " can reach beyond 2^30 (N2.3)");
  return std::vector{Step{params, {{0, {}}}}};
}

std::span<const OnnxImport> ReduceMean::imports() {
  static constexpr OnnxImport kImports[] = {{"ReduceMean", import_reduce_mean},
                                            {"GlobalAveragePool", import_global_average_pool}};
  return kImports;
}

std::span<const Constraint<ReduceMean>> ReduceMean::constraints() {
  static constexpr Constraint<ReduceMean> kConstraints[] = {
      {"a mean has at most 8388608 elements",
       [](const ReduceMean& op, std::span<const TensorType> in) {
         return in.size() != 1 || split_of(in[0].shape, op).n <= 65536 * 128;
       }},
  };
  return kConstraints;
}

static_assert(OpType<ReduceMean>);

}  // namespace graupel
