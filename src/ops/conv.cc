#include "ops/conv.h"

#include "ops/float_conv.h"
#include "ops/image_import.h"
#include "ops/linear.h"
#include "ops/window.h"

namespace graupel {
namespace {

Result<> import_conv(ImportContext& context) {
  GRAUPEL_TRY(const ImageOperand image, image_operand(context, 0));
  GRAUPEL_TRY(Tensor weights, constant_f32(context, 1, "weights"));
  const Shape given = weights.type.shape;
  if (given.size() != image.extents().size() + 2)
    return invalid("weights of shape ", to_string(given), " for an input of ", image.extents().size(), " spatial axes");
  const std::vector<int64_t> kernel(given.begin() + 2, given.end());
  GRAUPEL_TRY(const auto stated, context.node().integers("kernel_shape", kernel));
  if (stated != kernel)
    return invalid("attribute kernel_shape is ", to_string(stated), ", but the weights are ", to_string(given));
  GRAUPEL_TRY(const PaddedWindow padded, read_window(context.node(), kernel, image.extents()));
  GRAUPEL_TRY(const int64_t groups, context.node().integer("group", 1));
  if (groups < 1 || groups > image.channels())
    return invalid("attribute group is ", groups, " for ", image.channels(), " input channels");
  Tensor bias = filled(given[0], 0);
  if (context.has(2)) {
    GRAUPEL_TRY(bias, constant_f32(context, 2, "bias"));
  }
  weights = weights.reshaped({given[0], given[1], padded.window.kernel_h, padded.window.kernel_w});
  weights = transposed(weights, std::vector{2, 3, 1, 0});
  Conv conv{padded.window, padded.pad_bottom, padded.pad_right, static_cast<int32_t>(groups), {}, false};
  return finish_image(context, image, conv, {context.add_constant(weights), context.add_constant(bias)});
}

}  // namespace

QuantRule Conv::quant_rule() const { return QuantRule::kCalibrated; }

Result<TensorType> Conv::infer(std::span<const TensorType> in) const {
  GRAUPEL_DO(expect_operands(in, residual ? 4 : 3));
  GRAUPEL_DO(expect_activation(in[0], 4, "input"));
  const Shape& x = in[0].shape;
  const Shape& w = in[1].shape;
  if (w.size() != 4)
    return invalid("weights have shape ", to_string(w), "; kernel_h x kernel_w x C/groups x O is needed");
  GRAUPEL_DO(expect_linear_types(in));
  GRAUPEL_DO(expect_clamp(clamp));
  if (w[0] != window.kernel_h || w[1] != window.kernel_w)
    return invalid("weights of shape ", to_string(w), " for a kernel of ", window.kernel_h, "x", window.kernel_w);
  if (groups < 1 || x[3] % groups != 0 || w[3] % groups != 0 || w[2] * groups != x[3])
    return invalid("weights of shape ", to_string(w), " in ", groups, " groups for an input of shape ", to_string(x),
                   "; groups must divide ", x[3], " and ", w[3], ", and each group needs ", x[3], " / ", groups,
                   " input channels");
  TensorType out{in[0].dtype, {x[0], 0, 0, w[3]}, {}};
  GRAUPEL_TRY(out.shape[1], output_extent(vertical(window, pad_bottom), x[1], false, "height"));
  GRAUPEL_TRY(out.shape[2], output_extent(horizontal(window, pad_right), x[2], false, "width"));
  GRAUPEL_DO(validate(out.shape));
  if (residual && in[3].shape != out.shape)
    return invalid("residual is ", to_string(in[3]), "; the output is ", to_string(out));
  if (residual) GRAUPEL_DO(expect_alike(in[3], out).within("residual"));
  return out;
}

Result<Tensor> Conv::eval(const EvalContext& context, std::span<const Tensor> in, const TensorType& out) const {
  auto [result, dst] = context.make(out.shape);
  const Shape& x = in[0].type.shape;
  ConvF32Params params;
  GRAUPEL_TRY(params.in, image_of({x[1], x[2], x[3]}));
  GRAUPEL_TRY(params.out, image_of({out.shape[1], out.shape[2], out.shape[3]}));
  params.window = window;
  params.groups = groups;
  params.lo = clamp.lo;
  params.hi = clamp.hi;
  params.residual = residual;
  const FloatConv conv(context, params, in[1], in[2].as<float>().data());
  const int64_t in_frame = x[1] * x[2] * x[3], out_frame = out.shape[1] * out.shape[2] * out.shape[3];
  const float* src = in[0].as<float>().data();
  const float* added = residual ? in[3].as<float>().data() : nullptr;
  for (int64_t n = 0; n < x[0]; ++n)
    conv.run(src + n * in_frame, residual ? added + n * out_frame : nullptr, dst + n * out_frame);
  return result;
}

Result<std::vector<Step>> Conv::lower(const LowerContext& context) const {
  GRAUPEL_TRY(const Linear linear, lower_linear(context, clamp, residual));
  GRAUPEL_TRY(const View in, image_of(context.in[0]));
  GRAUPEL_TRY(const View out, image_of(context.out));
  Step step;
  step.src.push_back({0, {}});
  if (residual) step.src.push_back({3, {}});
  if (groups > 1 && groups == in.c && groups == out.c)
    step.params = DepthwiseParams{
        in, out, window, linear.in_zero_point, linear.weights, linear.bias, linear.epilogue, linear.weight};
  else
    step.params = ConvParams{
        in, out, window, groups, linear.in_zero_point, linear.weights, linear.bias, linear.epilogue, linear.weight};
  return std::vector{std::move(step)};
}

std::span<const OnnxImport> Conv::imports() {
  static constexpr OnnxImport kImports[] = {{"Conv", import_conv}};
  return kImports;
}

std::span<const Constraint<Conv>> Conv::constraints() { return kFewProducts<Conv>; }

static_assert(OpType<Conv>);

}  // namespace graupel
