#include "ops/affine.h"

#include <cmath>

#include "ops/expect.h"
#include "ops/image_import.h"
#include "ops/table.h"

namespace graupel {
namespace {

Result<> import_batch_normalization(ImportContext& context) {
  const onnx::Node& node = context.node();
  GRAUPEL_TRY(const int64_t training, node.integer("training_mode", 0));
  GRAUPEL_TRY(const int64_t spatial, node.integer("spatial", 1));
  if (training != 0) return unsupported("attribute training_mode is ", training, " (supported: 0)");
  if (spatial != 1) return unsupported("attribute spatial is ", spatial, " (supported: 1)");
  GRAUPEL_DO(refuse_output(context, 1, "running mean"));
  GRAUPEL_TRY(const float epsilon, node.real("epsilon", 1e-5f));
  GRAUPEL_TRY(ImportValue x, context.in(0));
  const char* const kNames[] = {"scale", "B", "mean", "var"};
  std::vector<Tensor> constants;
  const int64_t channels = x.shape.size() < 2 ? 1 : x.shape[1];
  for (std::size_t i = 1; i <= 4; ++i) {
    GRAUPEL_TRY(Tensor constant, constant_f32(context, i, kNames[i - 1]));
    if (constant.type.shape != Shape{channels})
      return invalid("input ", i, " (", kNames[i - 1], ") has shape ", to_string(constant.type.shape),
                     "; the input has ", channels, " channels");
    constants.push_back(std::move(constant));
  }
  auto [scale, scales] = Tensor::make<float>({channels});
  auto [shift, shifts] = Tensor::make<float>({channels});
  for (std::size_t c = 0; c < static_cast<std::size_t>(channels); ++c) {
    const auto value = [&](std::size_t i) { return static_cast<double>(constants[i].as<float>()[c]); };
    const double factor = value(0) / std::sqrt(value(3) + static_cast<double>(epsilon));
    scales[c] = static_cast<float>(factor);
    shifts[c] = static_cast<float>(value(1) - value(2) * factor);
    if (!std::isfinite(scales[c]) || !std::isfinite(shifts[c]))
      return invalid("channel ", c, " has scale ", value(0), ", variance ", value(3), " and epsilon ", epsilon,
                     ", which is no finite factor");
  }
  if (x.shape.size() > 1 && x.order.back() != 1) {
    x = context.channels_last(x);
    std::vector<int> order;
    for (const int axis : x.order)
      if (axis != 1) order.push_back(axis);
    order.push_back(1);
    x = context.in_order(x, order);
  }
  return finish_same_order(context, x, Affine{}, {context.add_constant(scale), context.add_constant(shift)});
}

bool per_channel_or_one(const Shape& shape, int64_t channels) {
  return shape.size() == 1 && (shape[0] == 1 || shape[0] == channels);
}

}  // namespace

QuantRule Affine::quant_rule() const { return QuantRule::kCalibrated; }

Result<TensorType> Affine::infer(std::span<const TensorType> in) const {
  GRAUPEL_DO(expect_operands(in, 3));
  GRAUPEL_DO(expect_activation_of_any_rank(in[0], 1, "input"));
  const int64_t channels = in[0].shape.back();
  for (const std::size_t i : {1u, 2u}) {
    const std::string_view what = i == 1 ? "scale" : "shift";
    if (in[i].dtype != DType::kF32) return invalid(what, " is ", to_string(in[i].dtype), "; it must be f32");
    if (!per_channel_or_one(in[i].shape, channels))
      return invalid(what, " has shape ", to_string(in[i].shape), " (accepted: 1 or ", channels, ")");
  }
  return TensorType{in[0].dtype, in[0].shape, {}};
}

Result<Tensor> Affine::eval(const EvalContext& context, std::span<const Tensor> in, const TensorType& out) const {
  auto [result, dst] = context.make(out.shape);
  const int64_t c = out.shape.back(), rows = element_count(out.shape) / c;
  std::vector<float> scale(static_cast<std::size_t>(c), in[1].as<float>()[0]),
      shift(scale.size(), in[2].as<float>()[0]);
  if (in[1].type.shape[0] == c) scale.assign(in[1].as<float>().begin(), in[1].as<float>().end());
  if (in[2].type.shape[0] == c) shift.assign(in[2].as<float>().begin(), in[2].as<float>().end());
  const float* src = in[0].as<float>().data();
  context.pool->run(rows, 16, [&, data = dst](int64_t begin, int64_t end, int) {
    for (int64_t row = begin; row < end; ++row)
      for (int64_t i = 0; i < c; ++i) {
        const auto at = static_cast<std::size_t>(i);
        data[row * c + i] = src[row * c + i] * scale[at] + shift[at];
      }
  });
  return result;
}

Result<std::vector<Step>> Affine::lower(const LowerContext& context) const {
  GRAUPEL_TRY(const Affinity q_in, quantization_of(context.in[0], "input"));
  GRAUPEL_TRY(const Affinity q_out, quantization_of(context.out, "output"));
  GRAUPEL_TRY(const Tensor* scale, constant_operand(context, 1, "scale"));
  GRAUPEL_TRY(const Tensor* shift, constant_operand(context, 2, "shift"));
  const auto scales = scale->as<float>(), shifts = shift->as<float>();
  Table tables;
  for (std::size_t t = 0; t < std::max(scales.size(), shifts.size()); ++t) {
    const double a = scales[scales.size() == 1 ? 0 : t], b = shifts[shifts.size() == 1 ? 0 : t];
    if (!std::isfinite(a) || !std::isfinite(b)) return invalid("channel ", t, " has scale ", a, " and shift ", b);
    append_table(tables, q_in, q_out, [&](double x) { return x * a + b; });
  }
  GRAUPEL_TRY(Step step, table_step(context, tables));
  return std::vector{std::move(step)};
}

std::span<const OnnxImport> Affine::imports() {
  static constexpr OnnxImport kImports[] = {{"BatchNormalization", import_batch_normalization}};
  return kImports;
}

std::span<const Constraint<Affine>> Affine::constraints() { return {}; }

static_assert(OpType<Affine>);

}  // namespace graupel
