// ONNX Add, Sub, Mul, Div, Sum, Mean, Min, Max: with a constant scalar or one per channel an Affine, else a Binary.
#include "ops/binary_import.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "ops/integers_import.h"
#include "ops/logic_import.h"

namespace graupel {
namespace {

using Kind = Binary::Kind;

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
Result<ImportValue> aligned(ImportContext& context, const BinaryOperand& operand, const std::vector<int>& order) {
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
bool second_leads(const BinaryOperand& a, const BinaryOperand& b) {
  if (a.shape().size() != b.shape().size()) return b.shape().size() > a.shape().size();
  if (a.constant.has_value() != b.constant.has_value()) return a.constant.has_value();
  if (a.constant) return false;
  const int64_t size_a = element_count(a.shape()), size_b = element_count(b.shape());
  if (size_a != size_b) return size_b > size_a;
  return a.value.order == onnx_order(a.value.order.size());
}

Result<ImportValue> of_tensors(ImportContext& context, Kind kind, const BinaryOperand& a, const BinaryOperand& b) {
  const BinaryOperand& lead = second_leads(a, b) ? b : a;
  const std::vector<int> order = lead.constant ? onnx_order(lead.shape().size()) : lead.value.order;
  GRAUPEL_TRY(const ImportValue first, aligned(context, a, order));
  GRAUPEL_TRY(const ImportValue second, aligned(context, b, order));
  return context.emit(Binary{kind, {}}, std::vector{first, second}, order);
}

}  // namespace

Result<BinaryOperand> binary_operand(ImportContext& context, std::size_t i) {
  const Tensor* given = context.constant(i);
  if (given == nullptr) {
    GRAUPEL_TRY(ImportValue value, context.in(i));
    return BinaryOperand{{}, std::move(value)};
  }
  if (element_count(given->type.shape) == 0)
    return unsupported("input ", i, " of shape ", to_string(given->type.shape), " is empty");
  GRAUPEL_TRY(Tensor constant, constant_number(context, i, "operand"));
  return BinaryOperand{std::move(constant), {}};
}

Result<ImportValue> combine(ImportContext& context, Kind kind, const BinaryOperand& a, const BinaryOperand& b) {
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
    return of_tensors(context, Kind::kMul, a, BinaryOperand{std::move(inverse), {}});
  }
  return of_tensors(context, kind, a, b);
}

namespace {

template <Kind kKind>
Result<> import_pair(ImportContext& context) {
  GRAUPEL_TRY(const BinaryOperand a, binary_operand(context, 0));
  GRAUPEL_TRY(const BinaryOperand b, binary_operand(context, 1));
  GRAUPEL_TRY(const ImportValue out, combine(context, kKind, a, b));
  context.set_output(0, out);
  return {};
}

/// Sum, Min and Max of any number of inputs, from the left.
template <Kind kKind>
Result<ImportValue> chain(ImportContext& context) {
  GRAUPEL_TRY(BinaryOperand total, binary_operand(context, 0));
  for (std::size_t i = 1; i < context.inputs(); ++i) {
    GRAUPEL_TRY(const BinaryOperand next, binary_operand(context, i));
    GRAUPEL_TRY(ImportValue sum, combine(context, kKind, total, next));
    total = BinaryOperand{{}, std::move(sum)};
  }
  if (total.constant) total.value = context.add_constant(*total.constant);
  return total.value;
}

template <Kind kKind>
Result<> import_chain(ImportContext& context) {
  GRAUPEL_TRY(const ImportValue out, chain<kKind>(context));
  context.set_output(0, out);
  return {};
}

Result<> import_mean(ImportContext& context) {
  GRAUPEL_TRY(const ImportValue sum, chain<Kind::kAdd>(context));
  const BinaryOperand count{filled(1, static_cast<float>(context.inputs())), {}};
  GRAUPEL_TRY(const ImportValue mean, combine(context, Kind::kDiv, BinaryOperand{{}, sum}, count));
  context.set_output(0, mean);
  return {};
}

}  // namespace

std::span<const OnnxImport> Binary::imports() {
  static constexpr OnnxImport kImports[] = {{"Add", import_pair<Kind::kAdd>},
                                            {"And", import_and},
                                            {"Div", import_pair<Kind::kDiv>},
                                            {"Equal", import_equal},
                                            {"Greater", import_greater},
                                            {"GreaterOrEqual", import_greater_or_equal},
                                            {"Less", import_less},
                                            {"LessOrEqual", import_less_or_equal},
                                            {"Max", import_chain<Kind::kMax>},
                                            {"Mean", import_mean},
                                            {"Min", import_chain<Kind::kMin>},
                                            {"Mul", import_pair<Kind::kMul>},
                                            {"Not", import_not},
                                            {"Or", import_or},
                                            {"Sub", import_pair<Kind::kSub>},
                                            {"Sum", import_chain<Kind::kAdd>},
                                            {"Trilu", import_trilu},
                                            {"Where", import_where},
                                            {"Xor", import_xor}};
  return kImports;
}

}  // namespace graupel
