// ONNX Add, Sub, Mul, Div, Sum, Min, Max: with a constant scalar or one per channel an Affine, else a Binary.
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "ops/image_import.h"
#include "ops/integers_import.h"

namespace graupel {
namespace {

using Kind = Binary::Kind;

/// A node's input as it comes: a constant in ONNX order, or a value of the graph.
struct Operand {
  std::optional<Tensor> constant;
  ImportValue value;

  const Shape& shape() const { return constant ? constant->type.shape : value.shape; }
};

Result<Operand> operand(ImportContext& context, std::size_t i) {
  if (context.constant(i) != nullptr) {
    GRAUPEL_TRY(Tensor constant, constant_f32(context, i, "operand"));
    if (element_count(constant.type.shape) == 0)
      return unsupported("input ", i, " of shape ", to_string(constant.type.shape), " is empty");
    return Operand{std::move(constant), {}};
  }
  GRAUPEL_TRY(ImportValue value, context.in(i));
  return Operand{{}, std::move(value)};
}

// Constants that a table can hold.

/// `constant` as [1] or [C] when it is one value or one per index of the extent that `x` stores last.
std::optional<Tensor> as_affine_constant(const ImportValue& x, const Tensor& constant) {
  const Shape& shape = constant.type.shape;
  const std::size_t rank = x.shape.size();
  if (rank == 0 || shape.size() > rank) return {};
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const auto axis = static_cast<int>(rank - shape.size() + i);
    if (shape[i] != 1 && (axis != x.order.back() || shape[i] != x.shape[static_cast<std::size_t>(axis)])) return {};
  }
  return constant.reshaped({element_count(shape)});
}

template <class F>
Tensor mapped(const Tensor& constant, F f) {
  auto [result, data] = Tensor::make<float>(constant.type.shape);
  for (const float value : constant.as<float>()) *data++ = f(value);
  return result;
}

Result<Tensor> inverse_of(const Tensor& constant) {
  for (const float c : constant.as<float>())
    if (c == 0 || !std::isfinite(1 / c)) return invalid("divides by ", c, "; the quotient is not finite");
  return mapped(constant, [](float c) { return 1 / c; });
}

Result<ImportValue> affine(ImportContext& context, const ImportValue& x, const Tensor& scale, const Tensor& shift) {
  const std::vector<ImportValue> in = {x, context.add_constant(scale), context.add_constant(shift)};
  return context.emit(Affine{}, in, x.order);
}

/// x op constant, or constant op x when `constant_first`, for Add, Sub, Mul, Div.
Result<ImportValue> affine_of(ImportContext& context, Kind kind, ImportValue x, const Tensor& constant,
                              bool constant_first) {
  const Tensor one = filled(1, 1.0f), zero = filled(1, 0.0f);
  switch (kind) {
    case Kind::kAdd: return affine(context, x, one, constant);
    case Kind::kSub:
      if (constant_first) return affine(context, x, filled(1, -1.0f), constant);
      return affine(context, x, one, mapped(constant, [](float c) { return -c; }));
    case Kind::kMul: return affine(context, x, constant, zero);
    case Kind::kDiv: break;
    case Kind::kMin:
    case Kind::kMax: return invalid("has no affine form");
  }
  if (!constant_first) {
    GRAUPEL_TRY(const Tensor inverse, inverse_of(constant));
    return affine(context, x, inverse, zero);
  }
  GRAUPEL_TRY(x, context.emit(Unary{UnaryKind::kReciprocal, 0, 0}, std::vector{x}, x.order));
  const auto values = constant.as<float>();
  if (std::all_of(values.begin(), values.end(), [](float c) { return c == 1; })) return x;
  return affine(context, x, constant, zero);
}

// Two tensors.

Shape with_leading_ones(const Shape& shape, std::size_t rank) {
  Shape extended(rank, 1);
  std::copy(shape.begin(), shape.end(), extended.end() - static_cast<std::ptrdiff_t>(shape.size()));
  return extended;
}

/// `operand` with `order.size()` extents, stored in `order`.
Result<ImportValue> aligned(ImportContext& context, const Operand& operand, const std::vector<int>& order) {
  const Shape shape = with_leading_ones(operand.shape(), order.size());
  if (operand.constant) return context.in_order(context.add_constant(operand.constant->reshaped(shape)), order);
  ImportValue value = operand.value;
  if (value.shape.size() != order.size()) {
    value = context.in_onnx_order(value);
    GRAUPEL_TRY(value, context.emit(Reshape{shape}, std::vector{value}, onnx_order(shape.size())));
  }
  return context.in_order(value, order);
}

/// Whether `b` rather than `a` says how the operands are stored: more extents, then computed, then larger, then images.
bool second_leads(const Operand& a, const Operand& b) {
  if (a.shape().size() != b.shape().size()) return b.shape().size() > a.shape().size();
  if (a.constant.has_value() != b.constant.has_value()) return a.constant.has_value();
  if (a.constant) return false;
  const int64_t size_a = element_count(a.shape()), size_b = element_count(b.shape());
  if (size_a != size_b) return size_b > size_a;
  return a.value.order == onnx_order(a.value.order.size());
}

Result<ImportValue> of_tensors(ImportContext& context, Kind kind, const Operand& a, const Operand& b) {
  const Operand& lead = second_leads(a, b) ? b : a;
  const std::vector<int> order = lead.constant ? onnx_order(lead.shape().size()) : lead.value.order;
  GRAUPEL_TRY(const ImportValue first, aligned(context, a, order));
  GRAUPEL_TRY(const ImportValue second, aligned(context, b, order));
  return context.emit(Binary{kind, {}}, std::vector{first, second}, order);
}

Result<ImportValue> combine(ImportContext& context, Kind kind, const Operand& a, const Operand& b) {
  if (a.constant.has_value() == b.constant.has_value()) return of_tensors(context, kind, a, b);
  const ImportValue& x = a.constant ? b.value : a.value;
  const Tensor& constant = a.constant ? *a.constant : *b.constant;
  for (const float value : constant.as<float>())
    if (std::isnan(value)) return invalid("a constant operand holds NaN");
  const bool single = element_count(constant.type.shape) == 1 && constant.type.shape.size() <= x.shape.size();
  if (single && (kind == Kind::kMin || kind == Kind::kMax)) {
    constexpr float kInf = std::numeric_limits<float>::infinity();
    const float bound = constant.as<float>()[0];
    Unary op{UnaryKind::kClip, kind == Kind::kMax ? bound : -kInf, kind == Kind::kMin ? bound : kInf};
    if (kind == Kind::kMax && bound == 0) op = Unary{UnaryKind::kRelu, 0, 0};
    return context.emit(op, std::vector{x}, x.order);
  }
  const auto table_constant = as_affine_constant(x, constant);
  if (table_constant && kind != Kind::kMin && kind != Kind::kMax)
    return affine_of(context, kind, x, *table_constant, a.constant.has_value());
  if (kind == Kind::kDiv && b.constant) {
    GRAUPEL_TRY(Tensor inverse, inverse_of(constant));
    return of_tensors(context, Kind::kMul, a, Operand{std::move(inverse), {}});
  }
  return of_tensors(context, kind, a, b);
}

template <Kind kKind>
Result<> import_pair(ImportContext& context) {
  GRAUPEL_TRY(const Operand a, operand(context, 0));
  GRAUPEL_TRY(const Operand b, operand(context, 1));
  GRAUPEL_TRY(const ImportValue out, combine(context, kKind, a, b));
  context.set_output(0, out);
  return {};
}

/// Sum, Min and Max of any number of inputs, from the left.
template <Kind kKind>
Result<> import_chain(ImportContext& context) {
  GRAUPEL_TRY(Operand total, operand(context, 0));
  for (std::size_t i = 1; i < context.inputs(); ++i) {
    GRAUPEL_TRY(const Operand next, operand(context, i));
    GRAUPEL_TRY(ImportValue sum, combine(context, kKind, total, next));
    total = Operand{{}, std::move(sum)};
  }
  if (total.constant) total.value = context.add_constant(*total.constant);
  context.set_output(0, total.value);
  return {};
}

}  // namespace

std::span<const OnnxImport> Binary::imports() {
  static constexpr OnnxImport kImports[] = {{"Add", import_pair<Kind::kAdd>},  {"Div", import_pair<Kind::kDiv>},
                                            {"Max", import_chain<Kind::kMax>}, {"Min", import_chain<Kind::kMin>},
                                            {"Mul", import_pair<Kind::kMul>},  {"Sub", import_pair<Kind::kSub>},
                                            {"Sum", import_chain<Kind::kAdd>}};
  return kImports;
}

}  // namespace graupel
