// ONNX MatMul, Gemm and Einsum: with a constant matrix a Dense, else a MatMul. Transposes are only noted: either op
// reads and writes extents in any order.
#include <algorithm>
#include <numeric>
#include <optional>

#include "ops/image_import.h"
#include "ops/integers_import.h"

namespace graupel {
namespace {

/// Matrices: a constant in ONNX order, or a value of the graph.
struct Operand {
  std::optional<Tensor> constant;
  ImportValue value;

  const Shape& shape() const { return constant ? constant->type.shape : value.shape; }
  std::size_t rank() const { return shape().size(); }
};

Result<Operand> operand(ImportContext& context, std::size_t i) {
  if (context.constant(i) != nullptr) {
    GRAUPEL_TRY(Tensor constant, constant_f32(context, i, "operand"));
    return Operand{std::move(constant), {}};
  }
  GRAUPEL_TRY(ImportValue value, context.in(i));
  return Operand{{}, std::move(value)};
}

// Extents called anew; values stay where they are.

/// ONNX extent i of the result is extent axes[i].
ImportValue relabelled(const ImportValue& value, std::span<const int> axes) {
  ImportValue result{value.id, {}, {}};
  for (const int axis : axes) result.shape.push_back(value.shape[static_cast<std::size_t>(axis)]);
  for (const int axis : value.order)
    result.order.push_back(static_cast<int>(std::find(axes.begin(), axes.end(), axis) - axes.begin()));
  return result;
}

Operand relabelled(const Operand& operand, std::span<const int> axes) {
  if (operand.constant) return {transposed(*operand.constant, axes), {}};
  return {{}, relabelled(operand.value, axes)};
}

template <class T>
T matrices_transposed(const T& operand, std::size_t rank) {
  std::vector<int> axes = onnx_order(rank);
  std::swap(axes[rank - 2], axes[rank - 1]);
  return relabelled(operand, axes);
}

/// `value` reshaped to `shape`, whose extents are stored in `order`; the stored elements stay as they are.
Result<ImportValue> reshaped(ImportContext& context, const ImportValue& value, const Shape& shape,
                             const std::vector<int>& order) {
  Shape stored;
  for (const int axis : order) stored.push_back(shape[static_cast<std::size_t>(axis)]);
  return context.emit(Reshape{stored}, std::vector{value}, order);
}

/// With extents of 1 put before ONNX extent `at`.
Result<Operand> with_ones(ImportContext& context, const Operand& operand, std::size_t at, std::size_t count) {
  if (count == 0) return operand;
  Shape shape = operand.shape();
  shape.insert(shape.begin() + static_cast<std::ptrdiff_t>(at), count, 1);
  if (operand.constant) return Operand{operand.constant->reshaped(shape), {}};
  std::vector<int> order;
  for (std::size_t i = 0; i < count; ++i) order.push_back(static_cast<int>(at + i));
  for (const int axis : operand.value.order)
    order.push_back(axis < static_cast<int>(at) ? axis : axis + static_cast<int>(count));
  GRAUPEL_TRY(ImportValue value, reshaped(context, operand.value, shape, order));
  return Operand{{}, std::move(value)};
}

/// ONNX extents [first, first + count) as one; brought together first where they are stored apart.
Result<Operand> joined(ImportContext& context, Operand operand, std::size_t first, std::size_t count) {
  if (count == 1) return operand;
  if (count == 0) return with_ones(context, operand, first, 1);
  Shape shape = operand.shape();
  const auto begin = shape.begin() + static_cast<std::ptrdiff_t>(first),
             end = begin + static_cast<std::ptrdiff_t>(count);
  const int64_t extent = std::accumulate(begin, end, int64_t{1}, std::multiplies<>());
  shape.erase(begin + 1, end);
  shape[first] = extent;
  if (operand.constant) return Operand{operand.constant->reshaped(shape), {}};
  const int from = static_cast<int>(first), to = static_cast<int>(first + count);
  std::vector<int> together, order;
  for (const int axis : operand.value.order) {
    if (axis < from || axis >= to) {
      together.push_back(axis);
      order.push_back(axis < from ? axis : axis - static_cast<int>(count) + 1);
    } else if (std::find(order.begin(), order.end(), from) == order.end()) {
      for (int member = from; member < to; ++member) together.push_back(member);
      order.push_back(from);
    }
  }
  GRAUPEL_TRY(ImportValue value, reshaped(context, context.in_order(operand.value, together), shape, order));
  return Operand{{}, std::move(value)};
}

/// The inverse: ONNX extent `at` as `extents`, or taken away when there are none.
Result<ImportValue> split(ImportContext& context, const ImportValue& value, std::size_t at, const Shape& extents) {
  if (extents.size() == 1) return value;
  Shape shape = value.shape;
  shape.erase(shape.begin() + static_cast<std::ptrdiff_t>(at));
  shape.insert(shape.begin() + static_cast<std::ptrdiff_t>(at), extents.begin(), extents.end());
  const int place = static_cast<int>(at), added = static_cast<int>(extents.size()) - 1;
  std::vector<int> order;
  for (const int axis : value.order) {
    if (axis != place) order.push_back(axis < place ? axis : axis + added);
    for (int i = 0; axis == place && i <= added; ++i) order.push_back(place + i);
  }
  return reshaped(context, value, shape, order);
}

// Products.

/// x [.., K] times a constant matrix [K, N].
Result<ImportValue> dense(ImportContext& context, ImportValue x, const Tensor& weights,
                          const std::optional<Tensor>& bias = {}) {
  const int last = static_cast<int>(x.order.size()) - 1;
  if (x.order.back() != last) {
    std::vector<int> order = x.order;
    std::erase(order, last);
    order.push_back(last);
    x = context.in_order(x, order);
  }
  const std::vector in = {x, context.add_constant(weights),
                          context.add_constant(bias ? *bias : filled(weights.type.shape[1], 0))};
  return context.emit(Dense{}, in, x.order);
}

/// How the product is stored: as the operand whose extents lie so that the result has its columns, or else its rows, in
/// neighbouring elements. Then the heads of an attention stay beside their token, as what follows wants them.
std::vector<int> product_order(const Operand& a, const Operand& b) {
  const int column = static_cast<int>(a.rank()) - 1;
  for (const int inner : {column, column - 1})
    for (const Operand* operand : {&b, &a})
      if (!operand->constant && operand->value.order.back() == inner) return operand->value.order;
  return onnx_order(a.rank());
}

std::vector<int32_t> as_attribute(const std::vector<int>& order) { return {order.begin(), order.end()}; }

/// [.., M, K] times [.., K, N], two or more extents each.
Result<ImportValue> product(ImportContext& context, Operand a, Operand b) {
  if (a.constant && b.constant) a = {{}, context.add_constant(*a.constant)};
  const auto matrix = [](const Operand& operand) -> std::optional<Tensor> {
    if (!operand.constant) return {};
    const Shape& shape = operand.shape();
    if (element_count(shape) != shape[shape.size() - 2] * shape.back()) return {};
    return operand.constant->reshaped({shape[shape.size() - 2], shape.back()});
  };
  if (const auto weights = matrix(b); weights && b.rank() <= a.rank()) return dense(context, a.value, *weights);
  if (const auto weights = matrix(a); weights && a.rank() <= b.rank()) {
    const ImportValue x = matrices_transposed(b.value, b.rank());
    GRAUPEL_TRY(const ImportValue out, dense(context, x, transposed(*weights, std::vector{1, 0})));
    return matrices_transposed(out, out.shape.size());
  }
  const std::size_t rank = std::max(a.rank(), b.rank());
  GRAUPEL_TRY(a, with_ones(context, a, 0, rank - a.rank()));
  GRAUPEL_TRY(b, with_ones(context, b, 0, rank - b.rank()));
  const std::vector<int> order = product_order(a, b);
  if (a.constant) a.value = context.add_constant(*a.constant);
  if (b.constant) b.value = context.add_constant(*b.constant);
  const MatMul op{as_attribute(a.value.order), as_attribute(b.value.order), as_attribute(order)};
  return context.emit(op, std::vector{a.value, b.value}, order);
}

Result<> import_matmul(ImportContext& context) {
  GRAUPEL_TRY(Operand a, operand(context, 0));
  GRAUPEL_TRY(Operand b, operand(context, 1));
  if (a.rank() == 0 || b.rank() == 0) return invalid("an operand is a scalar; matrices or vectors are multiplied");
  const bool row = a.rank() == 1, column = b.rank() == 1;
  if (row) {
    GRAUPEL_TRY(a, with_ones(context, a, 0, 1));
  }
  if (column) {
    GRAUPEL_TRY(b, with_ones(context, b, 1, 1));
  }
  GRAUPEL_TRY(ImportValue out, product(context, a, b));
  if (column) {
    GRAUPEL_TRY(out, split(context, out, out.shape.size() - 1, {}));
  }
  if (row) {
    GRAUPEL_TRY(out, split(context, out, out.shape.size() - (column ? 1 : 2), {}));
  }
  context.set_output(0, out);
  return {};
}

// Gemm.

Tensor scaled(const Tensor& tensor, float factor) {
  if (factor == 1.0f) return tensor;
  auto [result, data] = Tensor::make<float>(tensor.type.shape);
  const auto values = tensor.as<float>();
  std::transform(values.begin(), values.end(), data, [&](float value) { return value * factor; });
  return result;
}

Result<ImportValue> scaled(ImportContext& context, const ImportValue& x, float factor) {
  if (factor == 1.0f) return x;
  return context.emit(
      Affine{}, std::vector{x, context.add_constant(filled(1, factor)), context.add_constant(filled(1, 0))}, x.order);
}

Result<Operand> scaled(ImportContext& context, const Operand& operand, float factor) {
  if (operand.constant) return Operand{scaled(*operand.constant, factor), {}};
  GRAUPEL_TRY(ImportValue value, scaled(context, operand.value, factor));
  return Operand{{}, std::move(value)};
}

/// C as one value per column, when it is a constant that is the same for all rows.
std::optional<Tensor> row_of(const Operand& c, int64_t columns) {
  if (!c.constant) return {};
  const Shape& shape = c.shape();
  if (element_count(shape) == 1) return filled(columns, c.constant->as<float>()[0]);
  if (shape.empty() || shape.size() > 2 || shape.back() != columns || element_count(shape) != columns) return {};
  return c.constant->reshaped({columns});
}

Result<ImportValue> sum(ImportContext& context, const ImportValue& x, Operand c) {
  if (c.rank() > 2) return invalid("input 2 (C) has shape ", to_string(c.shape()), "; at most 2 extents are added");
  GRAUPEL_TRY(c, with_ones(context, c, 0, 2 - c.rank()));
  if (c.constant) c.value = context.add_constant(*c.constant);
  return context.emit(Binary{}, std::vector{x, context.in_order(c.value, x.order)}, x.order);
}

Result<> import_gemm(ImportContext& context) {
  const onnx::Node& node = context.node();
  GRAUPEL_TRY(const int64_t transposed_a, node.integer("transA", 0));
  GRAUPEL_TRY(const int64_t transposed_b, node.integer("transB", 0));
  GRAUPEL_TRY(const float alpha, node.real("alpha", 1));
  GRAUPEL_TRY(const float beta, node.real("beta", 1));
  GRAUPEL_TRY(Operand a, operand(context, 0));
  GRAUPEL_TRY(Operand b, operand(context, 1));
  if (a.rank() != 2 || b.rank() != 2)
    return invalid("operands of shape ", to_string(a.shape()), " and ", to_string(b.shape()),
                   "; two matrices are needed");
  if (transposed_a != 0) a = matrices_transposed(a, 2);
  if (transposed_b != 0) b = matrices_transposed(b, 2);
  Operand& factor = b.constant || !a.constant ? b : a;
  if (factor.constant) {
    GRAUPEL_TRY(factor, scaled(context, factor, alpha));
  }
  std::optional<Operand> c;
  if (context.has(2) && beta != 0) {
    GRAUPEL_TRY(const Operand given, operand(context, 2));
    GRAUPEL_TRY(c, scaled(context, given, beta));
  }
  const bool linear = b.constant && !a.constant;
  const std::optional<Tensor> bias = c && linear ? row_of(*c, b.shape()[1]) : std::nullopt;
  ImportValue out;
  if (linear) {
    GRAUPEL_TRY(out, dense(context, a.value, *b.constant, bias));
  } else {
    GRAUPEL_TRY(out, product(context, a, b));
    if (!factor.constant) {
      GRAUPEL_TRY(out, scaled(context, out, alpha));
    }
  }
  if (c && !bias) {
    GRAUPEL_TRY(out, sum(context, out, *c));
  }
  context.set_output(0, out);
  return {};
}

// Einsum.

/// The letters of two operands and of the result; an ellipsis has become capital letters from 'A' on, which the
/// equation may not use then.
struct Equation {
  std::string a, b, out;
};

/// `term` for an operand of `rank` extents.
Result<std::string> letters_of(const std::string& term, std::optional<std::size_t> rank, std::size_t ellipsis) {
  std::string letters;
  for (std::size_t i = 0; i < term.size(); ++i) {
    if (term[i] != '.') {
      letters += term[i];
      continue;
    }
    if (term.compare(i, 3, "...") != 0) return invalid("the equation has a stray '.' in '", term, "'");
    i += 2;
    const std::size_t own = rank ? *rank - std::min(*rank, term.size() - 3) : ellipsis;
    for (std::size_t j = 0; j < own; ++j) letters += static_cast<char>('A' + (ellipsis - own) + j);
  }
  if (rank && letters.size() != *rank)
    return invalid("'", term, "' names ", letters.size(), " extents of an operand that has ", *rank);
  std::string sorted = letters;
  std::sort(sorted.begin(), sorted.end());
  if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end())
    return unsupported("'", term, "' names an extent twice (supported: once)");
  return letters;
}

Result<Equation> parse_equation(std::string text, std::size_t rank_a, std::size_t rank_b) {
  std::erase(text, ' ');
  const std::size_t comma = text.find(','), arrow = text.find("->");
  if (comma == text.npos || text.find(',', comma + 1) != text.npos)
    return unsupported("equation '", text, "' (supported: two operands)");
  const std::string a = text.substr(0, comma), b = text.substr(comma + 1, std::min(arrow, text.size()) - comma - 1);
  const auto hidden = [](const std::string& term, std::size_t rank) {
    return term.find("...") == term.npos ? 0 : rank - std::min(rank, term.size() - 3);
  };
  const std::size_t ellipsis = std::max(hidden(a, rank_a), hidden(b, rank_b));
  Equation equation;
  GRAUPEL_TRY(equation.a, letters_of(a, rank_a, ellipsis));
  GRAUPEL_TRY(equation.b, letters_of(b, rank_b, ellipsis));
  if (arrow != text.npos) {
    GRAUPEL_TRY(equation.out, letters_of(text.substr(arrow + 2), {}, ellipsis));
    return equation;
  }
  // Without an arrow: the ellipsis, then the letters that occur once, sorted.
  const std::string all = equation.a + equation.b;
  for (const char letter : std::string(all))
    if (std::count(all.begin(), all.end(), letter) == 1 ||
        (letter <= 'Z' && letter < static_cast<char>('A' + ellipsis)))
      if (equation.out.find(letter) == std::string::npos) equation.out += letter;
  std::sort(equation.out.begin(), equation.out.end());
  return equation;
}

/// The letters by what becomes of them: in both operands and the result, in one and the result, in both alone.
struct Roles {
  std::string batch, rows, columns, inner;
};

Result<Roles> roles_of(const Equation& equation) {
  const auto in = [](const std::string& letters, char letter) { return letters.find(letter) != std::string::npos; };
  Roles roles;
  for (const char letter : equation.out)
    if (in(equation.a, letter) && in(equation.b, letter)) roles.batch += letter;
  for (const char letter : equation.a) {
    if (in(equation.b, letter) && !in(equation.out, letter)) roles.inner += letter;
    if (in(equation.b, letter)) continue;
    if (!in(equation.out, letter)) return unsupported("extent '", letter, "' of one operand is summed up alone");
    roles.rows += letter;
  }
  for (const char letter : equation.b) {
    if (in(equation.a, letter)) continue;
    if (!in(equation.out, letter)) return unsupported("extent '", letter, "' of one operand is summed up alone");
    roles.columns += letter;
  }
  for (const char letter : equation.out)
    if (!in(equation.a, letter) && !in(equation.b, letter))
      return invalid("the result has the extent '", letter, "', which no operand has");
  return roles;
}

/// `operand`, whose extents are `letters`, with `batch`, then one extent of `first`, one of `second`.
Result<Operand> as_matrices(ImportContext& context, const Operand& operand, const std::string& letters,
                            const std::string& batch, const std::string& first, const std::string& second) {
  std::vector<int> axes;
  for (const char letter : batch + first + second) axes.push_back(static_cast<int>(letters.find(letter)));
  GRAUPEL_TRY(Operand result, joined(context, relabelled(operand, axes), batch.size() + first.size(), second.size()));
  return joined(context, std::move(result), batch.size(), first.size());
}

Result<> import_einsum(ImportContext& context) {
  GRAUPEL_TRY(const std::string text, context.node().text("equation", ""));
  if (context.inputs() != 2) return unsupported("has ", context.inputs(), " operands (supported: 2)");
  GRAUPEL_TRY(const Operand a, operand(context, 0));
  GRAUPEL_TRY(const Operand b, operand(context, 1));
  GRAUPEL_TRY(const Equation equation, parse_equation(text, a.rank(), b.rank()));
  GRAUPEL_TRY(const Roles roles, roles_of(equation));
  const auto extents = [&](const Operand& operand, const std::string& own, const std::string& wanted) {
    Shape shape;
    for (const char letter : wanted) shape.push_back(operand.shape()[own.find(letter)]);
    return shape;
  };
  GRAUPEL_TRY(const Operand left, as_matrices(context, a, equation.a, roles.batch, roles.rows, roles.inner));
  GRAUPEL_TRY(const Operand right, as_matrices(context, b, equation.b, roles.batch, roles.inner, roles.columns));
  GRAUPEL_TRY(ImportValue out, product(context, left, right));
  GRAUPEL_TRY(out, split(context, out, roles.batch.size() + 1, extents(b, equation.b, roles.columns)));
  GRAUPEL_TRY(out, split(context, out, roles.batch.size(), extents(a, equation.a, roles.rows)));
  const std::string letters = roles.batch + roles.rows + roles.columns;
  std::vector<int> axes;
  for (const char letter : equation.out) axes.push_back(static_cast<int>(letters.find(letter)));
  context.set_output(0, relabelled(out, axes));
  return {};
}

}  // namespace

std::span<const OnnxImport> MatMul::imports() {
  static constexpr OnnxImport kImports[] = {
      {"Einsum", import_einsum}, {"Gemm", import_gemm}, {"MatMul", import_matmul}};
  return kImports;
}

}  // namespace graupel
