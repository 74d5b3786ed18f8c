// ONNX nodes that change extents but no element: Reshape, Flatten, Squeeze, Unsqueeze, and Expand and Tile, which
// repeat.
#include <algorithm>
#include <limits>
#include <numeric>
#include <optional>

#include "ops/image_import.h"
#include "ops/integers_import.h"

namespace graupel {
namespace {

/// Neighbouring ONNX extents of a value and of what it becomes that hold the same elements: 255 and 3, 85. None is 1.
struct Group {
  std::vector<int> from, to;
};

std::vector<int> axes_above_one(const Shape& shape) {
  std::vector<int> axes;
  for (const int axis : onnx_order(shape.size()))
    if (shape[static_cast<std::size_t>(axis)] != 1) axes.push_back(axis);
  return axes;
}

/// The finest groups; the shapes have one element count.
std::vector<Group> groups_of(const Shape& from, const Shape& to) {
  std::vector<Group> groups;
  const std::vector<int> from_axes = axes_above_one(from), to_axes = axes_above_one(to);
  for (std::size_t i = 0, j = 0; i < from_axes.size();) {
    Group group;
    int64_t left = 1, right = 1;
    do {
      if (left <= right) {
        group.from.push_back(from_axes[i++]);
        left *= from[static_cast<std::size_t>(group.from.back())];
      } else {
        group.to.push_back(to_axes[j++]);
        right *= to[static_cast<std::size_t>(group.to.back())];
      }
    } while (left != right);
    groups.push_back(std::move(group));
  }
  return groups;
}

/// How the extents above 1 of the result lie when the stored bytes stay as they are, or nothing when they cannot.
std::optional<std::vector<int>> kept_axes(const ImportValue& x, const std::vector<Group>& groups) {
  std::vector<int> stored, kept;
  for (const int axis : x.order)
    if (x.shape[static_cast<std::size_t>(axis)] != 1) stored.push_back(axis);
  for (auto at = stored.begin(); at != stored.end();) {
    const auto group = std::find_if(groups.begin(), groups.end(), [&](const Group& g) { return g.from[0] == *at; });
    if (group == groups.end()) return {};
    const auto [own, next] = std::mismatch(group->from.begin(), group->from.end(), at, stored.end());
    if (own != group->from.end()) return {};
    kept.insert(kept.end(), group->to.begin(), group->to.end());
    at = next;
  }
  return kept;
}

/// The extents of the input, group after group in the order in which their first bytes are stored; every group whole
/// and as ONNX has it. What reordering to it costs later layers is least where images stay images.
std::vector<int> grouped_axes(const ImportValue& x, std::vector<Group>& groups) {
  const auto first_stored = [&](const Group& group) {
    return std::find_first_of(x.order.begin(), x.order.end(), group.from.begin(), group.from.end());
  };
  std::sort(groups.begin(), groups.end(),
            [&](const Group& a, const Group& b) { return first_stored(a) < first_stored(b); });
  std::vector<int> axes;
  for (const Group& group : groups) axes.insert(axes.end(), group.from.begin(), group.from.end());
  return axes;
}

/// The order that puts extents of 1 among `kept`: as images are stored or as ONNX has it where that fits, else beside
/// their neighbours.
std::vector<int> order_around(const std::vector<int>& kept, const Shape& shape) {
  std::vector<std::vector<int>> usual = {onnx_order(shape.size())};
  if (shape.size() == 4) usual.insert(usual.begin(), {0, 2, 3, 1});
  if (shape.size() == 3) usual.push_back({0, 2, 1});
  for (const std::vector<int>& order : usual) {
    std::vector<int> above_one;
    for (const int axis : order)
      if (shape[static_cast<std::size_t>(axis)] != 1) above_one.push_back(axis);
    if (above_one == kept) return order;
  }
  std::vector<int> order = kept;
  for (const int axis : onnx_order(shape.size())) {
    if (shape[static_cast<std::size_t>(axis)] != 1) continue;
    const auto before = std::find(order.begin(), order.end(), axis - 1);
    order.insert(axis == 0 ? order.begin() : before + 1, axis);
  }
  return order;
}

Result<> reshape_to(ImportContext& context, const Shape& shape) {
  GRAUPEL_TRY(ImportValue x, context.in(0));
  GRAUPEL_DO(validate(shape));
  if (element_count(shape) != element_count(x.shape) || element_count(shape) == 0)
    return invalid("an input of shape ", to_string(x.shape), " cannot become ", to_string(shape));
  if (shape == x.shape) {
    context.set_output(0, x);
    return {};
  }
  std::vector<Group> groups = groups_of(x.shape, shape);
  std::optional<std::vector<int>> kept = kept_axes(x, groups);
  if (!kept) {
    x = context.in_order(x, order_around(grouped_axes(x, groups), x.shape));
    kept = kept_axes(x, groups);
    check(kept.has_value(), "reshape: groups that were brought together are not");
  }
  const std::vector<int> order = order_around(*kept, shape);
  Shape stored;
  for (const int axis : order) stored.push_back(shape[static_cast<std::size_t>(axis)]);
  GRAUPEL_TRY(const ImportValue out, context.emit(Reshape{stored}, std::vector{x}, order));
  context.set_output(0, out);
  return {};
}

Result<> import_reshape(ImportContext& context) {
  GRAUPEL_TRY(const Shape in, context.shape(0));
  GRAUPEL_TRY(Shape shape, attribute_or_input(context, "shape", 1));
  GRAUPEL_TRY(const int64_t allow_zero, context.node().integer("allowzero", 0));
  int64_t known = 1;
  std::size_t open = shape.size();
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == 0 && allow_zero == 0) {
      if (i >= in.size())
        return invalid("shape ", to_string(shape), " copies extent ", i, " of an input of shape ", to_string(in));
      shape[i] = in[i];
    }
    if (shape[i] == -1 && open == shape.size()) {
      open = i;
      continue;
    }
    if (shape[i] < 1 || shape[i] > element_count(in))
      return invalid("extent ", i, " of the new shape is ", shape[i], " for an input of shape ", to_string(in),
                     " (accepted: 1 to ", element_count(in), ", or -1 once)");
    known = std::min(known * shape[i], int64_t{1} << 31);
  }
  if (open < shape.size()) shape[open] = element_count(in) / known;
  return reshape_to(context, shape);
}

Result<> import_flatten(ImportContext& context) {
  GRAUPEL_TRY(const Shape in, context.shape(0));
  GRAUPEL_TRY(int64_t axis, context.node().integer("axis", 1));
  const auto rank = static_cast<int64_t>(in.size());
  if (axis < -rank || axis > rank)
    return invalid("attribute axis is ", axis, " for ", rank, " extents (accepted: ", -rank, " to ", rank, ")");
  if (axis < 0) axis += rank;
  const int64_t outer = std::accumulate(in.begin(), in.begin() + axis, int64_t{1}, std::multiplies<>());
  return reshape_to(context, {outer, outer == 0 ? 0 : element_count(in) / outer});
}

Result<> import_squeeze(ImportContext& context) {
  GRAUPEL_TRY(const Shape in, context.shape(0));
  GRAUPEL_TRY(std::vector<int64_t> axes, attribute_or_input(context, "axes", 1));
  const bool all = axes.empty();
  if (!all) {
    GRAUPEL_TRY(axes, checked_axes(axes, in.size()));
  }
  Shape shape;
  for (std::size_t i = 0; i < in.size(); ++i) {
    const bool named = std::count(axes.begin(), axes.end(), static_cast<int64_t>(i)) != 0;
    if (named && in[i] != 1) return invalid("extent ", i, " is ", in[i], "; only extents of 1 can be squeezed");
    if (!named && !(all && in[i] == 1)) shape.push_back(in[i]);
  }
  return reshape_to(context, shape);
}

Result<> import_unsqueeze(ImportContext& context) {
  GRAUPEL_TRY(const Shape in, context.shape(0));
  GRAUPEL_TRY(std::vector<int64_t> axes, attribute_or_input(context, "axes", 1));
  const std::size_t rank = in.size() + axes.size();
  if (!axes.empty()) {
    GRAUPEL_TRY(axes, checked_axes(axes, rank));
  }
  Shape shape;
  auto next = in.begin();
  for (std::size_t i = 0; i < rank; ++i) {
    const bool added = std::count(axes.begin(), axes.end(), static_cast<int64_t>(i)) != 0;
    shape.push_back(added ? 1 : *next++);
  }
  return reshape_to(context, shape);
}

/// `x` with other ONNX extents of 1 in front.
Result<ImportValue> with_leading_ones(ImportContext& context, ImportValue x, std::size_t rank) {
  if (x.shape.size() == rank) return x;
  x = context.in_onnx_order(x);
  Shape shape(rank, 1);
  std::copy(x.shape.begin(), x.shape.end(), shape.end() - static_cast<std::ptrdiff_t>(x.shape.size()));
  return context.emit(Reshape{shape}, std::vector{x}, onnx_order(rank));
}

Result<> import_expand(ImportContext& context) {
  GRAUPEL_TRY(ImportValue x, context.in(0));
  GRAUPEL_TRY(const Shape shape, constant_integers(context, 1, "shape"));
  GRAUPEL_TRY(x, with_leading_ones(context, x, std::max(x.shape.size(), shape.size())));
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const std::size_t axis = x.shape.size() - shape.size() + i;
    if (shape[i] == 1 || shape[i] == x.shape[axis]) continue;
    if (x.shape[axis] != 1 || shape[i] < 1 || shape[i] > std::numeric_limits<int32_t>::max())
      return invalid("an extent of ", x.shape[axis], " cannot be expanded to ", shape[i]);
    const Slice repeated{stored_axis(x, static_cast<int64_t>(axis)), 0, static_cast<int32_t>(shape[i]), 0};
    GRAUPEL_TRY(x, context.emit(repeated, std::vector{x}, x.order));
  }
  context.set_output(0, x);
  return {};
}

/// Every extent that is repeated gets an extent of 1 before it, which is expanded and then joined with it.
Result<> import_tile(ImportContext& context) {
  GRAUPEL_TRY(ImportValue x, context.in(0));
  GRAUPEL_TRY(const std::vector<int64_t> repeats, constant_integers(context, 1, "repeats"));
  if (repeats.size() != x.shape.size())
    return invalid("has ", repeats.size(), " repeats for ", x.shape.size(), " extents");
  for (std::size_t axis = 0; axis < repeats.size(); ++axis) {
    if (repeats[axis] == 1) continue;
    if (repeats[axis] < 1 || repeats[axis] > std::numeric_limits<int32_t>::max())
      return unsupported("repeats an extent ", repeats[axis], " times (supported: at least once)");
    const auto stored = static_cast<std::size_t>(stored_axis(x, static_cast<int64_t>(axis)));
    Shape apart;
    for (const int at : x.order) apart.push_back(x.shape[static_cast<std::size_t>(at)]);
    Shape together = apart;
    together[stored] *= repeats[axis];
    GRAUPEL_DO(validate(together));
    apart.insert(apart.begin() + static_cast<std::ptrdiff_t>(stored), 1);
    const Slice repeated{static_cast<int32_t>(stored), 0, static_cast<int32_t>(repeats[axis]), 0};
    const std::vector<int> order = x.order, more = onnx_order(apart.size());
    GRAUPEL_TRY(x, context.emit(Reshape{apart}, std::vector{x}, more));
    GRAUPEL_TRY(x, context.emit(repeated, std::vector{x}, more));
    GRAUPEL_TRY(x, context.emit(Reshape{together}, std::vector{x}, order));
  }
  context.set_output(0, x);
  return {};
}

}  // namespace

std::span<const OnnxImport> Reshape::imports() {
  static constexpr OnnxImport kImports[] = {{"Expand", import_expand},   {"Flatten", import_flatten},
                                            {"Reshape", import_reshape}, {"Squeeze", import_squeeze},
                                            {"Tile", import_tile},       {"Unsqueeze", import_unsqueeze}};
  return kImports;
}

}  // namespace graupel
