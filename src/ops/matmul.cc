#include "ops/matmul.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/float/float.h"
#include "ops/expect.h"
#include "ops/moves.h"

namespace graupel {
namespace {

/// Extents and strides of [batch.., rows, columns] in a dense tensor that is stored in `order`. Strides of repeated
/// extents are 0 and their extent is the product's.
struct Matrices {
  Shape shape;
  std::vector<int64_t> stride;
};

Matrices matrices_of(const Shape& stored, std::span<const int32_t> order) {
  const std::vector<int64_t> strides = dense_strides(stored);
  Matrices result{Shape(order.size()), std::vector<int64_t>(order.size())};
  for (std::size_t i = 0; i < order.size(); ++i) {
    result.shape[static_cast<std::size_t>(order[i])] = stored[i];
    result.stride[static_cast<std::size_t>(order[i])] = strides[i];
  }
  return result;
}

/// `operand` with the batch extents of `batch`.
Matrices repeated(Matrices operand, const Shape& batch) {
  for (std::size_t i = 0; i + 2 < operand.shape.size(); ++i)
    if (operand.shape[i] != batch[i]) {
      operand.shape[i] = batch[i];
      operand.stride[i] = 0;
    }
  return operand;
}

bool is_permutation(std::span<const int32_t> order) {
  std::vector<bool> taken(order.size());
  for (const int32_t axis : order) {
    if (axis < 0 || axis >= static_cast<int32_t>(order.size()) || taken[static_cast<std::size_t>(axis)]) return false;
    taken[static_cast<std::size_t>(axis)] = true;
  }
  return true;
}

bool is_dense(const Matrices& matrices) { return matrices.stride == dense_strides(matrices.shape); }

Move move_between(const Matrices& from, const Matrices& to) {
  Move move;
  for (std::size_t i = 0; i < from.shape.size(); ++i)
    move.axes.push_back({from.shape[i], from.stride[i], to.stride[i]});
  return move;
}

// Evaluation.

Tensor densely(const EvalContext& context, const Tensor& operand, const Matrices& matrices) {
  if (is_dense(matrices)) return operand.reshaped(matrices.shape);
  auto [result, data] = context.make(matrices.shape);
  move_floats(context, move_between(matrices, {matrices.shape, dense_strides(matrices.shape)}),
              operand.as<float>().data(), data);
  return result;
}

void scale_floats(const EvalContext& context, float scale, float* data, int64_t count) {
  constexpr int64_t kGrain = 16384;
  if (scale == 1.0f) return;
  context.pool->run(count, kGrain, [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; ++i) data[i] *= scale;
  });
}

/// Products of dense matrices as convolutions whose weights are the matrices of b, packed on the way (N10.1).
void multiply(const EvalContext& context, int64_t count, int32_t m, int32_t k, int32_t n, const float* a,
              const float* b, float* dst) {
  int32_t width = std::min(m, 64);
  while (m % width != 0) --width;
  ConvF32Params params;
  params.in = {m / width, width, k, k};
  params.out = {m / width, width, n, n};
  const ConvF32Kernel& kernel = pick_conv_f32(params, context.isa);
  const std::vector<float> bias(static_cast<std::size_t>(n), 0.0f);
  const std::size_t packed_floats = kernel.pack == nullptr ? 0 : kernel.packed_bytes(params) / sizeof(float);
  std::shared_ptr<Bytes> packed;
  float* packed_data = nullptr;
  if (packed_floats > 0) {
    packed = context.allocate(packed_floats * sizeof(float) * static_cast<std::size_t>(count));
    packed_data = reinterpret_cast<float*>(packed->data());
    context.pool->run(count, [&](int64_t begin, int64_t end, int) {
      for (int64_t i = begin; i < end; ++i)
        kernel.pack(params, b + i * k * n, packed_data + i * static_cast<int64_t>(packed_floats));
    });
  }
  const std::size_t scratch_bytes = kernel.scratch_bytes == nullptr ? 0 : align_up(kernel.scratch_bytes(params), 64);
  std::shared_ptr<Bytes> scratch;
  if (scratch_bytes > 0) scratch = context.allocate(scratch_bytes * static_cast<std::size_t>(context.pool->threads()));
  const Work work = params.work();
  context.pool->run(count * work.rows, [&](int64_t begin, int64_t end, int worker) {
    while (begin < end) {
      const int64_t matrix = begin / work.rows, row = begin % work.rows;
      const int64_t rows = std::min<int64_t>(work.rows - row, end - begin);
      ConvF32Args args;
      args.src = a + matrix * m * k;
      args.weights = b + matrix * k * n;
      args.bias = bias.data();
      if (packed_data != nullptr) args.packed = packed_data + matrix * static_cast<int64_t>(packed_floats);
      if (scratch) args.scratch = scratch->data() + static_cast<std::size_t>(worker) * scratch_bytes;
      args.dst = dst + matrix * m * n;
      kernel.run(params, args, {static_cast<int32_t>(row), static_cast<int32_t>(row + rows), 0, work.blocks});
      begin += rows;
    }
  });
}

// Integer meaning.

/// A batch extent with its strides in a, b and the output.
struct BatchAxis {
  int64_t extent = 1, a = 0, b = 0, out = 0;
};

/// The batch extents above 1, outermost of the output first, merged where all three walk on alike.
std::vector<BatchAxis> batch_axes(const Matrices& a, const Matrices& b, const Matrices& out) {
  std::vector<BatchAxis> axes;
  for (std::size_t i = 0; i + 2 < out.shape.size(); ++i)
    if (out.shape[i] != 1) axes.push_back({out.shape[i], a.stride[i], b.stride[i], out.stride[i]});
  std::stable_sort(axes.begin(), axes.end(), [](const BatchAxis& x, const BatchAxis& y) { return x.out > y.out; });
  std::vector<BatchAxis> merged;
  for (const BatchAxis& axis : axes) {
    if (!merged.empty()) {
      BatchAxis& outer = merged.back();
      if (outer.a == axis.extent * axis.a && outer.b == axis.extent * axis.b && outer.out == axis.extent * axis.out) {
        outer = {outer.extent * axis.extent, axis.a, axis.b, axis.out};
        continue;
      }
    }
    merged.push_back(axis);
  }
  return merged;
}

/// Which of the output's two extents lies in neighbouring elements; nothing when neither does.
enum class Inner { kRows, kColumns, kNeither };
Inner inner_of(const Matrices& out) {
  const std::size_t row = out.shape.size() - 2, column = row + 1;
  if (out.shape[column] > 1 && out.stride[column] == 1) return Inner::kColumns;
  if (out.shape[row] > 1 && out.stride[row] == 1) return Inner::kRows;
  if (out.shape[column] == 1) return Inner::kColumns;
  return out.shape[row] == 1 ? Inner::kRows : Inner::kNeither;
}

MatrixView view_of(const Matrices& matrices, DType element, bool swapped) {
  const std::size_t row = matrices.shape.size() - 2;
  const auto stride = [&](std::size_t i) {
    return matrices.shape[i] == 1 ? 0 : static_cast<int32_t>(matrices.stride[i]);
  };
  return {{}, stride(row + swapped), stride(row + !swapped), element};
}

Result<Epilogue> epilogue_of(const LowerContext& context, const Affinity& a, const Affinity& b, double factor,
                             int64_t k, int64_t n) {
  GRAUPEL_TRY(const Affinity out, quantization_of(context.out, "output"));
  GRAUPEL_TRY(const float scale, requant_scale(a.scale * b.scale * factor / out.scale));
  const auto reach = [](const Affinity& q) { return double(std::max(q.zero_point, q.most - q.zero_point)); };
  const double sum = reach(a) * reach(b) * static_cast<double>(k);
  const bool wide = a.most > 255 || b.most > 255;
  if (sum > (wide ? 0x1p52 : double(std::numeric_limits<int32_t>::max())))
    return unsupported("sums ", k, " products, more than accumulators hold (N4.3)");
  if (sum * static_cast<double>(scale) >= 0x1p30)
    return invalid("the scale ", scale, " times the largest sum reaches 2^30 (N2.3); calibrate with images that ",
                   "exercise this layer");
  Epilogue epilogue;
  epilogue.scale = context.sink.add(std::span<const float>(std::vector<float>(static_cast<std::size_t>(n), scale)));
  epilogue.zero_point = out.zero_point;
  epilogue.hi = out.most;
  return epilogue;
}

}  // namespace

QuantRule MatMul::quant_rule() const { return QuantRule::kCalibrated; }

Result<TensorType> MatMul::infer(std::span<const TensorType> in) const {
  GRAUPEL_DO(expect_operands(in, 2));
  const std::size_t rank = a_order.size();
  if (rank < 2 || b_order.size() != rank || out_order.size() != rank || !is_permutation(a_order) ||
      !is_permutation(b_order) || !is_permutation(out_order))
    return invalid("the orders must be permutations of the same two or more extents");
  if (!(scale > 0) || !std::isfinite(scale)) return invalid("scale is ", scale, " (accepted: finite, above 0)");
  GRAUPEL_DO(expect_activation(in[0], rank, "operand 0"));
  GRAUPEL_DO(expect_activation(in[1], rank, "operand 1"));
  GRAUPEL_DO(expect_alike(in[0], in[1]));
  const Matrices a = matrices_of(in[0].shape, a_order), b = matrices_of(in[1].shape, b_order);
  if (a.shape[rank - 1] != b.shape[rank - 2])
    return invalid("matrices of shape ", to_string(a.shape), " and ", to_string(b.shape),
                   " have no product: ", a.shape[rank - 1], " columns meet ", b.shape[rank - 2], " rows");
  Shape shape = a.shape;
  shape[rank - 1] = b.shape[rank - 1];
  for (std::size_t i = 0; i + 2 < rank; ++i) {
    if (a.shape[i] != b.shape[i] && a.shape[i] != 1 && b.shape[i] != 1)
      return invalid("batch extent ", i, " is ", a.shape[i], " and ", b.shape[i],
                     "; they must be equal, or one of them 1");
    shape[i] = std::max(a.shape[i], b.shape[i]);
  }
  TensorType out{in[0].dtype, {}, {}};
  for (const int32_t axis : out_order) out.shape.push_back(shape[static_cast<std::size_t>(axis)]);
  GRAUPEL_DO(validate(out.shape));
  if (inner_of(matrices_of(out.shape, out_order)) == Inner::kNeither)
    return invalid("the output is stored neither by rows nor by columns of its matrices");
  return out;
}

Result<Tensor> MatMul::eval(const EvalContext& context, std::span<const Tensor> in, const TensorType& out) const {
  const Matrices to = matrices_of(out.shape, out_order);
  const Tensor a = densely(context, in[0], repeated(matrices_of(in[0].type.shape, a_order), to.shape));
  const Tensor b = densely(context, in[1], repeated(matrices_of(in[1].type.shape, b_order), to.shape));
  const auto extent = [](const Tensor& tensor, std::size_t from_end) {
    return static_cast<int32_t>(tensor.type.shape[tensor.type.shape.size() - from_end]);
  };
  const int32_t m = extent(a, 2), k = extent(a, 1), n = extent(b, 1);
  const int64_t count = element_count(to.shape) / m / n;
  auto [product, data] = context.make(to.shape);
  multiply(context, count, m, k, n, a.as<float>().data(), b.as<float>().data(), data);
  scale_floats(context, scale, data, element_count(to.shape));
  if (is_dense(to)) return product.reshaped(out.shape);
  auto [result, dst] = context.make(out.shape);
  move_floats(context, move_between({to.shape, dense_strides(to.shape)}, to), product.as<float>().data(), dst);
  return result;
}

Result<std::vector<Step>> MatMul::lower(const LowerContext& context) const {
  GRAUPEL_TRY(const Affinity qa, quantization_of(context.in[0], "operand 0"));
  GRAUPEL_TRY(const Affinity qb, quantization_of(context.in[1], "operand 1"));
  const Matrices out = matrices_of(context.out.shape, out_order);
  const Matrices a = repeated(matrices_of(context.in[0].shape, a_order), out.shape);
  const Matrices b = repeated(matrices_of(context.in[1].shape, b_order), out.shape);
  const std::size_t row = out.shape.size() - 2;
  // Where the output's rows lie in neighbouring elements it is the transpose that is computed: b' a'.
  const bool swapped = inner_of(out) == Inner::kRows;
  MatMulParams params;
  params.m = static_cast<int32_t>(out.shape[row + swapped]);
  params.k = static_cast<int32_t>(a.shape[row + 1]);
  params.n = static_cast<int32_t>(out.shape[row + !swapped]);
  params.a = swapped ? view_of(b, context.in[1].dtype, true) : view_of(a, context.in[0].dtype, false);
  params.b = swapped ? view_of(a, context.in[0].dtype, true) : view_of(b, context.in[1].dtype, false);
  params.out = view_of(out, context.out.dtype, swapped);
  params.out.column = 1;
  params.a_zero_point = (swapped ? qb : qa).zero_point;
  params.b_zero_point = (swapped ? qa : qb).zero_point;
  const std::vector<BatchAxis> axes = batch_axes(a, b, out);
  if (axes.size() > params.batch.size())
    return unsupported("the batch has ", axes.size(),
                       " nested extents that do not join (supported: ", params.batch.size(), ")");
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const std::size_t slot = params.batch.size() - axes.size() + i;
    params.batch[slot] = static_cast<int32_t>(axes[i].extent);
    params.a.batch[slot] = static_cast<int32_t>(swapped ? axes[i].b : axes[i].a);
    params.b.batch[slot] = static_cast<int32_t>(swapped ? axes[i].a : axes[i].b);
    params.out.batch[slot] = static_cast<int32_t>(axes[i].out);
  }
  GRAUPEL_TRY(params.epilogue, epilogue_of(context, qa, qb, double{scale}, params.k, params.n));
  Step step{params, {}};
  for (const int input : {swapped ? 1 : 0, swapped ? 0 : 1}) {
    const Tensor* constant = context.constants[static_cast<std::size_t>(input)];
    step.src.push_back(constant == nullptr ? Step::Source{input, {}}
                                           : Step::Source{-1, context.sink.add_bytes(constant->bytes())});
  }
  return std::vector{std::move(step)};
}

std::span<const Constraint<MatMul>> MatMul::constraints() { return {}; }

static_assert(OpType<MatMul>);

}  // namespace graupel
