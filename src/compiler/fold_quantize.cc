// Constants that a quantized model holds as codes, and codes that it makes of constants.
#include <algorithm>
#include <cmath>

#include "compiler/fold_rules.h"

namespace graupel {
namespace {

/// The index of the scale of each element: one scale for all, or one per index of an axis.
Result<std::vector<std::size_t>> scale_of_elements(const FoldContext& context, const Tensor& in, const Tensor& scale) {
  GRAUPEL_TRY(const int64_t block, context.node.integer("block_size", 0));
  if (block != 0) return unsupported("attribute block_size is ", block, " (supported: scales per tensor or axis)");
  const auto count = static_cast<std::size_t>(element_count(in.type.shape));
  std::vector<std::size_t> index(count, 0);
  if (element_count(scale.type.shape) == 1) return index;
  GRAUPEL_TRY(const int64_t wanted, context.node.integer("axis", 1));
  GRAUPEL_TRY(const std::size_t axis, axis_of(wanted, in.type.shape.size()));
  const int64_t extent = in.type.shape[axis], inner = strides_of(in.type.shape)[axis];
  if (scale.type.shape != Shape{extent})
    return invalid("scales of shape ", to_string(scale.type.shape), " for an extent of ", extent);
  for (std::size_t i = 0; i < count; ++i) index[i] = static_cast<std::size_t>(static_cast<int64_t>(i) / inner % extent);
  return index;
}

Result<std::vector<int64_t>> zero_points_of(const FoldContext& context, const Tensor& scale) {
  if (!context.has(2)) return std::vector<int64_t>(static_cast<std::size_t>(element_count(scale.type.shape)), 0);
  GRAUPEL_TRY(std::vector<int64_t> zero, integers_of(context, 2));
  if (zero.size() != static_cast<std::size_t>(element_count(scale.type.shape)))
    return invalid(zero.size(), " zero points for ", element_count(scale.type.shape), " scales");
  return zero;
}

Folded fold_dequantize(const FoldContext& context) {
  GRAUPEL_TRY(const Tensor* in, operand(context, 0));
  GRAUPEL_TRY(const Tensor* scale, operand(context, 1));
  if (!is_integer(in->type.dtype)) return invalid("codes are ", to_string(in->type.dtype), " (expected: integers)");
  GRAUPEL_TRY(const std::vector<std::size_t> at, scale_of_elements(context, *in, *scale));
  GRAUPEL_TRY(const std::vector<int64_t> zero, zero_points_of(context, *scale));
  const std::vector<int64_t> codes = as_integers(*in);
  const std::vector<double> scales = as_doubles(*scale);
  std::vector<double> values(codes.size());
  for (std::size_t i = 0; i < codes.size(); ++i)
    values[i] = static_cast<double>(codes[i] - zero[at[i]]) * scales[at[i]];
  return std::vector{from_doubles(DType::kF32, in->type.shape, values)};
}

struct Codes {
  DType dtype;
  double least, most;
};
constexpr Codes kCodes[] = {
    {DType::kU8, 0, 255}, {DType::kS8, -128, 127}, {DType::kU16, 0, 65535}, {DType::kS16, -32768, 32767}};

Result<Codes> codes_of(const FoldContext& context) {
  GRAUPEL_TRY(const int64_t given, context.node.integer("output_dtype", 0));
  constexpr int64_t kNumbers[] = {2, 3, 4, 5};  // ONNX's numbers of the types above
  for (std::size_t i = 0; i < std::size(kCodes); ++i)
    if (context.has(2) ? context.in[2]->type.dtype == kCodes[i].dtype : given == kNumbers[i]) return kCodes[i];
  if (!context.has(2) && given == 0) return kCodes[0];
  return unsupported("codes of another type than u8, s8, u16 and s16");
}

Folded fold_quantize(const FoldContext& context) {
  GRAUPEL_TRY(const Tensor* in, operand(context, 0));
  GRAUPEL_TRY(const Tensor* scale, operand(context, 1));
  GRAUPEL_TRY(const Codes codes, codes_of(context));
  GRAUPEL_TRY(const std::vector<std::size_t> at, scale_of_elements(context, *in, *scale));
  GRAUPEL_TRY(const std::vector<int64_t> zero, zero_points_of(context, *scale));
  std::vector<double> values = as_doubles(*in);
  const std::vector<double> scales = as_doubles(*scale);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto quotient = static_cast<float>(values[i] / scales[at[i]]);
    const double code = static_cast<double>(std::nearbyint(quotient)) + static_cast<double>(zero[at[i]]);
    values[i] = std::clamp(code, codes.least, codes.most);
  }
  return std::vector{from_doubles(codes.dtype, in->type.shape, values)};
}

constexpr FoldRule kRules[] = {{"DequantizeLinear", fold_dequantize}, {"QuantizeLinear", fold_quantize}};

}  // namespace

std::span<const FoldRule> quantize_folds() { return kRules; }

}  // namespace graupel
