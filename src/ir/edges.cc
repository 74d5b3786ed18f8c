// The edges of a quantized graph as tensors (N9).
#include "ir/evaluate.h"
#include "kernels/edge/edge.h"

namespace graupel {

Result<Tensor> quantize(const Tensor& real, const TensorType& type) {
  if (real.type.dtype != DType::kF32 || real.type.shape != type.shape)
    return mismatch("tensor of type ", to_string(real.type), " where f32 of shape ", to_string(type.shape),
                    " is needed");
  if (!is_codes(type.dtype) || !type.quant || type.quant->scale.size() != 1)
    return unsupported("codes of type ", to_string(type), " (supported: u8 or u16 with one scale)");
  Tensor codes{type, nullptr};
  auto bytes = std::make_shared<Bytes>(type.bytes());
  const auto values = real.as<float>();
  const float scale = type.quant->scale[0];
  const int32_t zero_point = type.quant->zero_point[0];
  const std::size_t nan =
      type.dtype == DType::kU16
          ? quantize_u16(values.data(), values.size(), scale, zero_point, reinterpret_cast<uint16_t*>(bytes->data()))
          : quantize_u8(values.data(), values.size(), scale, zero_point, reinterpret_cast<uint8_t*>(bytes->data()),
                        detected_isa());
  if (nan != values.size()) return invalid("element ", nan, " of the input is NaN");
  codes.data = std::move(bytes);
  return codes;
}

Tensor dequantize(const Tensor& codes) {
  check(is_codes(codes.type.dtype) && codes.type.quant && codes.type.quant->scale.size() == 1, "dequantize: type");
  auto [real, values] = Tensor::make<float>(codes.type.shape);
  const float scale = codes.type.quant->scale[0];
  const int32_t zero_point = codes.type.quant->zero_point[0];
  const auto count = static_cast<std::size_t>(element_count(codes.type.shape));
  if (codes.type.dtype == DType::kU16)
    dequantize_u16(codes.as<uint16_t>().data(), count, scale, zero_point, values);
  else
    dequantize_u8(codes.as<uint8_t>().data(), count, scale, zero_point, values);
  return real;
}

}  // namespace graupel
