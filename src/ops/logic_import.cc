#include "ops/logic_import.h"

#include <algorithm>
#include <cmath>

#include "ops/binary_import.h"
#include "ops/integers_import.h"

namespace graupel {
namespace {

using Kind = Binary::Kind;

Result<ImportValue> unary(ImportContext& context, UnaryKind kind, const ImportValue& x) {
  return context.emit(Unary{kind, 0, 0}, std::vector{x}, x.order);
}

/// 1 where a > b, else 0: the sign of the difference, which is exact.
Result<ImportValue> exceeds(ImportContext& context, const BinaryOperand& a, const BinaryOperand& b) {
  GRAUPEL_TRY(const ImportValue difference, combine(context, Kind::kSub, a, b));
  GRAUPEL_TRY(const ImportValue sign, unary(context, UnaryKind::kSign, difference));
  return unary(context, UnaryKind::kRelu, sign);
}

/// 1 - truth.
Result<ImportValue> inverted(ImportContext& context, const ImportValue& truth) {
  return combine(context, Kind::kSub, BinaryOperand{filled(1, 1), {}}, BinaryOperand{{}, truth});
}

/// a > b, or with `exchanged` b > a, or with `opposite` what then does not hold.
Result<> compare(ImportContext& context, bool exchanged, bool opposite) {
  GRAUPEL_TRY(const BinaryOperand a, binary_operand(context, exchanged ? 1 : 0));
  GRAUPEL_TRY(const BinaryOperand b, binary_operand(context, exchanged ? 0 : 1));
  GRAUPEL_TRY(ImportValue truth, exceeds(context, a, b));
  if (opposite) {
    GRAUPEL_TRY(truth, inverted(context, truth));
  }
  context.set_output(0, truth);
  return {};
}

Result<ImportValue> combined(ImportContext& context, Kind kind) {
  GRAUPEL_TRY(const BinaryOperand a, binary_operand(context, 0));
  GRAUPEL_TRY(const BinaryOperand b, binary_operand(context, 1));
  return combine(context, kind, a, b);
}

Result<> finish_combined(ImportContext& context, Kind kind) {
  GRAUPEL_TRY(const ImportValue out, combined(context, kind));
  context.set_output(0, out);
  return {};
}

Result<> expect_finite(const BinaryOperand& side, std::size_t input) {
  if (!side.constant) return {};
  for (const float value : side.constant->as<float>())
    if (!std::isfinite(value))
      return unsupported("input ", input, " holds ", value, " (supported: finite constants, such as -1e4 for a mask)");
  return {};
}

/// 1 - condition.
Result<BinaryOperand> opposite(ImportContext& context, const BinaryOperand& condition) {
  if (!condition.constant) {
    GRAUPEL_TRY(ImportValue value, inverted(context, condition.value));
    return BinaryOperand{{}, std::move(value)};
  }
  auto [tensor, data] = Tensor::make<float>(condition.shape());
  for (const float value : condition.constant->as<float>()) *data++ = 1 - value;
  return BinaryOperand{std::move(tensor), {}};
}

/// `side` where `condition` is 1, 0 elsewhere.
Result<BinaryOperand> chosen(ImportContext& context, const BinaryOperand& condition, const BinaryOperand& side) {
  GRAUPEL_TRY(ImportValue value, combine(context, Kind::kMul, condition, side));
  return BinaryOperand{{}, std::move(value)};
}

}  // namespace

Result<> import_greater(ImportContext& context) { return compare(context, false, false); }
Result<> import_greater_or_equal(ImportContext& context) { return compare(context, true, true); }
Result<> import_less(ImportContext& context) { return compare(context, true, false); }
Result<> import_less_or_equal(ImportContext& context) { return compare(context, false, true); }

Result<> import_equal(ImportContext& context) {
  GRAUPEL_TRY(const ImportValue difference, combined(context, Kind::kSub));
  GRAUPEL_TRY(const ImportValue sign, unary(context, UnaryKind::kSign, difference));
  GRAUPEL_TRY(const ImportValue differs, unary(context, UnaryKind::kAbs, sign));
  GRAUPEL_TRY(const ImportValue equal, inverted(context, differs));
  context.set_output(0, equal);
  return {};
}

Result<> import_and(ImportContext& context) { return finish_combined(context, Kind::kMul); }
Result<> import_or(ImportContext& context) { return finish_combined(context, Kind::kMax); }

Result<> import_xor(ImportContext& context) {
  GRAUPEL_TRY(const ImportValue difference, combined(context, Kind::kSub));
  return finish_same_order(context, difference, Unary{UnaryKind::kAbs, 0, 0});
}

Result<> import_not(ImportContext& context) {
  GRAUPEL_TRY(const ImportValue x, context.in(0));
  GRAUPEL_TRY(const ImportValue out, inverted(context, x));
  context.set_output(0, out);
  return {};
}

/// condition * x + (1 - condition) * y: exact in floats, since one of the products is 0.
Result<> import_where(ImportContext& context) {
  GRAUPEL_TRY(const BinaryOperand condition, binary_operand(context, 0));
  GRAUPEL_TRY(const BinaryOperand x, binary_operand(context, 1));
  GRAUPEL_TRY(const BinaryOperand y, binary_operand(context, 2));
  GRAUPEL_DO(expect_finite(x, 1));
  GRAUPEL_DO(expect_finite(y, 2));
  GRAUPEL_TRY(const BinaryOperand otherwise, opposite(context, condition));
  GRAUPEL_TRY(const BinaryOperand first, chosen(context, condition, x));
  GRAUPEL_TRY(const BinaryOperand second, chosen(context, otherwise, y));
  GRAUPEL_TRY(const ImportValue sum, combine(context, Kind::kAdd, first, second));
  context.set_output(0, sum);
  return {};
}

Result<> import_trilu(ImportContext& context) {
  GRAUPEL_TRY(const BinaryOperand x, binary_operand(context, 0));
  GRAUPEL_TRY(const int64_t upper, context.node().integer("upper", 1));
  int64_t diagonal = 0;
  if (context.has(1)) {
    GRAUPEL_TRY(const std::vector<int64_t> k, constant_integers(context, 1, "k"));
    if (k.size() != 1) return invalid("input 1 (k) has ", k.size(), " elements; one is needed");
    diagonal = std::clamp<int64_t>(k[0], -(int64_t{1} << 32), int64_t{1} << 32);
  }
  if (x.shape().size() < 2)
    return invalid("an input of shape ", to_string(x.shape()), "; at least 2 extents are needed");
  const int64_t rows = x.shape()[x.shape().size() - 2], columns = x.shape().back();
  auto [triangle, data] = Tensor::make<float>({rows, columns});
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t column = 0; column < columns; ++column)
      *data++ = (upper != 0 ? column - row >= diagonal : column - row <= diagonal) ? 1.0f : 0.0f;
  GRAUPEL_TRY(const ImportValue out, combine(context, Kind::kMul, x, BinaryOperand{std::move(triangle), {}}));
  context.set_output(0, out);
  return {};
}

}  // namespace graupel
