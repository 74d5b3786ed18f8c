#include "onnx/tensor_proto.h"

#include <bit>
#include <charconv>
#include <cstring>
#include <limits>

namespace graupel::onnx {
namespace {

using ::onnx::TensorProto;

/// An ONNX element type: its size in raw data and what we keep it as.
struct ElementType {
  int type;
  std::string_view name;
  std::size_t raw_bytes;  ///< 0: not supported
  DType dtype;
};
constexpr ElementType kElementTypes[] = {
    {0, "undefined", 0, DType::kF32},
    {1, "float32", 4, DType::kF32},
    {2, "uint8", 1, DType::kU8},
    {3, "int8", 1, DType::kS8},
    {4, "uint16", 2, DType::kU16},
    {5, "int16", 2, DType::kS16},
    {6, "int32", 4, DType::kS32},
    {7, "int64", 8, DType::kS64},
    {8, "string", 0, DType::kF32},
    {9, "bool", 1, DType::kBool},
    {10, "float16", 2, DType::kF32},
    {11, "float64", 8, DType::kF32},
    {12, "uint32", 4, DType::kS64},
    {13, "uint64", 8, DType::kS64},
    {14, "complex64", 0, DType::kF32},
    {15, "complex128", 0, DType::kF32},
    {16, "bfloat16", 2, DType::kF32},
    {17, "float8e4m3fn", 0, DType::kF32},
    {18, "float8e4m3fnuz", 0, DType::kF32},
    {19, "float8e5m2", 0, DType::kF32},
    {20, "float8e5m2fnuz", 0, DType::kF32},
    {21, "uint4", 0, DType::kF32},
    {22, "int4", 0, DType::kF32},
    {23, "float4e2m1", 0, DType::kF32},
};

const ElementType* find_element_type(int type) {
  for (const ElementType& row : kElementTypes)
    if (row.type == type) return &row;
  return nullptr;
}

float half_to_float(uint16_t half) {
  const uint32_t sign = static_cast<uint32_t>(half & 0x8000u) << 16;
  const uint32_t exponent = (half >> 10) & 31u, mantissa = half & 1023u;
  if (exponent == 31) return std::bit_cast<float>(sign | 0x7f800000u | (mantissa << 13));
  if (exponent != 0) return std::bit_cast<float>(sign | ((exponent + 112) << 23) | (mantissa << 13));
  const float tiny = static_cast<float>(mantissa) * 0x1p-24f;
  return sign != 0 ? -tiny : tiny;
}

float bfloat_to_float(uint16_t bits) { return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16); }

/// One element of `From` bits as our `To`; From decides how the bits are read.
template <class To, class From, auto kConvert>
Result<Tensor> convert_raw(Shape shape, ByteSpan raw) {
  auto [tensor, data] = Tensor::make<To>(std::move(shape));
  for (std::size_t i = 0, n = raw.size() / sizeof(From); i < n; ++i) {
    From value;
    std::memcpy(&value, raw.data() + i * sizeof(From), sizeof(From));
    data[i] = kConvert(value);
  }
  return tensor;
}

Result<Tensor> copy_raw(DType dtype, Shape shape, ByteSpan raw) {
  Tensor tensor{{dtype, std::move(shape), {}}, nullptr};
  auto bytes = std::make_shared<Bytes>(raw.begin(), raw.end());
  if (dtype == DType::kBool)
    for (std::byte& flag : *bytes) flag = flag == std::byte{0} ? std::byte{0} : std::byte{1};
  tensor.data = std::move(bytes);
  return tensor;
}

constexpr auto double_to_float = [](double value) { return static_cast<float>(value); };
constexpr auto u32_to_s64 = [](uint32_t value) { return static_cast<int64_t>(value); };
constexpr auto u64_to_s64 = [](uint64_t value) {
  return static_cast<int64_t>(std::min<uint64_t>(value, std::numeric_limits<int64_t>::max()));
};

Result<Tensor> from_raw(const ElementType& type, Shape shape, ByteSpan raw) {
  switch (type.type) {
    case TensorProto::FLOAT16: return convert_raw<float, uint16_t, half_to_float>(std::move(shape), raw);
    case TensorProto::BFLOAT16: return convert_raw<float, uint16_t, bfloat_to_float>(std::move(shape), raw);
    case TensorProto::DOUBLE: return convert_raw<float, double, double_to_float>(std::move(shape), raw);
    case TensorProto::UINT32: return convert_raw<int64_t, uint32_t, u32_to_s64>(std::move(shape), raw);
    case TensorProto::UINT64: return convert_raw<int64_t, uint64_t, u64_to_s64>(std::move(shape), raw);
    default: return copy_raw(type.dtype, std::move(shape), raw);
  }
}

template <class To, auto kConvert, class Values>
Result<Tensor> convert_list(Shape shape, const Values& values) {
  const int64_t count = element_count(shape);
  if (values.size() != count)
    return corrupt("holds ", values.size(), " elements, but its shape ", to_string(shape), " has ", count);
  auto [tensor, data] = Tensor::make<To>(std::move(shape));
  for (const auto& value : values) *data++ = static_cast<To>(kConvert(value));
  return tensor;
}

constexpr auto as_is = [](auto value) { return value; };
constexpr auto half_bits = [](int32_t value) { return half_to_float(static_cast<uint16_t>(value)); };
constexpr auto bfloat_bits = [](int32_t value) { return bfloat_to_float(static_cast<uint16_t>(value)); };

/// The typed fields: which one holds an element type is fixed by the format.
Result<Tensor> from_lists(const ElementType& type, Shape shape, const TensorProto& proto) {
  switch (type.type) {
    case TensorProto::FLOAT: return convert_list<float, as_is>(std::move(shape), proto.float_data());
    case TensorProto::DOUBLE: return convert_list<float, double_to_float>(std::move(shape), proto.double_data());
    case TensorProto::INT64: return convert_list<int64_t, as_is>(std::move(shape), proto.int64_data());
    case TensorProto::UINT32:
    case TensorProto::UINT64: return convert_list<int64_t, u64_to_s64>(std::move(shape), proto.uint64_data());
    case TensorProto::FLOAT16: return convert_list<float, half_bits>(std::move(shape), proto.int32_data());
    case TensorProto::BFLOAT16: return convert_list<float, bfloat_bits>(std::move(shape), proto.int32_data());
    case TensorProto::INT32: return convert_list<int32_t, as_is>(std::move(shape), proto.int32_data());
    case TensorProto::INT16: return convert_list<int16_t, as_is>(std::move(shape), proto.int32_data());
    case TensorProto::INT8: return convert_list<int8_t, as_is>(std::move(shape), proto.int32_data());
    case TensorProto::UINT16: return convert_list<uint16_t, as_is>(std::move(shape), proto.int32_data());
    case TensorProto::UINT8: return convert_list<uint8_t, as_is>(std::move(shape), proto.int32_data());
    default: return convert_list<bool, as_is>(std::move(shape), proto.int32_data());
  }
}

/// A decimal entry of external_data; `fallback` when absent.
Result<int64_t> external_number(const TensorProto& proto, std::string_view key, int64_t fallback) {
  for (const auto& entry : proto.external_data()) {
    if (entry.key() != key) continue;
    int64_t number = 0;
    const char* end = entry.value().data() + entry.value().size();
    const auto parsed = std::from_chars(entry.value().data(), end, number);
    if (parsed.ec != std::errc{} || parsed.ptr != end || number < 0)
      return corrupt("external data has ", key, " '", entry.value(), "' (accepted: a count of bytes)");
    return number;
  }
  return fallback;
}

Result<ByteSpan> external_bytes(const TensorProto& proto, const ExternalData& external) {
  std::string location;
  for (const auto& entry : proto.external_data())
    if (entry.key() == "location") location = entry.value();
  GRAUPEL_TRY(const int64_t offset, external_number(proto, "offset", 0));
  GRAUPEL_TRY(const int64_t length, external_number(proto, "length", -1));
  return external.bytes(location, offset, length);
}

}  // namespace

std::string element_type_name(int type) {
  const ElementType* row = find_element_type(type);
  return row != nullptr ? std::string(row->name) : cat("number ", type);
}

Result<DType> element_type(int type) {
  const ElementType* row = find_element_type(type);
  if (row == nullptr || row->raw_bytes == 0)
    return unsupported("element type ", element_type_name(type),
                       " (supported: float16, bfloat16, float32, float64, bool, and integers of 8 to 64 bits)");
  return row->dtype;
}

Result<Tensor> read_tensor(const TensorProto& proto, const ExternalData& external) {
  GRAUPEL_TRY([[maybe_unused]] const DType dtype, element_type(proto.data_type()));
  const ElementType& type = *find_element_type(proto.data_type());
  Shape shape(proto.dims().begin(), proto.dims().end());
  GRAUPEL_DO(validate(shape));
  const bool is_external = proto.data_location() == TensorProto::EXTERNAL;
  if (!is_external && !proto.has_raw_data()) return from_lists(type, std::move(shape), proto);
  ByteSpan raw = std::as_bytes(std::span(proto.raw_data()));
  if (is_external) {
    GRAUPEL_TRY(raw, external_bytes(proto, external));
  }
  const std::size_t expected = static_cast<std::size_t>(element_count(shape)) * type.raw_bytes;
  if (raw.size() != expected)
    return corrupt("holds ", raw.size(), " bytes, but ", type.name, " of shape ", to_string(shape), " takes ",
                   expected);
  return from_raw(type, std::move(shape), raw);
}

Result<> embed_external(TensorProto& proto, const ExternalData& external) {
  if (proto.data_location() != TensorProto::EXTERNAL) return {};
  GRAUPEL_TRY(const ByteSpan raw, external_bytes(proto, external));
  proto.set_raw_data(raw.data(), raw.size());
  proto.clear_external_data();
  proto.clear_data_location();
  return {};
}

}  // namespace graupel::onnx
