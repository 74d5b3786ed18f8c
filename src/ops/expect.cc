#include "ops/expect.h"

#include <algorithm>
#include <cmath>

namespace graupel {

Result<> expect_operands(std::span<const TensorType> in, std::size_t count) {
  if (in.size() != count) return invalid("has ", in.size(), " operands; it takes ", count);
  for (std::size_t i = 0; i < in.size(); ++i) {
    GRAUPEL_DO(validate(in[i].shape).within("operand ", i));
    for (const int64_t extent : in[i].shape)
      if (extent == 0) return invalid("operand ", i, " of shape ", to_string(in[i].shape), " is empty");
  }
  return {};
}

Result<> expect_activation(const TensorType& type, std::size_t rank, std::string_view what) {
  if (type.shape.size() != rank)
    return invalid(what, " has shape ", to_string(type.shape), " of ", type.shape.size(), " extents; ", rank,
                   " are needed");
  return expect_activation_of_any_rank(type, rank, what);
}

Result<> expect_activation_of_any_rank(const TensorType& type, std::size_t least, std::string_view what) {
  if (type.shape.size() < least)
    return invalid(what, " has shape ", to_string(type.shape), "; at least ", least, " extents are needed");
  if (type.dtype != DType::kF32 && !is_codes(type.dtype))
    return invalid(what, " has element type ", to_string(type.dtype), " (accepted: f32, u8, u16)");
  return {};
}

Result<> expect_axis(int32_t axis, const Shape& shape) {
  if (axis < 0 || axis >= static_cast<int32_t>(shape.size()))
    return invalid("axis ", axis, " of shape ", to_string(shape), " (accepted: 0 to ", shape.size() - 1, ")");
  return {};
}

Result<Affinity> quantization_of(const TensorType& type, std::string_view what) {
  if (!is_codes(type.dtype) || !type.quant)
    return invalid(what, " is ", to_string(type), ", not a tensor of u8 or u16 codes; quantize the graph first");
  if (type.quant->axis >= 0 || type.quant->scale.size() != 1 || type.quant->zero_point.size() != 1)
    return invalid(what, " is quantized per channel; an activation has one scale (N1.1)");
  const Affinity q{type.quant->scale[0], type.quant->zero_point[0], most_code(type.dtype)};
  if (!(q.scale > 0) || !std::isfinite(q.scale) || q.zero_point < 0 || q.zero_point > q.most)
    return invalid(what, " has scale ", q.scale, " and zero point ", q.zero_point,
                   " (accepted: a positive finite scale, a zero point from 0 to ", q.most, ")");
  return q;
}

Result<const Tensor*> constant_operand(const LowerContext& context, std::size_t index, std::string_view what) {
  if (index >= context.constants.size() || context.constants[index] == nullptr)
    return unsupported(what, " is computed by the graph; it must be a constant");
  return context.constants[index];
}

Result<> expect_alike(const TensorType& a, const TensorType& b) {
  if (a.dtype == b.dtype || (is_codes(a.dtype) && is_codes(b.dtype))) return {};
  return invalid("operands are ", to_string(a.dtype), " and ", to_string(b.dtype), "; both must be f32, or codes");
}

int32_t code_of(double real, const Affinity& q) {
  const double code = std::nearbyint(std::clamp(real / q.scale, -1e6, 1e6)) + q.zero_point;
  return static_cast<int32_t>(std::clamp(code, 0.0, static_cast<double>(q.most)));
}

}  // namespace graupel
