// Arithmetic operators as simpler ones.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "compiler/expand_rules.h"

namespace graupel {
namespace {

const std::vector<onnx::Node> kLeftToImport;

/// ONNX's number of an element type.
int64_t number_of(DType dtype) {
  switch (dtype) {
    case DType::kF32: return 1;
    case DType::kU8: return 2;
    case DType::kS8: return 3;
    case DType::kU16: return 4;
    case DType::kS16: return 5;
    case DType::kS32: return 6;
    case DType::kS64: return 7;
    case DType::kBool: return 9;
    case DType::kF64: return 11;
  }
  return 0;
}

Expanded expand_cast_like(const ExpandContext& context) {
  GRAUPEL_DO(context.shape(0));
  GRAUPEL_DO(context.shape(1));
  NodeList nodes(context.node);
  nodes.output(0, nodes.add("Cast", {context.node.inputs[0]}, {{"to", number_of(context.types[1])}}));
  return nodes.take();
}

/// x * sigmoid(alpha * x).
Expanded expand_swish(const ExpandContext& context) {
  GRAUPEL_TRY(const float alpha, context.node.real("alpha", 1));
  if (alpha == 1) return kLeftToImport;
  GRAUPEL_DO(context.shape(0));
  NodeList nodes(context.node);
  const std::string& x = context.node.inputs[0];
  const std::string gate = nodes.add("Sigmoid", {nodes.add("Mul", {x, nodes.constant(alpha)})});
  nodes.output(0, nodes.add("Mul", {x, gate}));
  return nodes.take();
}

/// With the mean and the inverse deviation as outputs of their own.
Expanded expand_layer_norm(const ExpandContext& context) {
  if (!context.makes(1) && !context.makes(2)) return kLeftToImport;
  GRAUPEL_TRY(const Shape x, context.shape(0));
  GRAUPEL_TRY(const int64_t given, context.node.integer("axis", -1));
  GRAUPEL_TRY(const float epsilon, context.node.real("epsilon", 1e-5f));
  const auto rank = static_cast<int64_t>(x.size());
  if (given < -rank || given >= rank) return invalid("attribute axis is ", given, " for ", rank, " extents");
  std::vector<int64_t> axes;
  for (int64_t axis = given < 0 ? given + rank : given; axis < rank; ++axis) axes.push_back(axis);
  NodeList nodes(context.node);
  const std::string& in = context.node.inputs[0];
  nodes.output(0, nodes.add("LayerNormalization", context.node.inputs, context.node.attributes));
  const std::string mean = nodes.add("ReduceMean", {in}, {{"axes", axes}});
  nodes.output(1, mean);
  const std::string difference = nodes.add("Sub", {in, mean});
  const std::string variance = nodes.add("ReduceMean", {nodes.add("Mul", {difference, difference})}, {{"axes", axes}});
  const std::string deviation = nodes.add("Sqrt", {nodes.add("Add", {variance, nodes.constant(epsilon)})});
  nodes.output(2, nodes.add("Reciprocal", {deviation}));
  return nodes.take();
}

/// p = 1: x over the sum of magnitudes; a vector of zeros stays one.
Expanded expand_lp_normalization(const ExpandContext& context) {
  GRAUPEL_TRY(const int64_t p, context.node.integer("p", 2));
  if (p != 1) return kLeftToImport;
  GRAUPEL_TRY(const int64_t axis, context.node.integer("axis", -1));
  GRAUPEL_DO(context.shape(0));
  NodeList nodes(context.node);
  const std::string& x = context.node.inputs[0];
  const std::string sum = nodes.add("ReduceL1", {x}, {{"axes", std::vector<int64_t>{axis}}});
  const std::string divisor = nodes.add("Max", {sum, nodes.constant(std::numeric_limits<float>::min())});
  nodes.output(0, nodes.add("Div", {x, divisor}));
  return nodes.take();
}

/// A slope for every element: relu(x) - slope * relu(-x).
Expanded expand_prelu(const ExpandContext& context) {
  GRAUPEL_TRY(const Shape x, context.shape(0));
  GRAUPEL_TRY(const Shape slope, context.shape(1));
  const auto wide = std::count_if(slope.begin(), slope.end(), [](int64_t extent) { return extent != 1; });
  if (wide < 2 && context.in[1] != nullptr) return kLeftToImport;
  NodeList nodes(context.node);
  const std::string below = nodes.add("Relu", {nodes.add("Neg", {context.node.inputs[0]})});
  const std::string scaled = nodes.add("Mul", {below, context.node.inputs[1]});
  nodes.output(0, nodes.add("Sub", {nodes.add("Relu", {context.node.inputs[0]}), scaled}));
  return nodes.take();
}

/// Constant exponents that differ: exp(e * log(base)). Of a whole exponent the base is the magnitude, and an odd one
/// keeps the sign; of exponent 0 the base is at least 1.
Expanded expand_pow(const ExpandContext& context) {
  const Tensor* given = context.in.size() > 1 ? context.in[1] : nullptr;
  if (given == nullptr || context.in[0] != nullptr) return kLeftToImport;
  std::vector<float> exponents;
  if (given->type.dtype == DType::kF32) exponents.assign(given->as<float>().begin(), given->as<float>().end());
  if (given->type.dtype == DType::kS32) exponents.assign(given->as<int32_t>().begin(), given->as<int32_t>().end());
  if (given->type.dtype == DType::kS64) exponents.assign(given->as<int64_t>().begin(), given->as<int64_t>().end());
  if (std::adjacent_find(exponents.begin(), exponents.end(), std::not_equal_to<>()) == exponents.end())
    return kLeftToImport;
  std::vector<float> whole, part, odd, even, floor;
  for (const float exponent : exponents) {
    if (!std::isfinite(exponent)) return invalid("an exponent is ", exponent);
    const bool is_whole = exponent == std::floor(exponent), is_odd = is_whole && std::fmod(exponent, 2.0f) != 0;
    whole.push_back(is_whole ? 1 : 0);
    part.push_back(is_whole ? 0 : 1);
    odd.push_back(is_odd ? 1 : 0);
    even.push_back(is_odd ? 0 : 1);
    floor.push_back(exponent == 0 ? 1 : -std::numeric_limits<float>::max());
  }
  NodeList nodes(context.node);
  const auto constant = [&](const std::vector<float>& values) {
    return nodes.constant(Tensor::of<float>(given->type.shape, values));
  };
  const std::string& x = context.node.inputs[0];
  const std::string magnitude = nodes.add("Mul", {nodes.add("Abs", {x}), constant(whole)});
  std::string base = nodes.add("Add", {magnitude, nodes.add("Mul", {x, constant(part)})});
  base = nodes.add("Max", {base, constant(floor)});
  const std::string power = nodes.add("Exp", {nodes.add("Mul", {nodes.add("Log", {base}), constant(exponents)})});
  const std::string sign = nodes.add("Mul", {nodes.add("Sign", {x}), constant(odd)});
  nodes.output(0, nodes.add("Mul", {power, nodes.add("Add", {sign, constant(even)})}));
  return nodes.take();
}

// Einsum of one operand.

/// The letter of each extent; an ellipsis has become capital letters, which the equation may not use then.
Result<std::string> letters_of(const std::string& term, std::size_t extents) {
  const std::size_t dots = term.find("...");
  if (dots == term.npos) return term;
  std::string letters = term.substr(0, dots);
  for (std::size_t i = 0; i < extents; ++i) letters += static_cast<char>('A' + i);
  letters += term.substr(dots + 3);
  if (letters.find('.') != letters.npos) return invalid("the equation has a stray '.' in '", term, "'");
  return letters;
}

/// `x` with its extents `first` < `second`, named alike, as their diagonal, which becomes the last extent.
std::string diagonal(NodeList& nodes, const std::string& x, Shape& shape, std::string& letters, std::size_t first,
                     std::size_t second) {
  const int64_t extent = shape[first];
  const char letter = letters[first];
  std::vector<int64_t> perm;
  for (std::size_t i = 0; i < shape.size(); ++i)
    if (i != first && i != second) perm.push_back(static_cast<int64_t>(i));
  perm.push_back(static_cast<int64_t>(first));
  perm.push_back(static_cast<int64_t>(second));
  for (const std::size_t gone : {second, first}) {
    shape.erase(shape.begin() + static_cast<std::ptrdiff_t>(gone));
    letters.erase(gone, 1);
  }
  Shape flat = shape;
  flat.push_back(extent * extent);
  shape.push_back(extent);
  letters += letter;
  const std::string pairs = nodes.reshape(nodes.transpose(x, perm), flat);
  return nodes.slice(pairs, static_cast<int64_t>(shape.size()) - 1, 0, extent * extent, extent + 1);
}

/// The letters of the operand and of the result.
struct Equation {
  std::string operand, result;
};

Result<Equation> parse_equation(std::string text, const Shape& shape) {
  std::erase(text, ' ');
  const std::size_t arrow = text.find("->");
  const std::string from = text.substr(0, arrow);
  const std::size_t named = from.size() - (from.find("...") == from.npos ? 0 : 3);
  const std::size_t hidden = shape.size() - std::min(shape.size(), named);
  Equation equation;
  GRAUPEL_TRY(equation.operand, letters_of(from, hidden));
  const std::string& letters = equation.operand;
  if (letters.size() != shape.size())
    return invalid("'", from, "' names ", letters.size(), " extents of an operand that has ", shape.size());
  if (arrow != text.npos) {
    GRAUPEL_TRY(equation.result, letters_of(text.substr(arrow + 2), hidden));
    return equation;
  }
  for (const char letter : letters)
    if (std::count(letters.begin(), letters.end(), letter) == 1) equation.result += letter;
  std::sort(equation.result.begin(), equation.result.end());
  return equation;
}

/// Diagonals, then sums over what the result does not name, then the order that it names.
Expanded expand_einsum(const ExpandContext& context) {
  if (context.in.size() != 1) return kLeftToImport;
  GRAUPEL_TRY(const std::string text, context.node.text("equation", ""));
  GRAUPEL_TRY(Shape shape, context.shape(0));
  GRAUPEL_TRY(Equation equation, parse_equation(text, shape));
  auto& [letters, wanted] = equation;
  NodeList nodes(context.node);
  std::string value = context.node.inputs[0];
  for (std::size_t i = 0; i < letters.size();) {
    const std::size_t twin = letters.find(letters[i], i + 1);
    if (twin == letters.npos) {
      ++i;
      continue;
    }
    if (shape[i] != shape[twin]) return invalid("extents '", letters[i], "' are ", shape[i], " and ", shape[twin]);
    value = diagonal(nodes, value, shape, letters, i, twin);
    i = 0;
  }
  std::vector<int64_t> gone, perm;
  std::string left;
  for (std::size_t i = 0; i < letters.size(); ++i) {
    if (wanted.find(letters[i]) == wanted.npos)
      gone.push_back(static_cast<int64_t>(i));
    else
      left += letters[i];
  }
  if (!gone.empty()) value = nodes.add("ReduceSum", {value}, {{"axes", gone}, {"keepdims", int64_t{0}}});
  for (const char letter : wanted) {
    if (left.find(letter) == left.npos || std::count(wanted.begin(), wanted.end(), letter) != 1)
      return invalid("the result has the extent '", letter, "', which the operand does not have, or twice");
    perm.push_back(static_cast<int64_t>(left.find(letter)));
  }
  nodes.output(0, perm.empty() ? value : nodes.transpose(value, perm));
  return nodes.take();
}

constexpr ExpandRule kRules[] = {{"CastLike", expand_cast_like},
                                 {"Einsum", expand_einsum},
                                 {"LayerNormalization", expand_layer_norm},
                                 {"LpNormalization", expand_lp_normalization},
                                 {"PRelu", expand_prelu},
                                 {"Pow", expand_pow},
                                 {"Swish", expand_swish}};

}  // namespace

std::span<const ExpandRule> math_expansions() { return kRules; }

}  // namespace graupel
