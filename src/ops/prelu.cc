#include "ops/prelu.h"

#include <algorithm>
#include <cmath>

#include "ops/image_import.h"
#include "ops/integers_import.h"
#include "ops/table.h"

namespace graupel {
namespace {

/// The ONNX axis along which the slope changes, or -1. It broadcasts to the right; a lone [C] that does not fit there
/// means channels.
Result<int64_t> slope_axis(const Shape& slope, const Shape& x) {
  const std::size_t rank = x.size();
  const Error misfit = unsupported("the slope has shape ", to_string(slope), " for an input of shape ", to_string(x),
                                   " (supported: one value, or one per index of one axis)");
  if (element_count(slope) == 1) return -1;
  if (slope.size() == 1 && rank > 1 && slope[0] != x[rank - 1] && slope[0] == x[1]) return 1;
  if (slope.size() > rank) return misfit;
  int64_t axis = -1;
  for (std::size_t i = 0; i < slope.size(); ++i) {
    if (slope[i] == 1) continue;
    const std::size_t at = rank - slope.size() + i;
    if (axis != -1 || slope[i] != x[at]) return misfit;
    axis = static_cast<int64_t>(at);
  }
  return axis;
}

Result<> import_prelu(ImportContext& context) {
  GRAUPEL_TRY(ImportValue x, context.in(0));
  GRAUPEL_TRY(const Tensor slope, constant_f32(context, 1, "slope"));
  GRAUPEL_TRY(const int64_t axis, slope_axis(slope.type.shape, x.shape));
  if (axis >= 0 && x.order.back() != axis) {
    const auto moved = static_cast<int>(axis);
    std::vector<int> order;
    for (const int other : onnx_order(x.shape.size()))
      if (other != moved) order.push_back(other);
    order.push_back(moved);
    x = context.in_order(x, order);
  }
  return finish_same_order(context, x, PRelu{},
                           {context.add_constant(slope.reshaped({element_count(slope.type.shape)}))});
}

}  // namespace

QuantRule PRelu::quant_rule() const { return QuantRule::kCalibrated; }

Result<TensorType> PRelu::infer(std::span<const TensorType> in) const {
  GRAUPEL_DO(expect_operands(in, 2));
  GRAUPEL_DO(expect_activation_of_any_rank(in[0], 1, "input"));
  const int64_t channels = in[0].shape.back();
  if (in[1].dtype != DType::kF32) return invalid("slope is ", to_string(in[1].dtype), "; it must be f32");
  if (in[1].shape != Shape{1} && in[1].shape != Shape{channels})
    return invalid("slope has shape ", to_string(in[1].shape), " (accepted: 1 or ", channels, ")");
  return TensorType{in[0].dtype, in[0].shape, {}};
}

Result<Tensor> PRelu::eval(const EvalContext& context, std::span<const Tensor> in, const TensorType& out) const {
  constexpr int64_t kGrain = 4096;
  auto [result, dst] = context.make(out.shape);
  const int64_t c = out.shape.back(), rows = element_count(out.shape) / c;
  std::vector<float> slopes(static_cast<std::size_t>(c), in[1].as<float>()[0]);
  if (in[1].type.shape[0] == c) slopes.assign(in[1].as<float>().begin(), in[1].as<float>().end());
  const float *src = in[0].as<float>().data(), *slope = slopes.data();
  context.pool->run(rows, std::max<int64_t>(1, kGrain / c), [&, data = dst](int64_t begin, int64_t end, int) {
    for (int64_t row = begin; row < end; ++row)
      for (int64_t i = 0; i < c; ++i) {
        const float x = src[row * c + i];
        data[row * c + i] = x < 0 ? slope[i] * x : x;
      }
  });
  return result;
}

Result<std::vector<Step>> PRelu::lower(const LowerContext& context) const {
  GRAUPEL_TRY(const Affinity q_in, quantization_of(context.in[0], "input"));
  GRAUPEL_TRY(const Affinity q_out, quantization_of(context.out, "output"));
  GRAUPEL_TRY(const Tensor* slope, constant_operand(context, 1, "slope"));
  Table tables;
  for (const float value : slope->as<float>()) {
    const double factor = value;
    if (!std::isfinite(factor)) return invalid("a slope is ", value, "; it must be finite");
    append_table(tables, q_in, q_out, [&](double x) { return x < 0 ? factor * x : x; });
  }
  GRAUPEL_TRY(Step step, table_step(context, tables));
  return std::vector{std::move(step)};
}

std::span<const OnnxImport> PRelu::imports() {
  static constexpr OnnxImport kImports[] = {{"PRelu", import_prelu}};
  return kImports;
}

std::span<const Constraint<PRelu>> PRelu::constraints() { return {}; }

static_assert(OpType<PRelu>);

}  // namespace graupel
