// ONNX nodes that take parts of one extent: Slice, Split, Gather with constant indices.
#include <algorithm>
#include <limits>
#include <numeric>

#include "ops/image_import.h"
#include "ops/integers_import.h"

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
    if (part < 0 || part > rest)
      return invalid("an extent of ", extent, " is split into ", to_string(parts),
                     " (accepted: parts of at least 0 that add up)");
    rest -= part;
  }
  if (rest != 0 || static_cast<int64_t>(parts.size()) < outputs)
    return invalid("an extent of ", extent, " is split into ", to_string(parts), " for ", outputs, " outputs");
  return parts;
}

/// No element of axis `axis`: a constant, which a Concat leaves out.
ImportValue empty_part(ImportContext& context, Shape shape, int64_t axis) {
  shape[static_cast<std::size_t>(axis)] = 0;
  return context.add_constant(Tensor::make<float>(std::move(shape)).first);
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
    if (parts[i] == 0) {
      context.set_output(i, empty_part(context, x.shape, axis));
      continue;
    }
    const Slice slice{0, static_cast<int32_t>(begin), static_cast<int32_t>(parts[i]), 1};
    GRAUPEL_TRY(const ImportValue part, take(context, x, axis, slice));
    context.set_output(i, part);
  }
  return {};
}

/// `indices` as slices, each as long as its steps are even.
std::vector<Slice> slices_of(std::span<const int64_t> indices) {
  std::vector<Slice> slices;
  for (std::size_t i = 0; i < indices.size();) {
    std::size_t end = i + 1;
    const int64_t step = end < indices.size() && indices[end] != indices[i] ? indices[end] - indices[i] : 1;
    while (end < indices.size() && indices[end] - indices[end - 1] == step) ++end;
    slices.push_back({0, static_cast<int32_t>(indices[i]), static_cast<int32_t>(end - i),
                      static_cast<int32_t>(end == i + 1 ? 1 : step)});
    i = end;
  }
  return slices;
}

/// `value` with ONNX extent `at` replaced by `extents`, which have as many elements; stored where it was.
Result<ImportValue> with_extents(ImportContext& context, const ImportValue& value, int64_t at, const Shape& extents) {
  const int place = static_cast<int>(at), added = static_cast<int>(extents.size()) - 1;
  Shape shape = value.shape, stored;
  shape.erase(shape.begin() + at);
  shape.insert(shape.begin() + at, extents.begin(), extents.end());
  std::vector<int> order;
  for (const int axis : value.order) {
    if (axis != place) order.push_back(axis < place ? axis : axis + added);
    for (int i = 0; axis == place && i <= added; ++i) order.push_back(place + i);
  }
  for (const int axis : order) stored.push_back(shape[static_cast<std::size_t>(axis)]);
  return context.emit(Reshape{stored}, std::vector{value}, order);
}

Result<> import_gather(ImportContext& context) {
  constexpr std::size_t kMostSlices = 1024;
  GRAUPEL_TRY(const ImportValue x, context.in(0));
  GRAUPEL_TRY(const int64_t given, context.node().integer("axis", 0));
  GRAUPEL_TRY(const int64_t axis, checked_axis(given, x.shape.size()));
  GRAUPEL_TRY(std::vector<int64_t> indices, constant_integers(context, 1, "indices"));
  GRAUPEL_TRY(const Shape shape, context.shape(1));
  const int64_t extent = x.shape[static_cast<std::size_t>(axis)];
  for (int64_t& index : indices) {
    if (index < -extent || index >= extent)
      return invalid("index ", index, " of an extent of ", extent, " (accepted: ", -extent, " to ", extent - 1, ")");
    if (index < 0) index += extent;
  }
  const std::vector<Slice> slices = slices_of(indices);
  if (slices.empty() || slices.size() > kMostSlices)
    return unsupported("gathers ", indices.size(), " indices in ", slices.size(), " slices (supported: 1 to ",
                       kMostSlices, ")");
  std::vector<ImportValue> parts;
  for (const Slice& slice : slices) {
    GRAUPEL_TRY(ImportValue part, take(context, x, axis, slice));
    parts.push_back(std::move(part));
  }
  ImportValue out = parts[0];
  if (parts.size() > 1) {
    GRAUPEL_TRY(out, context.emit(Concat{stored_axis(x, axis)}, parts, x.order));
  }
  if (shape.size() != 1) {
    GRAUPEL_TRY(out, with_extents(context, out, axis, shape));
  }
  context.set_output(0, out);
  return {};
}

}  // namespace

std::span<const OnnxImport> Slice::imports() {
  static constexpr OnnxImport kImports[] = {
      {"Gather", import_gather}, {"Slice", import_slice}, {"Split", import_split}};
  return kImports;
}

}  // namespace graupel
