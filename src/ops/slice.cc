#include "ops/slice.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "ops/image_import.h"
#include "ops/integers_import.h"
#include "ops/moves.h"

namespace graupel {
namespace {

/// The indices an ONNX Slice takes of one extent.
Result<Slice> slice_of(int64_t extent, int64_t start, int64_t end, int64_t step) {
  if (step == 0) return invalid("a step is 0");
  const auto from_end = [&](int64_t index) { return index < 0 ? index + extent : index; };
  const bool forward = step > 0;
  const int64_t first = std::clamp<int64_t>(from_end(start), 0, forward ? extent : extent - 1);
  const int64_t last = std::clamp<int64_t>(from_end(end), forward ? 0 : -1, forward ? extent : extent - 1);
  const int64_t span = forward ? last - first : first - last;
  const auto stride = static_cast<int64_t>(std::min<uint64_t>(
      forward ? static_cast<uint64_t>(step) : uint64_t{0} - static_cast<uint64_t>(step), uint64_t{1} << 31));
  if (span <= 0)
    return unsupported("from ", start, " to ", end, " in steps of ", step, " of an extent of ", extent,
                       " is empty (supported: at least one element)");
  const int64_t count = (span + stride - 1) / stride;
  const int64_t taken = count == 1 ? 1 : forward ? stride : -stride;
  return Slice{0, static_cast<int32_t>(first), static_cast<int32_t>(count), static_cast<int32_t>(taken)};
}

/// One part of `x` along ONNX axis `axis`; `x` itself when that is all.
Result<ImportValue> take(ImportContext& context, const ImportValue& x, int64_t axis, Slice slice) {
  if (slice.begin == 0 && slice.step == 1 && slice.count == x.shape[static_cast<std::size_t>(axis)]) return x;
  slice.axis = stored_axis(x, axis);
  return context.emit(slice, std::vector{x}, x.order);
}

Result<> import_slice(ImportContext& context) {
  GRAUPEL_TRY(ImportValue x, context.in(0));
  GRAUPEL_TRY(const std::vector<int64_t> starts, attribute_or_input(context, "starts", 1));
  GRAUPEL_TRY(const std::vector<int64_t> ends, attribute_or_input(context, "ends", 2));
  GRAUPEL_TRY(std::vector<int64_t> axes, attribute_or_input(context, "axes", 3));
  GRAUPEL_TRY(std::vector<int64_t> steps, attribute_or_input(context, "steps", 4));
  if (axes.empty()) {
    axes.resize(starts.size());
    std::iota(axes.begin(), axes.end(), 0);
  }
  if (steps.empty()) steps.assign(starts.size(), 1);
  if (ends.size() != starts.size() || axes.size() != starts.size() || steps.size() != starts.size())
    return invalid("has ", starts.size(), " starts, ", ends.size(), " ends, ", axes.size(), " axes and ", steps.size(),
                   " steps; they must be equally many");
  if (!axes.empty()) {
    GRAUPEL_TRY(axes, checked_axes(axes, x.shape.size()));
  }
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const int64_t extent = x.shape[static_cast<std::size_t>(axes[i])];
    GRAUPEL_TRY(const Slice slice, slice_of(extent, starts[i], ends[i], steps[i]).within("axis ", axes[i]));
    GRAUPEL_TRY(x, take(context, x, axes[i], slice));
  }
  context.set_output(0, x);
  return {};
}

/// Extents of the parts of a Split.
Result<std::vector<int64_t>> parts_of(const ImportContext& context, int64_t extent) {
  GRAUPEL_TRY(std::vector<int64_t> parts, attribute_or_input(context, "split", 1));
  const auto outputs = static_cast<int64_t>(context.node().outputs.size());
  if (parts.empty()) {
    GRAUPEL_TRY(const int64_t count, context.node().integer("num_outputs", outputs));
    if (count < 1 || count > extent || count < outputs)
      return invalid("an extent of ", extent, " is split in ", count, " for ", outputs, " outputs");
    const int64_t part = (extent + count - 1) / count;
    for (int64_t at = 0; at < extent; at += part) parts.push_back(std::min(part, extent - at));
  }
  int64_t rest = extent;
  for (const int64_t part : parts) {
    if (part < 1 || part > rest)
      return unsupported("an extent of ", extent, " is split into ", to_string(parts),
                         " (supported: parts of at least 1 that add up)");
    rest -= part;
  }
  if (rest != 0 || static_cast<int64_t>(parts.size()) < outputs)
    return invalid("an extent of ", extent, " is split into ", to_string(parts), " for ", outputs, " outputs");
  return parts;
}

Result<> import_split(ImportContext& context) {
  GRAUPEL_TRY(const ImportValue x, context.in(0));
  GRAUPEL_TRY(const int64_t given, context.node().integer("axis", 0));
  GRAUPEL_TRY(const int64_t axis, checked_axis(given, x.shape.size()));
  GRAUPEL_TRY(const std::vector<int64_t> parts, parts_of(context, x.shape[static_cast<std::size_t>(axis)]));
  int64_t begin = 0;
  const auto& outputs = context.node().outputs;
  for (std::size_t i = 0; i < outputs.size(); begin += parts[i++]) {
    if (outputs[i].empty()) continue;
    const Slice slice{0, static_cast<int32_t>(begin), static_cast<int32_t>(parts[i]), 1};
    GRAUPEL_TRY(const ImportValue part, take(context, x, axis, slice));
    context.set_output(i, part);
  }
  return {};
}

}  // namespace

QuantRule Slice::quant_rule() const { return QuantRule::kShared; }

Result<TensorType> Slice::infer(std::span<const TensorType> in) const {
  GRAUPEL_DO(expect_operands(in, 1));
  GRAUPEL_DO(expect_activation_of_any_rank(in[0], 1, "input"));
  const auto rank = static_cast<int32_t>(in[0].shape.size());
  if (axis < 0 || axis >= rank) return invalid("axis ", axis, " of ", rank, " extents (accepted: 0 to ", rank - 1, ")");
  const int64_t extent = in[0].shape[static_cast<std::size_t>(axis)];
  const int64_t last = begin + int64_t{count - 1} * step;
  if (count < 1 || begin < 0 || begin >= extent || last < 0 || last >= extent)
    return invalid("takes ", count, " elements from ", begin, " in steps of ", step, " of an extent of ", extent,
                   "; all must lie inside");
  TensorType out = in[0];
  out.shape[static_cast<std::size_t>(axis)] = count;
  return out;
}

Result<Tensor> Slice::eval(const EvalContext& context, std::span<const Tensor> in, const TensorType& out) const {
  auto [result, dst] = context.make(out.shape);
  const Move move = move_out_of(in[0].type.shape, out.shape, static_cast<std::size_t>(axis), begin, step);
  move_floats(context, move, in[0].as<float>().data(), dst);
  return result;
}

Result<std::vector<Step>> Slice::lower(const LowerContext& context) const {
  GRAUPEL_DO(expect_shared_scale(context.in[0], context.out, "input"));
  const Move move = move_out_of(context.in[0].shape, context.out.shape, static_cast<std::size_t>(axis), begin, step);
  GRAUPEL_TRY(Step only, move_step(move, 0, context.out.dtype));
  return std::vector{std::move(only)};
}

std::span<const OnnxImport> Slice::imports() {
  static constexpr OnnxImport kImports[] = {{"Slice", import_slice}, {"Split", import_split}};
  return kImports;
}

std::span<const Constraint<Slice>> Slice::constraints() { return {}; }

static_assert(OpType<Slice>);

}  // namespace graupel
