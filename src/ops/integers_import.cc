#include "ops/integers_import.h"

#include <algorithm>
#include <numeric>

#include "ops/image_import.h"

namespace graupel {

Result<std::vector<int64_t>> constant_integers(const ImportContext& context, std::size_t i, std::string_view what) {
  const Tensor* constant = context.constant(i);
  if (constant == nullptr)
    return unsupported("input ", i, " (", what, ") is computed at run time (supported: a constant)");
  if (constant->type.dtype == DType::kS64) {
    const auto values = constant->as<int64_t>();
    return std::vector<int64_t>(values.begin(), values.end());
  }
  if (constant->type.dtype == DType::kS32) {
    const auto values = constant->as<int32_t>();
    return std::vector<int64_t>(values.begin(), values.end());
  }
  return invalid("input ", i, " (", what, ") is ", to_string(constant->type.dtype), " (accepted: s64, s32)");
}

Result<Tensor> constant_number(const ImportContext& context, std::size_t i, std::string_view what) {
  const Tensor* constant = context.constant(i);
  if (constant == nullptr) return constant_f32(context, i, what);
  auto [numbers, data] = Tensor::make<float>(constant->type.shape);
  if (constant->type.dtype == DType::kBool) {
    for (const bool value : constant->as<bool>()) *data++ = value ? 1.0f : 0.0f;
    return numbers;
  }
  if (constant->type.dtype != DType::kS64 && constant->type.dtype != DType::kS32) return constant_f32(context, i, what);
  GRAUPEL_TRY(const std::vector<int64_t> integers, constant_integers(context, i, what));
  for (const int64_t value : integers) *data++ = static_cast<float>(value);
  return numbers;
}

Result<std::vector<int64_t>> attribute_or_input(const ImportContext& context, const char* key, std::size_t i) {
  if (!context.node().has(key) && context.has(i)) return constant_integers(context, i, key);
  return context.node().integers(key, {});
}

Result<std::vector<int64_t>> checked_axes(std::vector<int64_t> axes, std::size_t rank) {
  if (axes.empty()) {
    axes.resize(rank);
    std::iota(axes.begin(), axes.end(), 0);
  }
  for (std::size_t i = 0; i < axes.size(); ++i) {
    GRAUPEL_TRY(axes[i], checked_axis(axes[i], rank));
    if (std::count(axes.begin(), axes.begin() + static_cast<std::ptrdiff_t>(i), axes[i]) != 0)
      return invalid("axis ", axes[i], " is named twice");
  }
  return axes;
}

std::vector<int> onnx_order(std::size_t rank) {
  std::vector<int> order(rank);
  std::iota(order.begin(), order.end(), 0);
  return order;
}

}  // namespace graupel
