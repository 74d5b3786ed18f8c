#include "ops/pad.h"

#include <algorithm>
#include <cmath>

#include "ops/image_import.h"
#include "ops/integers_import.h"
#include "ops/moves.h"

namespace graupel {
namespace {

Result<float> pad_value(const ImportContext& context) {
  if (context.node().has("value") || !context.has(2)) return context.node().real("value", 0.0f);
  GRAUPEL_TRY(const Tensor constant, constant_f32(context, 2, "constant_value"));
  if (element_count(constant.type.shape) != 1)
    return invalid("input 2 (constant_value) has shape ", to_string(constant.type.shape), "; it must be one element");
  return constant.as<float>()[0];
}

/// Amounts before all axes, then after all axes.
Result<std::vector<int64_t>> pads_of(const ImportContext& context, std::size_t rank) {
  GRAUPEL_TRY(const std::vector<int64_t> given, attribute_or_input(context, "pads", 1));
  std::vector<int64_t> axes;
  if (context.has(3)) {
    GRAUPEL_TRY(axes, constant_integers(context, 3, "axes"));
  }
  GRAUPEL_TRY(axes, checked_axes(axes, rank));
  if (given.size() != 2 * axes.size())
    return invalid("has ", given.size(), " pads for ", axes.size(), " axes; two for each are needed");
  std::vector<int64_t> pads(2 * rank, 0);
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (given[i] < -65535 || given[i] > 65535)
      return unsupported("pads by ", given[i], " (supported: -65535 to 65535)");
    const auto axis = static_cast<std::size_t>(axes[i % axes.size()]);
    pads[axis + (i < axes.size() ? 0 : rank)] = given[i];
  }
  return pads;
}

/// `x` without what negative amounts take away; those become 0.
Result<ImportValue> cropped(ImportContext& context, ImportValue x, std::vector<int64_t>& pads) {
  const std::size_t rank = x.shape.size();
  for (std::size_t axis = 0; axis < rank; ++axis) {
    const int64_t before = std::max<int64_t>(-pads[axis], 0), after = std::max<int64_t>(-pads[axis + rank], 0);
    if (before + after == 0) continue;
    const int64_t left = x.shape[axis] - before - after;
    if (left < 1) return unsupported("crops an extent of ", x.shape[axis], " to ", left, " (supported: at least 1)");
    const Slice slice{stored_axis(x, static_cast<int64_t>(axis)), static_cast<int32_t>(before),
                      static_cast<int32_t>(left), 1};
    GRAUPEL_TRY(x, context.emit(slice, std::vector{x}, x.order));
    pads[axis] = std::max<int64_t>(pads[axis], 0);
    pads[axis + rank] = std::max<int64_t>(pads[axis + rank], 0);
  }
  return x;
}

/// `x` with `before` and `after` elements of itself along ONNX axis `axis`: mirrored at the ends without repeating them
/// (reflect), or the ends repeated (edge).
Result<ImportValue> continued(ImportContext& context, const ImportValue& x, int64_t axis, bool reflect, int64_t before,
                              int64_t after) {
  const int64_t extent = x.shape[static_cast<std::size_t>(axis)];
  if (before + after == 0) return x;
  if (reflect && std::max(before, after) >= extent)
    return unsupported("reflects ", before, " and ", after, " elements of an extent of ", extent,
                       " (supported: fewer than it has)");
  const int32_t stored = stored_axis(x, axis);
  const auto i32 = [](int64_t value) { return static_cast<int32_t>(value); };
  const Slice first{stored, i32(reflect ? before : 0), i32(before), reflect ? -1 : 0};
  const Slice last{stored, i32(reflect ? extent - 2 : extent - 1), i32(after), reflect ? -1 : 0};
  std::vector<ImportValue> parts = {x};
  if (before > 0) {
    GRAUPEL_TRY(const ImportValue part, context.emit(first, std::vector{x}, x.order));
    parts.insert(parts.begin(), part);
  }
  if (after > 0) {
    GRAUPEL_TRY(const ImportValue part, context.emit(last, std::vector{x}, x.order));
    parts.push_back(part);
  }
  return context.emit(Concat{stored}, parts, x.order);
}

Result<> import_pad(ImportContext& context) {
  GRAUPEL_TRY(const std::string mode, context.node().text("mode", "constant"));
  GRAUPEL_TRY(ImportValue x, context.in(0));
  GRAUPEL_TRY(std::vector<int64_t> pads, pads_of(context, x.shape.size()));
  const auto all_zero = [&] { return std::all_of(pads.begin(), pads.end(), [](int64_t pad) { return pad == 0; }); };
  if (mode != "constant" && mode != "reflect" && mode != "edge" && !all_zero())
    return unsupported("attribute mode is '", mode, "' (supported: constant, reflect, edge)");
  GRAUPEL_TRY(x, cropped(context, x, pads));
  const std::size_t rank = x.shape.size();
  for (std::size_t axis = 0; axis < rank && mode != "constant"; ++axis) {
    GRAUPEL_TRY(x, continued(context, x, static_cast<int64_t>(axis), mode == "reflect", pads[axis], pads[axis + rank]));
  }
  if (mode != "constant" || all_zero()) {
    context.set_output(0, x);
    return {};
  }
  Pad op;
  GRAUPEL_TRY(op.value, pad_value(context));
  for (const int axis : x.order) {
    op.before.push_back(static_cast<int32_t>(pads[static_cast<std::size_t>(axis)]));
    op.after.push_back(static_cast<int32_t>(pads[static_cast<std::size_t>(axis) + x.shape.size()]));
  }
  return finish_same_order(context, x, op);
}

Shape offsets(const std::vector<int32_t>& before) { return {before.begin(), before.end()}; }

}  // namespace

QuantRule Pad::quant_rule() const { return QuantRule::kShared; }

Result<TensorType> Pad::infer(std::span<const TensorType> in) const {
  GRAUPEL_DO(expect_operands(in, 1));
  GRAUPEL_DO(expect_activation(in[0], before.size(), "input"));
  if (after.size() != before.size())
    return invalid("has ", before.size(), " amounts before and ", after.size(), " after; they must be equally many");
  if (std::isnan(value)) return invalid("the value is not a number");
  TensorType out = in[0];
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (before[i] < 0 || after[i] < 0)
      return invalid("extent ", i, " is padded by ", before[i], " and ", after[i], "; neither may be negative");
    out.shape[i] += int64_t{before[i]} + after[i];
  }
  GRAUPEL_DO(validate(out.shape));
  return out;
}

Result<Tensor> Pad::eval(const EvalContext& context, std::span<const Tensor> in, const TensorType& out) const {
  constexpr int64_t kGrain = 16384;
  auto [result, dst] = context.make(out.shape);
  context.pool->run(element_count(out.shape), kGrain,
                    [&, data = dst](int64_t begin, int64_t end, int) { std::fill(data + begin, data + end, value); });
  move_floats(context, move_into(in[0].type.shape, out.shape, offsets(before)), in[0].as<float>().data(), dst);
  return result;
}

/// The whole output is filled, then the input laid into it.
Result<std::vector<Step>> Pad::lower(const LowerContext& context) const {
  GRAUPEL_DO(expect_shared_scale(context.in[0], context.out, "input"));
  GRAUPEL_TRY(const Affinity q, quantization_of(context.out, "output"));
  const View view = image_of(context.out.shape).ok() ? image_of(context.out.shape).value() : View{};
  FillParams fill;
  fill.runs = view.h;
  fill.count = fill.stride = static_cast<int32_t>(element_count(context.out.shape) / view.h);
  fill.element = context.out.dtype;
  fill.value = code_of(static_cast<double>(value), q);
  GRAUPEL_TRY(Step move,
              move_step(move_into(context.in[0].shape, context.out.shape, offsets(before)), 0, context.out.dtype));
  return std::vector{Step{fill, {}}, std::move(move)};
}

std::span<const OnnxImport> Pad::imports() {
  static constexpr OnnxImport kImports[] = {{"Pad", import_pad}};
  return kImports;
}

std::span<const Constraint<Pad>> Pad::constraints() { return {}; }

static_assert(OpType<Pad>);

}  // namespace graupel
