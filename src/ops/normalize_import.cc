// ONNX LayerNormalization, RMSNormalization, InstanceNormalization, GroupNormalization and LpNormalization.
#include <algorithm>
#include <limits>

#include "ops/image_import.h"
#include "ops/integers_import.h"

namespace graupel {
namespace {

using Kind = Normalize::Kind;

bool uniform(const Tensor& tensor) {
  const auto values = tensor.as<float>();
  return !values.empty() && std::all_of(values.begin(), values.end(), [&](float value) { return value == values[0]; });
}

/// One value where all are equal, else one per element.
Tensor compact(const Tensor& tensor) {
  return uniform(tensor) ? filled(1, tensor.as<float>()[0]) : tensor.reshaped({element_count(tensor.type.shape)});
}

Result<ImportValue> emit_normalize(ImportContext& context, const Normalize& op, const ImportValue& x,
                                   const Tensor& scale, const Tensor& shift) {
  const std::vector<ImportValue> in = {x, context.add_constant(compact(scale)), context.add_constant(compact(shift))};
  return context.emit(op, in, x.order);
}

/// Whether the last stored extents of `x` are the ONNX axes from `axis` on, in any order.
bool stores_last(const ImportValue& x, int64_t axis) {
  return std::all_of(x.order.begin() + axis, x.order.end(), [&](int stored) { return stored >= axis; });
}

/// `constant` broadcast against x as it is stored; its extents are the last ones of x in ONNX order.
ImportValue trailing_constant(ImportContext& context, const Tensor& constant, const ImportValue& x) {
  Shape shape(x.shape.size(), 1);
  std::copy(constant.type.shape.begin(), constant.type.shape.end(),
            shape.end() - static_cast<std::ptrdiff_t>(constant.type.shape.size()));
  return context.in_order(context.add_constant(constant.reshaped(shape)), x.order);
}

/// Normalizes everything from ONNX axis `axis` on; scale and shift have those extents or fewer.
Result<> normalize_from(ImportContext& context, Normalize op, ImportValue x, int64_t axis, const Tensor& scale,
                        const Tensor& shift) {
  const auto rank = static_cast<int64_t>(x.shape.size());
  for (const Tensor* constant : {&scale, &shift}) {
    const Shape& shape = constant->type.shape;
    bool fits = static_cast<int64_t>(shape.size()) <= rank - axis;
    for (std::size_t i = 0; fits && i < shape.size(); ++i)
      fits = shape[i] == 1 || shape[i] == x.shape[x.shape.size() - shape.size() + i];
    if (!fits)
      return invalid("a constant of shape ", to_string(shape), " for the axes from ", axis, " of a tensor of shape ",
                     to_string(x.shape));
  }
  if (!stores_last(x, axis)) x = context.in_onnx_order(x);
  op.first_axis = static_cast<int32_t>(axis);
  const auto in_place = [&](const Tensor& constant) { return axis == rank - 1 || uniform(constant); };
  if (in_place(scale) && in_place(shift)) {
    GRAUPEL_TRY(const ImportValue out, emit_normalize(context, op, x, scale, shift));
    context.set_output(0, out);
    return {};
  }
  GRAUPEL_TRY(ImportValue out, emit_normalize(context, op, x, filled(1, 1), filled(1, 0)));
  GRAUPEL_TRY(out, context.emit(Binary{Binary::Kind::kMul, {}},
                                std::vector{out, trailing_constant(context, scale, out)}, x.order));
  GRAUPEL_TRY(out, context.emit(Binary{Binary::Kind::kAdd, {}},
                                std::vector{out, trailing_constant(context, shift, out)}, x.order));
  context.set_output(0, out);
  return {};
}

template <Kind kKind>
Result<> import_from_axis(ImportContext& context) {
  GRAUPEL_DO(refuse_output(context, 1, "mean"));
  GRAUPEL_DO(refuse_output(context, 2, "inverse deviation"));
  const onnx::Node& node = context.node();
  GRAUPEL_TRY(const ImportValue x, context.in(0));
  GRAUPEL_TRY(const int64_t given, node.integer("axis", -1));
  GRAUPEL_TRY(const int64_t axis, checked_axis(given, x.shape.size()));
  GRAUPEL_TRY(const float epsilon, node.real("epsilon", 1e-5f));
  GRAUPEL_TRY(const Tensor scale, constant_f32(context, 1, "scale"));
  Tensor shift = filled(1, 0);
  if (context.has(2)) {
    GRAUPEL_TRY(shift, constant_f32(context, 2, "B"));
  }
  return normalize_from(context, Normalize{kKind, 0, 1, epsilon}, x, axis, scale, shift);
}

/// N, C and spatial extents, with C stored last.
ImportValue with_channels_last(ImportContext& context, const ImportValue& x) {
  if (x.order.front() == 0 && x.order.back() == 1) return x;
  std::vector<int> order = onnx_order(x.shape.size());
  order.erase(order.begin() + 1);
  order.push_back(1);
  return context.in_order(x, order);
}

/// Scale and B, one for each of `count`.
Result<Tensor> constant_of(const ImportContext& context, std::size_t i, std::string_view what, int64_t count) {
  GRAUPEL_TRY(Tensor constant, constant_f32(context, i, what));
  if (constant.type.shape != Shape{count})
    return invalid("input ", i, " (", what, ") has shape ", to_string(constant.type.shape), "; ", count,
                   " values are needed");
  return constant;
}

Result<> import_instance(ImportContext& context) {
  GRAUPEL_TRY(const float epsilon, context.node().real("epsilon", 1e-5f));
  GRAUPEL_TRY(const ImportValue x, context.in(0));
  if (x.shape.size() < 3)
    return invalid("input of shape ", to_string(x.shape), "; N, C and spatial extents are needed");
  GRAUPEL_TRY(const Tensor scale, constant_of(context, 1, "scale", x.shape[1]));
  GRAUPEL_TRY(const Tensor shift, constant_of(context, 2, "B", x.shape[1]));
  // Where all channels have one scale and shift, planes that lie together are normalized as they lie: exporters write
  // a group norm so.
  if (uniform(scale) && uniform(shift) && stores_last(x, 2))
    return normalize_from(context, Normalize{Kind::kStandard, 0, 1, epsilon}, x, 2, filled(1, scale.as<float>()[0]),
                          filled(1, shift.as<float>()[0]));
  const Normalize op{Kind::kStandard, 1, static_cast<int32_t>(x.shape[1]), epsilon};
  GRAUPEL_TRY(const ImportValue out, emit_normalize(context, op, with_channels_last(context, x), scale, shift));
  context.set_output(0, out);
  return {};
}

/// Before opset 21 there is one scale and B per group.
Result<Tensor> spread_over_channels(const Tensor& constant, int64_t channels) {
  const auto count = element_count(constant.type.shape);
  auto [spread, data] = Tensor::make<float>({channels});
  for (int64_t c = 0; c < channels; ++c)
    data[c] = constant.as<float>()[static_cast<std::size_t>(c / (channels / count))];
  return spread;
}

Result<> import_group(ImportContext& context) {
  const onnx::Node& node = context.node();
  GRAUPEL_TRY(const float epsilon, node.real("epsilon", 1e-5f));
  GRAUPEL_TRY(const int64_t groups, node.integer("num_groups", 0));
  GRAUPEL_TRY(const ImportValue x, context.in(0));
  if (x.shape.size() < 2) return invalid("input of shape ", to_string(x.shape), "; N and C are needed");
  const int64_t channels = x.shape[1];
  if (groups < 1 || channels % groups != 0)
    return invalid("attribute num_groups is ", groups, " for ", channels, " channels (accepted: what divides them)");
  const int64_t count = context.opset() < 21 ? groups : channels;
  GRAUPEL_TRY(Tensor scale, constant_of(context, 1, "scale", count));
  GRAUPEL_TRY(Tensor shift, constant_of(context, 2, "bias", count));
  GRAUPEL_TRY(scale, spread_over_channels(scale, channels));
  GRAUPEL_TRY(shift, spread_over_channels(shift, channels));
  const Normalize op{Kind::kStandard, 1, static_cast<int32_t>(groups), epsilon};
  GRAUPEL_TRY(const ImportValue out, emit_normalize(context, op, with_channels_last(context, x), scale, shift));
  context.set_output(0, out);
  return {};
}

Result<> import_lp(ImportContext& context) {
  GRAUPEL_TRY(ImportValue x, context.in(0));
  GRAUPEL_TRY(const int64_t p, context.node().integer("p", 2));
  if (p != 2) return unsupported("attribute p is ", p, " (supported: 2)");
  GRAUPEL_TRY(const int64_t given, context.node().integer("axis", -1));
  GRAUPEL_TRY(const int64_t axis, checked_axis(given, x.shape.size()));
  if (x.order.back() != axis) {
    std::vector<int> order = x.order;
    order.erase(std::find(order.begin(), order.end(), static_cast<int>(axis)));
    order.push_back(static_cast<int>(axis));
    x = context.in_order(x, order);
  }
  // A vector of zeros stays one; no other square is below that of the least normal float.
  const Normalize op{Kind::kL2, static_cast<int32_t>(x.shape.size()) - 1, 1, std::numeric_limits<float>::min()};
  GRAUPEL_TRY(const ImportValue out, emit_normalize(context, op, x, filled(1, 1), filled(1, 0)));
  context.set_output(0, out);
  return {};
}

}  // namespace

std::span<const OnnxImport> Normalize::imports() {
  static constexpr OnnxImport kImports[] = {{"GroupNormalization", import_group},
                                            {"InstanceNormalization", import_instance},
                                            {"LayerNormalization", import_from_axis<Kind::kStandard>},
                                            {"LpNormalization", import_lp},
                                            {"RMSNormalization", import_from_axis<Kind::kRms>}};
  return kImports;
}

}  // namespace graupel
