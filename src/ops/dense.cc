#include "ops/dense.h"

#include <algorithm>

#include "ops/float_conv.h"
#include "ops/linear.h"
#include "ops/matrix_import.h"

namespace graupel {
namespace {

int64_t rows_of(const Shape& shape) { return element_count(shape) / shape.back(); }

}  // namespace

QuantRule Dense::quant_rule() const { return QuantRule::kCalibrated; }

Result<TensorType> Dense::infer(std::span<const TensorType> in) const {
  GRAUPEL_DO(expect_operands(in, 3));
  GRAUPEL_DO(expect_activation_of_any_rank(in[0], 1, "input"));
  const Shape& w = in[1].shape;
  if (w.size() != 2) return invalid("weights have shape ", to_string(w), "; K x O is needed");
  GRAUPEL_DO(expect_linear_types(in));
  GRAUPEL_DO(expect_clamp(clamp));
  if (in[0].shape.back() != w[0])
    return invalid("weights of shape ", to_string(w), " for an input of shape ", to_string(in[0].shape),
                   "; its last extent must be ", w[0]);
  TensorType out{in[0].dtype, in[0].shape, {}};
  out.shape.back() = w[1];
  GRAUPEL_DO(validate(out.shape));
  return out;
}

Result<Tensor> Dense::eval(const EvalContext& context, std::span<const Tensor> in, const TensorType& out) const {
  auto [result, dst] = context.make(out.shape);
  const auto rows = static_cast<int32_t>(rows_of(out.shape));
  // Rows side by side let a kernel load each weight once for several of them.
  int32_t width = std::min(rows, 64);
  while (rows % width != 0) --width;
  const auto k = static_cast<int32_t>(in[0].type.shape.back()), o = static_cast<int32_t>(out.shape.back());
  ConvF32Params params;
  params.in = {rows / width, width, k, k};
  params.out = {rows / width, width, o, o};
  params.lo = clamp.lo;
  params.hi = clamp.hi;
  FloatConv(context, params, in[1], in[2].as<float>().data()).run(in[0].as<float>().data(), nullptr, dst);
  return result;
}

Result<std::vector<Step>> Dense::lower(const LowerContext& context) const {
  GRAUPEL_TRY(const Linear linear, lower_linear(context, clamp, false));
  const auto rows = static_cast<int32_t>(rows_of(context.out.shape));
  const auto k = static_cast<int32_t>(context.in[0].shape.back()), o = static_cast<int32_t>(context.out.shape.back());
  ConvParams params;
  params.in = {rows, 1, k, k, context.in[0].dtype};
  params.out = {rows, 1, o, o, context.out.dtype};
  params.weight = linear.weight;
  params.in_zero_point = linear.in_zero_point;
  params.weights = linear.weights;
  params.bias = linear.bias;
  params.epilogue = linear.epilogue;
  return std::vector{Step{params, {{0, {}}}}};
}

// Gemm and MatMul are in matmul_import.cc: their operands decide whether they become one.
std::span<const OnnxImport> Dense::imports() {
  static constexpr OnnxImport kImports[] = {{"CumSum", import_cum_sum}};
  return kImports;
}

std::span<const Constraint<Dense>> Dense::constraints() { return kFewProducts<Dense>; }

static_assert(OpType<Dense>);

}  // namespace graupel
