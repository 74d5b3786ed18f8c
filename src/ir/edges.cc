// The edges of a quantized graph as tensors (N9).
#include "ir/evaluate.h"
#include "kernels/edge/edge.h"

namespace graupel {

Result<Tensor> quantize(const Tensor& real, const TensorType& type) {
  if (real.type.dtype != DType::kF32 || real.type.shape != type.shape)
    return mismatch("tensor of type ", to_string(real.type), " where f32 of shape ", to_string(type.shape),
                    " is needed");
  if (type.dtype != DType::kU8 || !type.quant || type.quant->scale.size() != 1)
    return unsupported("codes of type ", to_string(type), " (supported: u8 with one scale)");
  Tensor codes{type, nullptr};
  auto bytes = std::make_shared<Bytes>(type.bytes());
  const auto values = real.as<float>();
  const std::size_t nan = quantize_u8(values.data(), values.size(), type.quant->scale[0], type.quant->zero_point[0],
                                      reinterpret_cast<uint8_t*>(bytes->data()), detected_isa());
  if (nan != values.size()) return invalid("element ", nan, " of the input is NaN");
  codes.data = std::move(bytes);
  return codes;
}

Tensor dequantize(const Tensor& codes) {
  check(codes.type.dtype == DType::kU8 && codes.type.quant && codes.type.quant->scale.size() == 1, "dequantize: type");
  auto [real, values] = Tensor::make<float>(codes.type.shape);
  const auto source = codes.as<uint8_t>();
  dequantize_u8(source.data(), source.size(), codes.type.quant->scale[0], codes.type.quant->zero_point[0], values);
  return real;
}

}  // namespace graupel
