#include "compiler/fold.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "compiler/fold_rules.h"

namespace graupel {
namespace {

constexpr int64_t kMostElements = int64_t{1} << 24;

template <class Visit>
void visit_type(DType dtype, Visit&& visit) {
  switch (dtype) {
    case DType::kF32: return visit(float{});
    case DType::kF64: return visit(double{});
    case DType::kU8: return visit(uint8_t{});
    case DType::kS8: return visit(int8_t{});
    case DType::kU16: return visit(uint16_t{});
    case DType::kS16: return visit(int16_t{});
    case DType::kS32: return visit(int32_t{});
    case DType::kS64: return visit(int64_t{});
    case DType::kBool: return visit(bool{});
  }
}

template <class To>
std::vector<To> widen(const Tensor& tensor) {
  std::vector<To> values;
  visit_type(tensor.type.dtype, [&](auto zero) {
    for (const auto value : tensor.as<decltype(zero)>()) values.push_back(static_cast<To>(value));
  });
  return values;
}

/// What ONNX Cast makes of a value: floats truncate (out of range saturates, NaN becomes 0), integers wrap.
template <class To, class From>
To cast(From value) {
  if constexpr (std::is_same_v<To, bool>) {
    return value != From{0};
  } else if constexpr (std::is_integral_v<To> && std::is_floating_point_v<From>) {
    if (std::isnan(value)) return To{0};
    if (value <= static_cast<From>(std::numeric_limits<To>::min())) return std::numeric_limits<To>::min();
    if (value >= static_cast<From>(std::numeric_limits<To>::max())) return std::numeric_limits<To>::max();
    return static_cast<To>(value);
  } else {
    return static_cast<To>(value);
  }
}

template <class From>
Tensor narrow(DType dtype, Shape shape, std::span<const From> values) {
  Tensor tensor;
  visit_type(dtype, [&](auto zero) {
    using To = decltype(zero);
    auto [made, data] = Tensor::make<To>(std::move(shape));
    std::transform(values.begin(), values.end(), data, [](From value) { return cast<To>(value); });
    tensor = std::move(made);
  });
  return tensor;
}

std::vector<FoldRule> all_rules() {
  std::vector<FoldRule> all(math_folds().begin(), math_folds().end());
  for (const std::span<const FoldRule> more : {move_folds(), quantize_folds()})
    all.insert(all.end(), more.begin(), more.end());
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.op_type < b.op_type; });
  return all;
}

const std::vector<FoldRule>& rules() {
  static const std::vector<FoldRule> kRules = all_rules();
  return kRules;
}

}  // namespace

const FoldRule* find_fold(std::string_view op_type) {
  for (const FoldRule& rule : rules())
    if (rule.op_type == op_type) return &rule;
  return nullptr;
}

std::vector<std::string_view> foldable_operators() {
  std::vector<std::string_view> names;
  for (const FoldRule& rule : rules()) names.push_back(rule.op_type);
  return names;
}

bool can_fold(const FoldRule& rule, const FoldContext& context) {
  if (rule.shape_suffices) return !context.shapes.empty() && context.shapes[0].has_value();
  for (std::size_t i = 0; i < context.in.size(); ++i)
    if (!context.node.inputs[i].empty() && context.in[i] == nullptr) return false;
  return true;
}

Result<std::vector<Tensor>> fold(const FoldRule& rule, const FoldContext& context) { return rule.fold(context); }

Result<> check_size(const FoldContext& context, const Shape& shape) {
  GRAUPEL_DO(validate(shape));
  int64_t given = 0;
  for (const Tensor* tensor : context.in)
    if (tensor != nullptr) given += element_count(tensor->type.shape);
  if (element_count(shape) <= std::max(kMostElements, given)) return {};
  return unsupported("a constant of shape ", to_string(shape), " would be computed (supported: up to ", kMostElements,
                     " elements)");
}

Result<const Tensor*> operand(const FoldContext& context, std::size_t i) {
  if (context.has(i)) return context.in[i];
  return invalid("input ", i, " is missing");
}

Result<std::vector<int64_t>> integers_of(const FoldContext& context, std::size_t i) {
  GRAUPEL_TRY(const Tensor* tensor, operand(context, i));
  if (!is_integer(tensor->type.dtype))
    return invalid("input ", i, " is ", to_string(tensor->type.dtype), " (expected: integers)");
  return as_integers(*tensor);
}

Result<std::optional<std::vector<int64_t>>> integers_from(const FoldContext& context, const std::string& key,
                                                          std::size_t i) {
  using Integers = std::optional<std::vector<int64_t>>;
  if (context.node.has(key)) {
    GRAUPEL_TRY(std::vector<int64_t> values, context.node.integers(key, {}));
    return Integers(std::move(values));
  }
  if (!context.has(i)) return Integers();
  GRAUPEL_TRY(std::vector<int64_t> values, integers_of(context, i));
  return Integers(std::move(values));
}

Result<std::size_t> axis_of(int64_t axis, std::size_t rank) {
  const auto extents = static_cast<int64_t>(rank);
  if (axis < -extents || axis >= extents) return invalid("axis ", axis, " of a tensor of ", rank, " extents");
  return static_cast<std::size_t>(axis < 0 ? axis + extents : axis);
}

Result<Shape> broadcast(const Shape& a, const Shape& b) {
  Shape shape(std::max(a.size(), b.size()), 1);
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const int64_t from_a = i < a.size() ? a[a.size() - 1 - i] : 1;
    const int64_t from_b = i < b.size() ? b[b.size() - 1 - i] : 1;
    if (from_a != from_b && from_a != 1 && from_b != 1)
      return invalid("shapes ", to_string(a), " and ", to_string(b), " do not broadcast");
    shape[shape.size() - 1 - i] = from_a == 1 ? from_b : from_a;
  }
  return shape;
}

Tensor pick(const Tensor& in, const Shape& shape, const std::function<int64_t(int64_t)>& source) {
  const std::size_t size = size_bytes(in.type.dtype);
  Tensor out{{in.type.dtype, shape, {}}, nullptr};
  auto bytes = std::make_shared<Bytes>(out.type.bytes());
  for (int64_t i = 0, n = element_count(shape); i < n; ++i)
    std::memcpy(bytes->data() + static_cast<std::size_t>(i) * size,
                in.data->data() + static_cast<std::size_t>(source(i)) * size, size);
  out.data = std::move(bytes);
  return out;
}

bool is_integer(DType dtype) { return dtype != DType::kF32 && dtype != DType::kF64; }

std::vector<double> as_doubles(const Tensor& tensor) { return widen<double>(tensor); }
std::vector<int64_t> as_integers(const Tensor& tensor) { return widen<int64_t>(tensor); }

Tensor from_doubles(DType dtype, Shape shape, std::span<const double> values) {
  return narrow<double>(dtype, std::move(shape), values);
}
Tensor from_integers(DType dtype, Shape shape, std::span<const int64_t> values) {
  return narrow<int64_t>(dtype, std::move(shape), values);
}

std::vector<int64_t> strides_of(const Shape& shape) {
  std::vector<int64_t> strides(shape.size(), 1);
  for (std::size_t i = shape.size(); i-- > 1;) strides[i - 1] = strides[i] * shape[i];
  return strides;
}

std::vector<int64_t> broadcast_offsets(const Shape& from, const Shape& shape) {
  std::vector<int64_t> stride(shape.size(), 0);
  const std::vector<int64_t> dense = strides_of(from);
  for (std::size_t i = 0; i < from.size(); ++i)
    if (from[i] != 1) stride[shape.size() - from.size() + i] = dense[i];
  std::vector<int64_t> offsets(static_cast<std::size_t>(element_count(shape)));
  std::vector<int64_t> at(shape.size(), 0);
  int64_t offset = 0;
  for (int64_t& one : offsets) {
    one = offset;
    for (std::size_t d = shape.size(); d-- > 0;) {
      offset += stride[d];
      if (++at[d] < shape[d]) break;
      offset -= stride[d] * shape[d];
      at[d] = 0;
    }
  }
  return offsets;
}

}  // namespace graupel
