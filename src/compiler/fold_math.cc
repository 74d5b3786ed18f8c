// Arithmetic on constants. f32 is computed in double and rounded once, which is exact rounding for + - * /.
#include <algorithm>
#include <cmath>
#include <limits>

#include "compiler/fold_rules.h"
#include "kernels/float/float.h"

namespace graupel {
namespace {

int64_t wrap_add(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}
int64_t wrap_sub(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) - static_cast<uint64_t>(b));
}
int64_t wrap_mul(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
}
/// C division; the caller has excluded b == 0.
int64_t divide(int64_t a, int64_t b) { return b == -1 ? wrap_sub(0, a) : a / b; }
int64_t remainder_of(int64_t a, int64_t b) { return b == -1 ? 0 : a % b; }
/// The sign of the divisor, as Python's.
int64_t modulo(int64_t a, int64_t b) {
  const int64_t r = remainder_of(a, b);
  return r != 0 && (r < 0) != (b < 0) ? r + b : r;
}
double float_modulo(double a, double b) { return std::fmod(a, b); }
int64_t power(int64_t a, int64_t b) {
  if (b < 0) return a == 1 ? 1 : a == -1 ? (b % 2 == 0 ? 1 : -1) : 0;
  int64_t result = 1;
  for (; b > 0; b >>= 1, a = wrap_mul(a, a))
    if ((b & 1) != 0) result = wrap_mul(result, a);
  return result;
}
/// Through our own exp and log, so that parsing gives the same bits on every machine.
double float_power(double a, double b) {
  if (b == 0) return 1;
  if (b == 0.5) return std::sqrt(a);
  if (b == std::floor(b) && std::fabs(b) <= 64) {
    double result = 1;
    for (int i = 0, n = static_cast<int>(std::fabs(b)); i < n; ++i) result *= a;
    return b < 0 ? 1 / result : result;
  }
  return exp_f64(b * log_f64(a));
}

struct Operands {
  Shape shape;
  std::vector<int64_t> a, b;  ///< offsets, by output element
};

Result<Operands> operands_of(const FoldContext& context, const Tensor& a, const Tensor& b) {
  GRAUPEL_TRY(Shape shape, broadcast(a.type.shape, b.type.shape));
  GRAUPEL_DO(check_size(context, shape));
  return Operands{shape, broadcast_offsets(a.type.shape, shape), broadcast_offsets(b.type.shape, shape)};
}

/// One binary operator: its integer and its float form. `compares`: the result is bool.
template <auto kInteger, auto kFloat, bool kCompares = false, bool kDivides = false>
Result<Tensor> combine(const FoldContext& context, const Tensor& a, const Tensor& b) {
  if (a.type.dtype != b.type.dtype)
    return invalid("operands are ", to_string(a.type.dtype), " and ", to_string(b.type.dtype), " (expected: the same)");
  GRAUPEL_TRY(const Operands at, operands_of(context, a, b));
  const DType dtype = kCompares ? DType::kBool : a.type.dtype;
  const std::size_t count = at.a.size();
  if (is_integer(a.type.dtype)) {
    const std::vector<int64_t> x = as_integers(a), y = as_integers(b);
    if (kDivides && std::find(y.begin(), y.end(), 0) != y.end()) return invalid("an integer is divided by zero");
    std::vector<int64_t> result(count);
    for (std::size_t i = 0; i < count; ++i)
      result[i] = kInteger(x[static_cast<std::size_t>(at.a[i])], y[static_cast<std::size_t>(at.b[i])]);
    return from_integers(dtype, at.shape, result);
  }
  const std::vector<double> x = as_doubles(a), y = as_doubles(b);
  std::vector<double> result(count);
  for (std::size_t i = 0; i < count; ++i)
    result[i] = kFloat(x[static_cast<std::size_t>(at.a[i])], y[static_cast<std::size_t>(at.b[i])]);
  return from_doubles(dtype, at.shape, result);
}

/// From two operands on, from the left (Min, Max and the like take any number).
template <auto kInteger, auto kFloat, bool kCompares = false, bool kDivides = false>
Folded binary(const FoldContext& context) {
  GRAUPEL_TRY(const Tensor* first, operand(context, 0));
  Tensor result = *first;
  for (std::size_t i = 1; i < context.in.size(); ++i) {
    GRAUPEL_TRY(const Tensor* next, operand(context, i));
    GRAUPEL_TRY(result, combine<kInteger, kFloat, kCompares, kDivides>(context, result, *next));
  }
  return std::vector{result};
}

constexpr auto float_add = [](double a, double b) { return a + b; };
constexpr auto float_sub = [](double a, double b) { return a - b; };
constexpr auto float_mul = [](double a, double b) { return a * b; };
constexpr auto float_div = [](double a, double b) { return a / b; };
constexpr auto smaller = [](auto a, auto b) { return b < a ? b : a; };
constexpr auto larger = [](auto a, auto b) { return a < b ? b : a; };
template <class T>
constexpr auto equals = [](T a, T b) { return static_cast<T>(a == b); };
template <class T>
constexpr auto is_less = [](T a, T b) { return static_cast<T>(a < b); };
template <class T>
constexpr auto is_greater = [](T a, T b) { return static_cast<T>(a > b); };
template <class T>
constexpr auto is_at_most = [](T a, T b) { return static_cast<T>(a <= b); };
template <class T>
constexpr auto is_at_least = [](T a, T b) { return static_cast<T>(a >= b); };
template <class T>
constexpr auto both = [](T a, T b) { return static_cast<T>(a != 0 && b != 0); };
template <class T>
constexpr auto either = [](T a, T b) { return static_cast<T>(a != 0 || b != 0); };
template <class T>
constexpr auto one_of = [](T a, T b) { return static_cast<T>((a != 0) != (b != 0)); };

using Integer = int64_t;
constexpr auto fold_equal = binary<equals<Integer>, equals<double>, true>;
constexpr auto fold_less = binary<is_less<Integer>, is_less<double>, true>;
constexpr auto fold_greater = binary<is_greater<Integer>, is_greater<double>, true>;
constexpr auto fold_at_most = binary<is_at_most<Integer>, is_at_most<double>, true>;
constexpr auto fold_at_least = binary<is_at_least<Integer>, is_at_least<double>, true>;
constexpr auto fold_and = binary<both<Integer>, both<double>, true>;
constexpr auto fold_or = binary<either<Integer>, either<double>, true>;
constexpr auto fold_xor = binary<one_of<Integer>, one_of<double>, true>;

Folded fold_mod(const FoldContext& context) {
  GRAUPEL_TRY(const int64_t like_c, context.node.integer("fmod", 0));
  return like_c != 0 ? binary<remainder_of, float_modulo, false, true>(context)
                     : binary<modulo, float_modulo, false, true>(context);
}

/// The exponent may have another type than the base.
Folded fold_pow(const FoldContext& context) {
  GRAUPEL_TRY(const Tensor* base, operand(context, 0));
  GRAUPEL_TRY(const Tensor* exponent, operand(context, 1));
  Tensor same_type = *exponent;
  if (base->type.dtype != exponent->type.dtype)
    same_type = from_doubles(base->type.dtype, exponent->type.shape, as_doubles(*exponent));
  GRAUPEL_TRY(Tensor result, combine<power, float_power>(context, *base, same_type));
  return std::vector{std::move(result)};
}

template <auto kInteger, auto kFloat>
Folded unary(const FoldContext& context) {
  GRAUPEL_TRY(const Tensor* in, operand(context, 0));
  if (is_integer(in->type.dtype)) {
    std::vector<int64_t> values = as_integers(*in);
    for (int64_t& value : values) value = kInteger(value);
    return std::vector{from_integers(in->type.dtype, in->type.shape, values)};
  }
  std::vector<double> values = as_doubles(*in);
  for (double& value : values) value = kFloat(value);
  return std::vector{from_doubles(in->type.dtype, in->type.shape, values)};
}

/// A function of the float kernels; the values are the project's own on every machine.
template <UnaryKind kKind>
Folded function(const FoldContext& context) {
  GRAUPEL_TRY(const Tensor* in, operand(context, 0));
  if (is_integer(in->type.dtype)) return invalid("input is ", to_string(in->type.dtype), " (expected: floats)");
  std::vector<double> values = as_doubles(*in);
  for (double& value : values) value = unary_f64(kKind, 0, 0, value);
  return std::vector{from_doubles(in->type.dtype, in->type.shape, values)};
}

constexpr auto same = [](auto value) { return value; };
constexpr auto negative = [](int64_t value) { return wrap_sub(0, value); };
constexpr auto float_negative = [](double value) { return -value; };
constexpr auto magnitude = [](int64_t value) { return value < 0 ? wrap_sub(0, value) : value; };
constexpr auto float_magnitude = [](double value) { return std::fabs(value); };
constexpr auto float_floor = [](double value) { return std::floor(value); };
constexpr auto float_ceil = [](double value) { return std::ceil(value); };
constexpr auto float_round = [](double value) { return std::nearbyint(value); };
constexpr auto float_sqrt = [](double value) { return std::sqrt(value); };
constexpr auto float_inverse = [](double value) { return 1 / value; };
constexpr auto inverted = [](auto value) { return static_cast<decltype(value)>(value == 0); };

/// Which extents a reduction takes away; all when none are named.
Result<std::vector<bool>> reduced_axes(const FoldContext& context, std::size_t rank) {
  GRAUPEL_TRY(const auto axes, integers_from(context, "axes", 1));
  if (!axes || axes->empty()) {
    GRAUPEL_TRY(const int64_t keep_all, context.node.integer("noop_with_empty_axes", 0));
    return std::vector<bool>(rank, keep_all == 0);
  }
  std::vector<bool> reduced(rank, false);
  for (int64_t axis : *axes) {
    GRAUPEL_TRY(const std::size_t checked, axis_of(axis, rank));
    reduced[checked] = true;
  }
  return reduced;
}

template <auto kInteger, auto kFloat, bool kMean = false>
Folded reduce(const FoldContext& context) {
  GRAUPEL_TRY(const Tensor* in, operand(context, 0));
  const Shape& shape = in->type.shape;
  GRAUPEL_TRY(const std::vector<bool> reduced, reduced_axes(context, shape.size()));
  GRAUPEL_TRY(const int64_t keep_dims, context.node.integer("keepdims", 1));
  Shape with_ones = shape, out;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (reduced[i]) with_ones[i] = 1;
    if (!reduced[i] || keep_dims != 0) out.push_back(with_ones[i]);
  }
  const int64_t count = element_count(with_ones);
  if (element_count(shape) == 0 || count == 0) return unsupported("a reduction of an empty tensor");
  const std::vector<int64_t> target = broadcast_offsets(with_ones, shape);
  const auto into = [&](auto values, auto combined) {
    std::vector<typename decltype(values)::value_type> result(static_cast<std::size_t>(count));
    std::vector<bool> begun(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < values.size(); ++i) {
      const auto to = static_cast<std::size_t>(target[i]);
      result[to] = begun[to] ? combined(result[to], values[i]) : values[i];
      begun[to] = true;
    }
    if (kMean)
      for (auto& value : result)
        value /= static_cast<typename decltype(values)::value_type>(element_count(shape) / count);
    return result;
  };
  if (is_integer(in->type.dtype))
    return std::vector{from_integers(in->type.dtype, out, into(as_integers(*in), kInteger))};
  return std::vector{from_doubles(in->type.dtype, out, into(as_doubles(*in), kFloat))};
}

constexpr FoldRule kRules[] = {
    {"Abs", unary<magnitude, float_magnitude>},
    {"Add", binary<wrap_add, float_add>},
    {"And", fold_and},
    {"Ceil", unary<same, float_ceil>},
    {"Cos", function<UnaryKind::kCos>},
    {"Div", binary<divide, float_div, false, true>},
    {"Equal", fold_equal},
    {"Erf", function<UnaryKind::kErf>},
    {"Exp", function<UnaryKind::kExp>},
    {"Floor", unary<same, float_floor>},
    {"Greater", fold_greater},
    {"GreaterOrEqual", fold_at_least},
    {"Less", fold_less},
    {"LessOrEqual", fold_at_most},
    {"Log", function<UnaryKind::kLog>},
    {"Max", binary<larger, larger>},
    {"Min", binary<smaller, smaller>},
    {"Mod", fold_mod},
    {"Mul", binary<wrap_mul, float_mul>},
    {"Neg", unary<negative, float_negative>},
    {"Not", unary<inverted, inverted>},
    {"Or", fold_or},
    {"Pow", fold_pow},
    {"Reciprocal", unary<same, float_inverse>},
    {"ReduceMax", reduce<larger, larger>},
    {"ReduceMean", reduce<wrap_add, float_add, true>},
    {"ReduceMin", reduce<smaller, smaller>},
    {"ReduceProd", reduce<wrap_mul, float_mul>},
    {"ReduceSum", reduce<wrap_add, float_add>},
    {"Round", unary<same, float_round>},
    {"Sigmoid", function<UnaryKind::kSigmoid>},
    {"Sin", function<UnaryKind::kSin>},
    {"Sqrt", unary<same, float_sqrt>},
    {"Sub", binary<wrap_sub, float_sub>},
    {"Sum", binary<wrap_add, float_add>},
    {"Tanh", function<UnaryKind::kTanh>},
    {"Xor", fold_xor},
};

}  // namespace

std::span<const FoldRule> math_folds() { return kRules; }

}  // namespace graupel
