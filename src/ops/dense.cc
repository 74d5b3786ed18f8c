#include "ops/dense.h"

#include <algorithm>

#include "ops/float_conv.h"
#include "ops/image_import.h"
#include "ops/linear.h"
#include "ops/matrix_import.h"

namespace graupel {
namespace {

Tensor scaled(const Tensor& tensor, float factor) {
  if (factor == 1.0f) return tensor;
  auto [result, data] = Tensor::make<float>(tensor.type.shape);
  const auto values = tensor.as<float>();
  std::transform(values.begin(), values.end(), data, [&](float value) { return value * factor; });
  return result;
}

/// Gemm's C, which broadcasts to [rows, channels], as one value per channel.
Result<Tensor> row_of(const Tensor& c, int64_t channels) {
  const Shape& shape = c.type.shape;
  if (element_count(shape) == 1) return filled(channels, c.as<float>()[0]);
  const bool one_row = shape.size() == 1 || (shape.size() == 2 && shape[0] == 1);
  if (!one_row || shape.back() != channels)
    return unsupported("input 2 (C) has shape ", to_string(shape),
                       " (supported: one value, or one per column: ", channels, ")");
  return c.reshaped({channels});
}

Result<> import_gemm(ImportContext& context) {
  const onnx::Node& node = context.node();
  GRAUPEL_TRY(const int64_t transposed_a, node.integer("transA", 0));
  GRAUPEL_TRY(const int64_t transposed_b, node.integer("transB", 0));
  GRAUPEL_TRY(const float alpha, node.real("alpha", 1));
  GRAUPEL_TRY(const float beta, node.real("beta", 1));
  if (transposed_a != 0) return unsupported("attribute transA is ", transposed_a, " (supported: 0)");
  GRAUPEL_TRY(const ImportValue given, context.in(0));
  GRAUPEL_TRY(Tensor weights, constant_f32(context, 1, "B"));
  if (given.shape.size() != 2 || weights.type.shape.size() != 2)
    return invalid("operands of shape ", to_string(given.shape), " and ", to_string(weights.type.shape),
                   "; two matrices are needed");
  if (transposed_b != 0) weights = transposed(weights, std::vector{1, 0});
  Tensor bias = filled(weights.type.shape[1], 0);
  if (context.has(2)) {
    GRAUPEL_TRY(const Tensor c, constant_f32(context, 2, "C"));
    GRAUPEL_TRY(bias, row_of(c, weights.type.shape[1]));
  }
  return finish_same_order(context, context.in_onnx_order(given), Dense{},
                           {context.add_constant(scaled(weights, alpha)), context.add_constant(scaled(bias, beta))});
}

Result<> import_matmul(ImportContext& context) {
  if (context.constant(1) == nullptr)
    return unsupported("both operands are computed at run time (supported: a constant second operand)");
  GRAUPEL_TRY(ImportValue x, context.in(0));
  GRAUPEL_TRY(Tensor weights, constant_f32(context, 1, "B"));
  Shape shape = weights.type.shape;
  while (shape.size() > 2 && shape.size() <= x.shape.size() && shape[0] == 1) shape.erase(shape.begin());
  if (x.shape.size() < 2 || shape.size() != 2)
    return unsupported("operands of shape ", to_string(x.shape), " and ", to_string(weights.type.shape),
                       " (supported: 2 or more extents times one constant matrix)");
  weights = weights.reshaped(shape);
  if (x.order.back() != static_cast<int>(x.shape.size()) - 1) x = context.in_onnx_order(x);
  return finish_same_order(context, x, Dense{},
                           {context.add_constant(weights), context.add_constant(filled(shape[1], 0))});
}

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

std::span<const OnnxImport> Dense::imports() {
  static constexpr OnnxImport kImports[] = {
      {"CumSum", import_cum_sum}, {"Gemm", import_gemm}, {"MatMul", import_matmul}};
  return kImports;
}

std::span<const Constraint<Dense>> Dense::constraints() {
  static constexpr Constraint<Dense> kConstraints[] = {
      {"at most 65535 products per output",
       [](const Dense&, std::span<const TensorType> in) {
         return in.size() < 2 || in[1].shape.empty() || in[1].shape[0] <= 65535;
       }},
  };
  return kConstraints;
}

static_assert(OpType<Dense>);

}  // namespace graupel
