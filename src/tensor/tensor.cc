#include "tensor/tensor.h"

#include <algorithm>
#include <cstring>
#include <limits>

namespace graupel {
namespace {

struct DTypeName {
  DType dtype;
  std::string_view name;
  std::size_t bytes;
};
constexpr DTypeName kDTypes[] = {
    {DType::kF32, "f32", 4}, {DType::kU8, "u8", 1},   {DType::kS8, "s8", 1},
    {DType::kU16, "u16", 2}, {DType::kS16, "s16", 2}, {DType::kS32, "s32", 4},
    {DType::kS64, "s64", 8}, {DType::kF64, "f64", 8}, {DType::kBool, "bool", 1},
};

}  // namespace

std::string_view to_string(DType dtype) { return kDTypes[static_cast<std::size_t>(dtype)].name; }
std::size_t size_bytes(DType dtype) { return kDTypes[static_cast<std::size_t>(dtype)].bytes; }

Result<DType> parse_dtype(std::string_view name) {
  for (const DTypeName& row : kDTypes)
    if (row.name == name) return row.dtype;
  return invalid("element type '", name, "' (accepted: f32, u8, s8, u16, s16, s32, s64, f64, bool)");
}

std::string to_string(const Shape& shape) {
  std::string text;
  for (int64_t extent : shape) text += (text.empty() ? "" : "x") + std::to_string(extent);
  return text.empty() ? "scalar" : text;
}

int64_t element_count(const Shape& shape) {
  int64_t count = 1;
  for (int64_t extent : shape) count *= extent;
  return count;
}

Result<> validate(const Shape& shape) {
  if (shape.size() > 8) return unsupported("a tensor of ", shape.size(), " dimensions (supported: up to 8)");
  int64_t count = 1;
  for (int64_t extent : shape) {
    if (extent < 0) return invalid("shape ", to_string(shape), " has the negative extent ", extent);
    if (extent > 0 && count > std::numeric_limits<int32_t>::max() / extent)
      return unsupported("shape ", to_string(shape), " has more than 2147483647 elements");
    count *= extent;
  }
  return {};
}

std::string to_string(const TensorType& type) {
  std::string text = cat(to_string(type.dtype), "[");
  for (std::size_t i = 0; i < type.shape.size(); ++i) text += cat(i == 0 ? "" : ",", type.shape[i]);
  text += "]";
  if (!type.quant) return text;
  if (type.quant->axis >= 0) return cat(text, " q(axis ", type.quant->axis, ")");
  return cat(text, " q(", type.quant->scale[0], ", ", type.quant->zero_point[0], ")");
}

Tensor Tensor::reshaped(Shape shape) const {
  check(element_count(shape) == element_count(type.shape), "Tensor::reshaped: count");
  Tensor tensor = *this;
  tensor.type.shape = std::move(shape);
  return tensor;
}

Tensor transposed(const Tensor& tensor, std::span<const int> order) {
  const Shape& in = tensor.type.shape;
  const std::size_t rank = in.size();
  check(order.size() == rank, "transposed: order length");
  std::vector<int64_t> in_stride(rank, 1);
  for (std::size_t i = rank; i-- > 1;) in_stride[i - 1] = in_stride[i] * in[i];
  Shape out(rank);
  std::vector<int64_t> stride(rank);
  for (std::size_t i = 0; i < rank; ++i) {
    out[i] = in[static_cast<std::size_t>(order[i])];
    stride[i] = in_stride[static_cast<std::size_t>(order[i])];
  }
  const std::size_t size = size_bytes(tensor.type.dtype);
  Tensor result{{tensor.type.dtype, out, tensor.type.quant}, nullptr};
  if (result.type.quant && result.type.quant->axis >= 0)
    result.type.quant->axis =
        static_cast<int>(std::find(order.begin(), order.end(), result.type.quant->axis) - order.begin());
  auto bytes = std::make_shared<Bytes>(result.type.bytes());
  std::vector<int64_t> at(rank, 0);
  int64_t source = 0;
  for (int64_t i = 0, n = element_count(out); i < n; ++i) {
    std::memcpy(bytes->data() + static_cast<std::size_t>(i) * size,
                tensor.data->data() + static_cast<std::size_t>(source) * size, size);
    for (std::size_t d = rank; d-- > 0;) {
      source += stride[d];
      if (++at[d] < out[d]) break;
      source -= stride[d] * out[d];
      at[d] = 0;
    }
  }
  result.data = std::move(bytes);
  return result;
}

}  // namespace graupel
