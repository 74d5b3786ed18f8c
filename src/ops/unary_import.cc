// ONNX element functions as Unary, and nodes that hand their input on.
#include <algorithm>
#include <cmath>
#include <limits>

#include "ops/binary_import.h"
#include "ops/integers_import.h"

namespace graupel {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();

Result<> finish(ImportContext& context, const Unary& op) {
  GRAUPEL_TRY(const ImportValue x, context.in(0));
  return finish_same_order(context, x, op);
}

template <UnaryKind kKind>
Result<> import_plain(ImportContext& context) {
  return finish(context, Unary{kKind, 0, 0});
}

Result<> import_leaky_relu(ImportContext& context) {
  GRAUPEL_TRY(const float alpha, context.node().real("alpha", 0.01f));
  return finish(context, Unary{UnaryKind::kLeakyRelu, alpha, 0});
}

Result<> import_elu(ImportContext& context) {
  GRAUPEL_TRY(const float alpha, context.node().real("alpha", 1.0f));
  return finish(context, Unary{UnaryKind::kElu, alpha, 0});
}

/// gamma * Elu(x).
Result<> import_selu(ImportContext& context) {
  GRAUPEL_TRY(const float alpha, context.node().real("alpha", 1.67326319217681884765625f));
  GRAUPEL_TRY(const float gamma, context.node().real("gamma", 1.05070102214813232421875f));
  GRAUPEL_TRY(const ImportValue x, context.in(0));
  if (x.shape.empty()) return unsupported("the input is a scalar (supported: at least one extent)");
  GRAUPEL_TRY(const ImportValue elu, context.emit(Unary{UnaryKind::kElu, alpha, 0}, std::vector{x}, x.order));
  return finish_same_order(context, elu, Affine{},
                           {context.add_constant(filled(1, gamma)), context.add_constant(filled(1, 0))});
}

Result<ImportValue> unary(ImportContext& context, const Unary& op, const ImportValue& x) {
  return context.emit(op, std::vector{x}, x.order);
}

/// -floor(-x).
Result<> import_ceil(ImportContext& context) {
  GRAUPEL_TRY(ImportValue x, context.in(0));
  GRAUPEL_TRY(x, unary(context, Unary{UnaryKind::kNeg, 0, 0}, x));
  GRAUPEL_TRY(x, unary(context, Unary{UnaryKind::kFloor, 0, 0}, x));
  return finish_same_order(context, x, Unary{UnaryKind::kNeg, 0, 0});
}

/// alpha * Elu(x / alpha).
Result<> import_celu(ImportContext& context) {
  GRAUPEL_TRY(const float alpha, context.node().real("alpha", 1.0f));
  if (!(alpha > 0) || !std::isfinite(1 / alpha))
    return unsupported("attribute alpha is ", alpha, " (supported: above 0)");
  const BinaryOperand factor{filled(1, alpha), {}};
  GRAUPEL_TRY(const ImportValue x, context.in(0));
  GRAUPEL_TRY(const ImportValue inner, combine(context, Binary::Kind::kDiv, BinaryOperand{{}, x}, factor));
  GRAUPEL_TRY(const ImportValue elu, unary(context, Unary{UnaryKind::kElu, 1, 0}, inner));
  GRAUPEL_TRY(const ImportValue out, combine(context, Binary::Kind::kMul, BinaryOperand{{}, elu}, factor));
  context.set_output(0, out);
  return {};
}

/// x / (1 + |x|).
Result<> import_softsign(ImportContext& context) {
  GRAUPEL_TRY(const ImportValue x, context.in(0));
  GRAUPEL_TRY(const ImportValue magnitude, unary(context, Unary{UnaryKind::kAbs, 0, 0}, x));
  const BinaryOperand one{filled(1, 1), {}};
  GRAUPEL_TRY(const ImportValue divisor, combine(context, Binary::Kind::kAdd, BinaryOperand{{}, magnitude}, one));
  GRAUPEL_TRY(const ImportValue out,
              combine(context, Binary::Kind::kDiv, BinaryOperand{{}, x}, BinaryOperand{{}, divisor}));
  context.set_output(0, out);
  return {};
}

/// The whole part: floor(|x|) with the sign of x.
Result<ImportValue> truncated(ImportContext& context, const ImportValue& x) {
  GRAUPEL_TRY(const ImportValue sign, unary(context, Unary{UnaryKind::kSign, 0, 0}, x));
  GRAUPEL_TRY(const ImportValue magnitude, unary(context, Unary{UnaryKind::kAbs, 0, 0}, x));
  GRAUPEL_TRY(const ImportValue whole, unary(context, Unary{UnaryKind::kFloor, 0, 0}, magnitude));
  return combine(context, Binary::Kind::kMul, BinaryOperand{{}, sign}, BinaryOperand{{}, whole});
}

/// x where it exceeds alpha, else 0.
Result<> import_thresholded_relu(ImportContext& context) {
  GRAUPEL_TRY(const float alpha, context.node().real("alpha", 1.0f));
  GRAUPEL_TRY(const ImportValue x, context.in(0));
  GRAUPEL_TRY(ImportValue truth,
              combine(context, Binary::Kind::kSub, BinaryOperand{{}, x}, BinaryOperand{filled(1, alpha), {}}));
  GRAUPEL_TRY(truth, unary(context, Unary{UnaryKind::kSign, 0, 0}, truth));
  GRAUPEL_TRY(truth, unary(context, Unary{UnaryKind::kRelu, 0, 0}, truth));
  GRAUPEL_TRY(const ImportValue out,
              combine(context, Binary::Kind::kMul, BinaryOperand{{}, x}, BinaryOperand{{}, truth}));
  context.set_output(0, out);
  return {};
}

Result<> import_swish(ImportContext& context) {
  GRAUPEL_TRY(const float alpha, context.node().real("alpha", 1.0f));
  if (alpha != 1) return unsupported("attribute alpha is ", alpha, " (supported: 1)");
  return finish(context, Unary{UnaryKind::kSilu, 0, 0});
}

Result<> import_hard_sigmoid(ImportContext& context) {
  GRAUPEL_TRY(const float alpha, context.node().real("alpha", 0.2f));
  GRAUPEL_TRY(const float beta, context.node().real("beta", 0.5f));
  return finish(context, Unary{UnaryKind::kHardSigmoid, alpha, beta});
}

Result<> import_gelu(ImportContext& context) {
  GRAUPEL_TRY(const std::string approximate, context.node().text("approximate", "none"));
  if (approximate == "none") return finish(context, Unary{UnaryKind::kGelu, 0, 0});
  if (approximate == "tanh") return finish(context, Unary{UnaryKind::kGeluTanh, 0, 0});
  return unsupported("attribute approximate is '", approximate, "' (supported: none, tanh)");
}

/// The one element of input `i`, or `fallback` when it is not given.
Result<float> scalar(const ImportContext& context, std::size_t i, std::string_view what, float fallback) {
  if (!context.has(i)) return fallback;
  GRAUPEL_TRY(const Tensor constant, constant_f32(context, i, what));
  if (element_count(constant.type.shape) != 1)
    return unsupported("input ", i, " (", what, ") has shape ", to_string(constant.type.shape),
                       " (supported: one element)");
  return constant.as<float>()[0];
}

/// Clip's bounds; the largest floats are how exporters write "none".
Result<> import_clip(ImportContext& context) {
  constexpr float kMost = std::numeric_limits<float>::max();
  float low = -kInf, high = kInf;
  if (context.opset() < 11) {
    GRAUPEL_TRY(low, context.node().real("min", -kInf));
    GRAUPEL_TRY(high, context.node().real("max", kInf));
  } else {
    GRAUPEL_TRY(low, scalar(context, 1, "min", -kInf));
    GRAUPEL_TRY(high, scalar(context, 2, "max", kInf));
  }
  if (std::isnan(low) || std::isnan(high)) return invalid("bounds ", low, " and ", high, "; they must be numbers");
  if (low <= -kMost) low = -kInf;
  if (high >= kMost) high = kInf;
  low = std::min(low, high);  // ONNX: when min exceeds max, everything becomes max
  if (low == 0 && high == kInf) return finish(context, Unary{UnaryKind::kRelu, 0, 0});
  return finish(context, Unary{UnaryKind::kClip, low, high});
}

Result<> import_pow(ImportContext& context) {
  if (context.constant(0) != nullptr && context.constant(1) == nullptr)
    return unsupported("the exponent is computed at run time (supported: a constant exponent)");
  GRAUPEL_TRY(const Tensor constant, constant_number(context, 1, "exponent"));
  const auto values = constant.as<float>();
  if (values.empty() || std::any_of(values.begin(), values.end(), [&](float value) { return value != values[0]; }))
    return unsupported("the exponent has shape ", to_string(constant.type.shape),
                       " with different values (supported: one)");
  GRAUPEL_TRY(const ImportValue x, context.in(0));
  if (values.size() > 1 && constant.type.shape != x.shape)
    return unsupported("the exponent has shape ", to_string(constant.type.shape), " for an input of shape ",
                       to_string(x.shape), " (supported: one element)");
  const float exponent = values[0];
  if (std::isnan(exponent)) return invalid("the exponent is not a number");
  if (exponent == 1) return finish_same_order(context, x, Unary{});
  if (exponent == -1) return finish_same_order(context, x, Unary{UnaryKind::kReciprocal, 0, 0});
  return finish_same_order(context, x, Unary{UnaryKind::kPow, exponent, 0});
}

Result<> hand_on(ImportContext& context) {
  GRAUPEL_TRY(const ImportValue x, context.in(0));
  context.set_output(0, x);
  return {};
}

/// Old files name the mask without reading it; a node that does read it finds it unknown.
Result<> import_dropout(ImportContext& context) {
  if (context.has(2)) {
    const Tensor* training = context.constant(2);
    if (training == nullptr || training->type.dtype != DType::kBool || training->as<bool>().size() != 1 ||
        training->as<bool>()[0])
      return unsupported("input 2 (training_mode) is not constantly false; export the model for inference");
  }
  return hand_on(context);
}

/// All floats are f32 here, so that casts among them change nothing; integers and truth values are whole f32.
Result<> import_cast(ImportContext& context) {
  constexpr int64_t kFloat = 1, kInt32 = 6, kInt64 = 7, kBool = 9, kFloat16 = 10, kDouble = 11, kBfloat16 = 16;
  GRAUPEL_TRY(const int64_t to, context.node().integer("to", 0));
  if (to == kFloat || to == kFloat16 || to == kDouble || to == kBfloat16) return hand_on(context);
  GRAUPEL_TRY(const ImportValue x, context.in(0));
  if (to == kInt32 || to == kInt64) {
    GRAUPEL_TRY(const ImportValue whole, truncated(context, x));
    context.set_output(0, whole);
    return {};
  }
  if (to != kBool)
    return unsupported("attribute to is ", to,
                       " (supported on computed tensors: 1, 10, 11, 16 (floats), 6, 7 (s32, s64), 9 (bool))");
  GRAUPEL_TRY(const ImportValue sign, unary(context, Unary{UnaryKind::kSign, 0, 0}, x));
  return finish_same_order(context, sign, Unary{UnaryKind::kAbs, 0, 0});
}

}  // namespace

std::span<const OnnxImport> Unary::imports() {
  static constexpr OnnxImport kImports[] = {{"Abs", import_plain<UnaryKind::kAbs>},
                                            {"Cast", import_cast},
                                            {"Ceil", import_ceil},
                                            {"Celu", import_celu},
                                            {"Clip", import_clip},
                                            {"Cos", import_plain<UnaryKind::kCos>},
                                            {"Dropout", import_dropout},
                                            {"Elu", import_elu},
                                            {"Erf", import_plain<UnaryKind::kErf>},
                                            {"Exp", import_plain<UnaryKind::kExp>},
                                            {"Floor", import_plain<UnaryKind::kFloor>},
                                            {"Gelu", import_gelu},
                                            {"HardSigmoid", import_hard_sigmoid},
                                            {"HardSwish", import_plain<UnaryKind::kHardSwish>},
                                            {"Identity", hand_on},
                                            {"LeakyRelu", import_leaky_relu},
                                            {"Log", import_plain<UnaryKind::kLog>},
                                            {"Mish", import_plain<UnaryKind::kMish>},
                                            {"Neg", import_plain<UnaryKind::kNeg>},
                                            {"Pow", import_pow},
                                            {"Reciprocal", import_plain<UnaryKind::kReciprocal>},
                                            {"Relu", import_plain<UnaryKind::kRelu>},
                                            {"Round", import_plain<UnaryKind::kRound>},
                                            {"Selu", import_selu},
                                            {"Sigmoid", import_plain<UnaryKind::kSigmoid>},
                                            {"Sign", import_plain<UnaryKind::kSign>},
                                            {"Sin", import_plain<UnaryKind::kSin>},
                                            {"Softplus", import_plain<UnaryKind::kSoftplus>},
                                            {"Softsign", import_softsign},
                                            {"Sqrt", import_plain<UnaryKind::kSqrt>},
                                            {"Swish", import_swish},
                                            {"Tanh", import_plain<UnaryKind::kTanh>},
                                            {"ThresholdedRelu", import_thresholded_relu}};
  return kImports;
}

}  // namespace graupel
