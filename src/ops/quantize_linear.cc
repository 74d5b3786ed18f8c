#include "ops/quantize_linear.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "ops/image_import.h"
#include "ops/integers_import.h"
#include "ops/table.h"

namespace graupel {
namespace {

using Form = QuantizeLinear::Form;

/// In f32, or in double for tables; the quotient is a true division.
template <class T>
T apply(const QuantizeLinear& op, T x) {
  const T scale = static_cast<T>(op.scale), zero = static_cast<T>(op.zero_point);
  if (op.form != Form::kReals)
    x = std::clamp(std::nearbyint(x / scale) + zero, static_cast<T>(op.least), static_cast<T>(op.most));
  return op.form == Form::kCodes ? x : (x - zero) * scale;
}

/// The range of an element type's codes; nothing for one that is not of 8 bits.
std::optional<std::pair<int32_t, int32_t>> code_range_of(DType dtype) {
  if (dtype == DType::kU8) return std::pair{0, 255};
  if (dtype == DType::kS8) return std::pair{-128, 127};
  return {};
}

Result<float> one_scale(const ImportContext& context) {
  GRAUPEL_TRY(const Tensor scale, constant_f32(context, 1, "scale"));
  if (element_count(scale.type.shape) != 1)
    return unsupported("input 1 (scale) has shape ", to_string(scale.type.shape),
                       " (supported on computed tensors: one scale)");
  const float value = scale.as<float>()[0];
  if (!(value > 0) || !std::isfinite(value)) return invalid("the scale is ", value, "; it must be positive and finite");
  return value;
}

/// The element type of the codes: the zero point's, or the attribute's, or u8.
Result<DType> codes_of(const ImportContext& context, const Tensor* zero_point) {
  constexpr int64_t kUint8 = 2, kInt8 = 3;
  if (zero_point != nullptr) return zero_point->type.dtype;
  GRAUPEL_TRY(const int64_t type, context.node().integer("output_dtype", 0));
  if (type == 0 || type == kUint8) return DType::kU8;
  if (type == kInt8) return DType::kS8;
  return unsupported("attribute output_dtype is ", type, " (supported: 2 (u8), 3 (s8))");
}

Result<QuantizeLinear> read(const ImportContext& context, Form form) {
  QuantizeLinear op{form};
  GRAUPEL_TRY(op.scale, one_scale(context));
  const Tensor* zero_point = context.has(2) ? context.constant(2) : nullptr;
  if (context.has(2) && zero_point == nullptr)
    return unsupported("input 2 (zero_point) is computed at run time (supported: a constant)");
  GRAUPEL_TRY(const DType dtype,
              codes_of(context, form == Form::kReals && zero_point == nullptr ? nullptr : zero_point));
  const auto range = code_range_of(dtype);
  if (!range) return unsupported("codes are ", to_string(dtype), " (supported on computed tensors: u8, s8)");
  std::tie(op.least, op.most) = *range;
  if (zero_point == nullptr) return op;
  if (element_count(zero_point->type.shape) != 1)
    return unsupported("input 2 (zero_point) has shape ", to_string(zero_point->type.shape), " (supported: one)");
  op.zero_point = dtype == DType::kU8 ? zero_point->as<uint8_t>()[0] : zero_point->as<int8_t>()[0];
  return op;
}

template <Form kForm>
Result<> import_form(ImportContext& context) {
  GRAUPEL_TRY(const QuantizeLinear op, read(context, kForm));
  GRAUPEL_TRY(const ImportValue x, context.in(0));
  return finish_same_order(context, x, op);
}

}  // namespace

QuantRule QuantizeLinear::quant_rule() const {
  switch (form) {
    case Form::kCodes: return QuantRule::kFixed;
    case Form::kReals: return QuantRule::kCalibrated;
    case Form::kRounded: return QuantRule::kShared;
  }
  return QuantRule::kCalibrated;
}

Result<TensorType> QuantizeLinear::infer(std::span<const TensorType> in) const {
  GRAUPEL_DO(expect_operands(in, 1));
  GRAUPEL_DO(expect_activation_of_any_rank(in[0], 0, "input"));
  if (!(scale > 0) || !std::isfinite(scale)) return invalid("the scale is ", scale, "; it must be positive and finite");
  if (most - least != 255 || zero_point < least || zero_point > most)
    return invalid("codes from ", least, " to ", most, " with zero point ", zero_point,
                   "; 256 codes, one of them the zero point, are needed");
  TensorType out{in[0].dtype, in[0].shape, {}};
  if (form == Form::kRounded) return in[0];
  if (form == Form::kReals || !is_codes(out.dtype)) return out;
  out.dtype = DType::kU8;
  out.quant = QuantParams::per_tensor(1, -least);
  return out;
}

Result<Tensor> QuantizeLinear::eval(const EvalContext& context, std::span<const Tensor> in,
                                    const TensorType& out) const {
  constexpr int64_t kGrain = 8192;
  auto [result, dst] = context.make(out.shape);
  const float* src = in[0].as<float>().data();
  context.pool->run(element_count(out.shape), kGrain, [&, data = dst](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; ++i) data[i] = apply(*this, src[i]);
  });
  return result;
}

Result<std::vector<Step>> QuantizeLinear::lower(const LowerContext& context) const {
  GRAUPEL_TRY(const Affinity q_in, quantization_of(context.in[0], "input"));
  GRAUPEL_TRY(const Affinity q_out, quantization_of(context.out, "output"));
  Table table;
  append_table(table, q_in, q_out, [&](double x) { return apply(*this, x); });
  GRAUPEL_TRY(Step step, table_step(context, table));
  return std::vector{std::move(step)};
}

std::span<const OnnxImport> QuantizeLinear::imports() {
  static constexpr OnnxImport kImports[] = {{"DequantizeLinear", import_form<Form::kReals>},
                                            {"QuantizeLinear", import_form<Form::kCodes>}};
  return kImports;
}

std::span<const Constraint<QuantizeLinear>> QuantizeLinear::constraints() { return {}; }

static_assert(OpType<QuantizeLinear>);

}  // namespace graupel
