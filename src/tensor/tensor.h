// Tensors: data with a type. Quantization is described here and nowhere else.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/check.h"
#include "base/fields.h"
#include "base/result.h"
#include "tensor/dtype.h"

namespace graupel {

std::string_view to_string(DType dtype);
Result<DType> parse_dtype(std::string_view name);
std::size_t size_bytes(DType dtype);

template <class T>
constexpr DType dtype_of();
template <>
constexpr DType dtype_of<float>() {
  return DType::kF32;
}
template <>
constexpr DType dtype_of<double>() {
  return DType::kF64;
}
template <>
constexpr DType dtype_of<uint8_t>() {
  return DType::kU8;
}
template <>
constexpr DType dtype_of<int8_t>() {
  return DType::kS8;
}
template <>
constexpr DType dtype_of<uint16_t>() {
  return DType::kU16;
}
template <>
constexpr DType dtype_of<int16_t>() {
  return DType::kS16;
}
template <>
constexpr DType dtype_of<int32_t>() {
  return DType::kS32;
}
template <>
constexpr DType dtype_of<int64_t>() {
  return DType::kS64;
}
template <>
constexpr DType dtype_of<bool>() {
  return DType::kBool;
}

/// Extents, outermost first. Inside a graph four extents are N, H, W, C. A scalar has none.
using Shape = std::vector<int64_t>;

std::string to_string(const Shape& shape);  // "1x640x640x3", "scalar"
int64_t element_count(const Shape& shape);
/// A shape a tensor may have: no negative extent, at most 2^31-1 elements, at most 8 extents.
Result<> validate(const Shape& shape);

/// real = (code - zero_point) * scale. The only description of quantization.
struct QuantParams {
  std::vector<float> scale;         ///< one entry, or one per slice of `axis`
  std::vector<int32_t> zero_point;  ///< same length
  int axis = -1;                    ///< -1: one scale for the whole tensor

  static QuantParams per_tensor(float scale, int32_t zero_point) { return {{scale}, {zero_point}, -1}; }
  static constexpr auto fields() {
    return std::tuple{Field{"scale", &QuantParams::scale}, Field{"zero_point", &QuantParams::zero_point},
                      Field{"axis", &QuantParams::axis}};
  }
  bool operator==(const QuantParams&) const = default;
};

struct TensorType {
  DType dtype = DType::kF32;
  Shape shape;
  std::optional<QuantParams> quant;

  std::size_t bytes() const { return static_cast<std::size_t>(element_count(shape)) * size_bytes(dtype); }
  static constexpr auto fields() {
    return std::tuple{Field{"dtype", &TensorType::dtype}, Field{"shape", &TensorType::shape},
                      Field{"quant", &TensorType::quant}};
  }
  bool operator==(const TensorType&) const = default;
};

std::string to_string(const TensorType& type);  // "u8[1,320,320,16] q(0.0123, 5)"

/// A type and bytes that may be shared: copying a tensor copies no data.
struct Tensor {
  TensorType type;
  std::shared_ptr<const Bytes> data;

  /// A tensor with its own uninitialized bytes and a pointer to fill them.
  template <class T>
  static std::pair<Tensor, T*> make(Shape shape, std::optional<QuantParams> quant = {}) {
    Tensor tensor{{dtype_of<T>(), std::move(shape), std::move(quant)}, nullptr};
    auto bytes = std::make_shared<Bytes>(tensor.type.bytes());
    T* data = reinterpret_cast<T*>(bytes->data());
    tensor.data = std::move(bytes);
    return {std::move(tensor), data};
  }
  template <class T>
  static Tensor of(Shape shape, std::span<const T> values) {
    auto [tensor, data] = make<T>(std::move(shape));
    check(values.size() == static_cast<std::size_t>(element_count(tensor.type.shape)), "Tensor::of: count");
    std::copy(values.begin(), values.end(), data);
    return tensor;
  }
  template <class T>
  static Tensor of(Shape shape, std::initializer_list<T> values) {
    return of<T>(std::move(shape), std::span<const T>(values.begin(), values.size()));
  }

  /// The elements; T must be the tensor's element type.
  template <class T>
  std::span<const T> as() const {
    check(dtype_of<T>() == type.dtype, "Tensor::as: element type");
    return {reinterpret_cast<const T*>(data->data()), static_cast<std::size_t>(element_count(type.shape))};
  }
  ByteSpan bytes() const { return {data->data(), type.bytes()}; }
  /// The same data seen with another shape of equal element count.
  Tensor reshaped(Shape shape) const;
};

/// A copy of `tensor` with extents reordered: output extent i is input extent order[i].
Tensor transposed(const Tensor& tensor, std::span<const int> order);

}  // namespace graupel
