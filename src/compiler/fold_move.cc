// Constants that are made, indexed, reshaped and cast.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "compiler/fold_rules.h"

namespace graupel {
namespace {

Folded one(Tensor tensor) { return std::vector{std::move(tensor)}; }

Folded fold_constant(const FoldContext& context) {
  const onnx::Node& node = context.node;
  if (const auto value = node.attributes.find("value"); value != node.attributes.end())
    if (const Tensor* tensor = std::get_if<Tensor>(&value->second)) return one(*tensor);
  if (node.has("value_float")) {
    GRAUPEL_TRY(const float value, node.real("value_float", 0));
    return one(Tensor::of<float>({}, {value}));
  }
  if (node.has("value_int")) {
    GRAUPEL_TRY(const int64_t value, node.integer("value_int", 0));
    return one(Tensor::of<int64_t>({}, {value}));
  }
  if (node.has("value_floats")) {
    GRAUPEL_TRY(const std::vector<float> values, node.reals("value_floats", {}));
    return one(Tensor::of<float>({static_cast<int64_t>(values.size())}, values));
  }
  if (node.has("value_ints")) {
    GRAUPEL_TRY(const std::vector<int64_t> values, node.integers("value_ints", {}));
    return one(Tensor::of<int64_t>({static_cast<int64_t>(values.size())}, values));
  }
  return unsupported("a constant that is neither a tensor nor numbers");
}

Folded fold_constant_of_shape(const FoldContext& context) {
  GRAUPEL_TRY(Shape shape, integers_of(context, 0));
  GRAUPEL_DO(check_size(context, shape));
  Tensor value = Tensor::of<float>({1}, {0});
  if (const auto given = context.node.attributes.find("value"); given != context.node.attributes.end())
    if (const Tensor* tensor = std::get_if<Tensor>(&given->second)) value = *tensor;
  if (element_count(value.type.shape) != 1)
    return invalid("attribute value has shape ", to_string(value.type.shape), " (expected: 1)");
  return one(pick(value, shape, [](int64_t) { return 0; }));
}

Folded fold_shape(const FoldContext& context) {
  const Shape& shape = *context.shapes[0];
  const auto rank = static_cast<int64_t>(shape.size());
  GRAUPEL_TRY(int64_t start, context.node.integer("start", 0));
  GRAUPEL_TRY(int64_t end, context.node.integer("end", rank));
  start = std::clamp<int64_t>(start < 0 ? start + rank : start, 0, rank);
  end = std::clamp<int64_t>(end < 0 ? end + rank : end, start, rank);
  const Shape part(shape.begin() + start, shape.begin() + end);
  return one(Tensor::of<int64_t>({end - start}, part));
}

Folded fold_size(const FoldContext& context) {
  return one(Tensor::of<int64_t>({}, {element_count(*context.shapes[0])}));
}

Folded fold_identity(const FoldContext& context) {
  GRAUPEL_TRY(const Tensor* in, operand(context, 0));
  return one(*in);
}

/// The kept type of an ONNX element type number, as the reader of files does it.
Result<DType> cast_target(int64_t type) {
  switch (type) {
    case 1:
    case 10:
    case 11:
    case 16: return DType::kF32;
    case 2: return DType::kU8;
    case 3: return DType::kS8;
    case 4: return DType::kU16;
    case 5: return DType::kS16;
    case 6: return DType::kS32;
    case 7:
    case 12:
    case 13: return DType::kS64;
    case 9: return DType::kBool;
    default: return unsupported("a cast to element type number ", type, " (supported: floats, bool and integers)");
  }
}

Folded fold_cast(const FoldContext& context) {
  GRAUPEL_TRY(const Tensor* in, operand(context, 0));
  GRAUPEL_TRY(const int64_t to, context.node.integer("to", 1));
  GRAUPEL_TRY(const DType dtype, cast_target(to));
  if (dtype == in->type.dtype) return one(*in);
  if (is_integer(in->type.dtype)) return one(from_integers(dtype, in->type.shape, as_integers(*in)));
  return one(from_doubles(dtype, in->type.shape, as_doubles(*in)));
}

Folded fold_reshape(const FoldContext& context) {
  GRAUPEL_TRY(const Tensor* in, operand(context, 0));
  GRAUPEL_TRY(auto wanted, integers_from(context, "shape", 1));
  if (!wanted) return invalid("no shape is given");
  GRAUPEL_TRY(const int64_t allow_zero, context.node.integer("allowzero", 0));
  Shape shape = *wanted;
  int64_t known = 1, open = -1;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == 0 && allow_zero == 0 && i < in->type.shape.size()) shape[i] = in->type.shape[i];
    if (shape[i] == -1 && open < 0)
      open = static_cast<int64_t>(i);
    else if (shape[i] < 0 || (shape[i] > 0 && known > std::numeric_limits<int32_t>::max() / shape[i]))
      return invalid("shape ", to_string(*wanted), " for ", element_count(in->type.shape), " elements");
    else
      known *= shape[i];
  }
  const int64_t count = element_count(in->type.shape);
  if (open >= 0) shape[static_cast<std::size_t>(open)] = known > 0 ? count / known : 0;
  GRAUPEL_DO(validate(shape));
  if (element_count(shape) != count) return invalid("shape ", to_string(*wanted), " for ", count, " elements");
  return one(in->reshaped(shape));
}

Folded fold_flatten(const FoldContext& context) {
  GRAUPEL_TRY(const Tensor* in, operand(context, 0));
  GRAUPEL_TRY(int64_t axis, context.node.integer("axis", 1));
  const auto rank = static_cast<int64_t>(in->type.shape.size());
  if (axis < -rank || axis > rank) return invalid("axis ", axis, " of a tensor of ", rank, " extents");
  if (axis < 0) axis += rank;
  const Shape outer(in->type.shape.begin(), in->type.shape.begin() + axis),
      inner(in->type.shape.begin() + axis, in->type.shape.end());
  return one(in->reshaped({element_count(outer), element_count(inner)}));
}

Folded fold_squeeze(const FoldContext& context) {
  GRAUPEL_TRY(const Tensor* in, operand(context, 0));
  GRAUPEL_TRY(const auto axes, integers_from(context, "axes", 1));
  const Shape& shape = in->type.shape;
  std::vector<bool> gone(shape.size(), false);
  for (std::size_t i = 0; i < shape.size(); ++i) gone[i] = !axes && shape[i] == 1;
  for (int64_t axis : axes.value_or(Shape{})) {
    GRAUPEL_TRY(const std::size_t checked, axis_of(axis, shape.size()));
    if (shape[checked] != 1) return invalid("extent ", axis, " of ", to_string(shape), " is not 1");
    gone[checked] = true;
  }
  Shape out;
  for (std::size_t i = 0; i < shape.size(); ++i)
    if (!gone[i]) out.push_back(shape[i]);
  return one(in->reshaped(out));
}

Folded fold_unsqueeze(const FoldContext& context) {
  GRAUPEL_TRY(const Tensor* in, operand(context, 0));
  GRAUPEL_TRY(const auto axes, integers_from(context, "axes", 1));
  if (!axes) return invalid("no axes are given");
  const std::size_t rank = in->type.shape.size() + axes->size();
  std::vector<bool> added(rank, false);
  for (int64_t axis : *axes) {
    GRAUPEL_TRY(const std::size_t checked, axis_of(axis, rank));
    if (added[checked]) return invalid("axis ", axis, " is given twice");
    added[checked] = true;
  }
  Shape out;
  for (std::size_t i = 0, from = 0; i < rank; ++i) out.push_back(added[i] ? 1 : in->type.shape[from++]);
  GRAUPEL_DO(validate(out));
  return one(in->reshaped(out));
}

Folded fold_transpose(const FoldContext& context) {
  GRAUPEL_TRY(const Tensor* in, operand(context, 0));
  const std::size_t rank = in->type.shape.size();
  std::vector<int64_t> reversed(rank);
  for (std::size_t i = 0; i < rank; ++i) reversed[i] = static_cast<int64_t>(rank - 1 - i);
  GRAUPEL_TRY(const std::vector<int64_t> perm, context.node.integers("perm", reversed));
  std::vector<bool> seen(rank, false);
  bool valid = perm.size() == rank;
  for (int64_t axis : perm) {
    valid = valid && axis >= 0 && axis < static_cast<int64_t>(rank) && !seen[static_cast<std::size_t>(axis)];
    if (valid) seen[static_cast<std::size_t>(axis)] = true;
  }
  if (!valid) return invalid("perm does not reorder ", rank, " extents");
  const std::vector<int> order(perm.begin(), perm.end());
  return one(transposed(*in, order));
}

Folded fold_concat(const FoldContext& context) {
  GRAUPEL_TRY(const Tensor* first, operand(context, 0));
  GRAUPEL_TRY(const int64_t wanted, context.node.integer("axis", 0));
  GRAUPEL_TRY(const std::size_t axis, axis_of(wanted, first->type.shape.size()));
  Shape shape = first->type.shape;
  shape[axis] = 0;
  for (std::size_t i = 0; i < context.in.size(); ++i) {
    GRAUPEL_TRY(const Tensor* part, operand(context, i));
    Shape rest = part->type.shape;
    if (rest.size() != shape.size() || part->type.dtype != first->type.dtype)
      return invalid("inputs 0 and ", i, " do not fit together");
    shape[axis] += rest[axis];
    rest[axis] = shape[axis];
    if (rest != shape)
      return invalid("inputs 0 and ", i, " have shapes ", to_string(first->type.shape), " and ",
                     to_string(part->type.shape));
  }
  GRAUPEL_DO(check_size(context, shape));
  Tensor out{{first->type.dtype, shape, {}}, nullptr};
  auto bytes = std::make_shared<Bytes>();
  bytes->reserve(out.type.bytes());
  const int64_t outer = element_count(Shape(shape.begin(), shape.begin() + static_cast<int64_t>(axis)));
  for (int64_t i = 0; i < outer; ++i) {
    for (const Tensor* part : context.in) {
      const std::size_t run = part->type.bytes() / static_cast<std::size_t>(outer);
      const std::byte* from = part->data->data() + static_cast<std::size_t>(i) * run;
      bytes->insert(bytes->end(), from, from + run);
    }
  }
  out.data = std::move(bytes);
  return one(std::move(out));
}

Folded fold_gather(const FoldContext& context) {
  GRAUPEL_TRY(const Tensor* in, operand(context, 0));
  GRAUPEL_TRY(const Tensor* index_tensor, operand(context, 1));
  GRAUPEL_TRY(std::vector<int64_t> indices, integers_of(context, 1));
  GRAUPEL_TRY(const int64_t wanted, context.node.integer("axis", 0));
  GRAUPEL_TRY(const std::size_t axis, axis_of(wanted, in->type.shape.size()));
  const Shape& shape = in->type.shape;
  for (int64_t& index : indices) {
    if (index < -shape[axis] || index >= shape[axis]) return invalid("index ", index, " in an extent of ", shape[axis]);
    if (index < 0) index += shape[axis];
  }
  Shape out(shape.begin(), shape.begin() + static_cast<int64_t>(axis));
  out.insert(out.end(), index_tensor->type.shape.begin(), index_tensor->type.shape.end());
  out.insert(out.end(), shape.begin() + static_cast<int64_t>(axis) + 1, shape.end());
  GRAUPEL_DO(check_size(context, out));
  const int64_t inner = strides_of(shape)[axis], count = static_cast<int64_t>(indices.size());
  return one(pick(*in, out, [&](int64_t i) {
    const int64_t within = i % inner, index = i / inner % std::max<int64_t>(count, 1),
                  outer = i / inner / std::max<int64_t>(count, 1);
    return (outer * shape[axis] + indices[static_cast<std::size_t>(index)]) * inner + within;
  }));
}

struct SliceRange {
  int64_t begin = 0, step = 1, count = 0;
};

/// Clamps as the ONNX operator does.
Result<SliceRange> slice_range(int64_t begin, int64_t end, int64_t step, int64_t extent) {
  if (step == 0) return invalid("a slice with step 0");
  if (begin < 0) begin = std::max(begin, -extent - 1) + extent;
  if (end < 0) end = std::max(end, -extent - 1) + extent;
  const int64_t last = step > 0 ? extent : extent - 1;
  begin = std::clamp<int64_t>(begin, 0, std::max<int64_t>(last, 0));
  end = step > 0 ? std::clamp<int64_t>(end, 0, extent) : std::clamp<int64_t>(end, -1, extent - 1);
  const int64_t distance = step > 0 ? end - begin : begin - end;
  if (distance <= 0 || extent == 0) return SliceRange{0, step, 0};
  // The step may be the most negative integer, whose magnitude does not fit.
  const uint64_t magnitude = step > 0 ? static_cast<uint64_t>(step) : 0 - static_cast<uint64_t>(step);
  return SliceRange{begin, step, static_cast<int64_t>((static_cast<uint64_t>(distance) - 1) / magnitude) + 1};
}

Folded fold_slice(const FoldContext& context) {
  GRAUPEL_TRY(const Tensor* in, operand(context, 0));
  GRAUPEL_TRY(const auto starts, integers_from(context, "starts", 1));
  GRAUPEL_TRY(const auto ends, integers_from(context, "ends", 2));
  GRAUPEL_TRY(auto axes, integers_from(context, "axes", 3));
  GRAUPEL_TRY(const auto steps, integers_from(context, "steps", 4));
  if (!starts || !ends || starts->size() != ends->size()) return invalid("starts and ends do not fit together");
  const Shape& shape = in->type.shape;
  if (!axes) {
    axes.emplace();
    for (std::size_t i = 0; i < starts->size(); ++i) axes->push_back(static_cast<int64_t>(i));
  }
  if (axes->size() != starts->size() || (steps && steps->size() != starts->size()))
    return invalid("axes or steps do not fit starts");
  std::vector<SliceRange> ranges;
  for (int64_t extent : shape) ranges.push_back({0, 1, extent});
  for (std::size_t i = 0; i < axes->size(); ++i) {
    GRAUPEL_TRY(const std::size_t axis, axis_of((*axes)[i], shape.size()));
    GRAUPEL_TRY(ranges[axis], slice_range((*starts)[i], (*ends)[i], steps ? (*steps)[i] : 1, shape[axis]));
  }
  Shape out;
  for (const SliceRange& range : ranges) out.push_back(range.count);
  const std::vector<int64_t> in_stride = strides_of(shape), out_stride = strides_of(out);
  return one(pick(*in, out, [&](int64_t i) {
    int64_t source = 0;
    for (std::size_t d = 0; d < out.size(); ++d)
      source += (ranges[d].begin + i / out_stride[d] % out[d] * ranges[d].step) * in_stride[d];
    return source;
  }));
}

Folded fold_range(const FoldContext& context) {
  GRAUPEL_TRY(const Tensor* start, operand(context, 0));
  GRAUPEL_TRY(const Tensor* limit, operand(context, 1));
  GRAUPEL_TRY(const Tensor* step, operand(context, 2));
  for (const Tensor* tensor : {start, limit, step})
    if (element_count(tensor->type.shape) != 1 || tensor->type.dtype != start->type.dtype)
      return invalid("start, limit and delta must be scalars of one type");
  const double from = as_doubles(*start)[0], to = as_doubles(*limit)[0], by = as_doubles(*step)[0];
  const double wanted = std::ceil((to - from) / by);
  if (by == 0 || std::isnan(wanted)) return invalid("a range from ", from, " to ", to, " by ", by);
  const auto count = static_cast<int64_t>(std::clamp(wanted, 0.0, 0x1p40));
  GRAUPEL_DO(check_size(context, {count}));
  std::vector<double> values(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = from + static_cast<double>(i) * by;
  return one(from_doubles(start->type.dtype, {count}, values));
}

Folded fold_expand(const FoldContext& context) {
  GRAUPEL_TRY(const Tensor* in, operand(context, 0));
  GRAUPEL_TRY(const Shape wanted, integers_of(context, 1));
  GRAUPEL_DO(validate(wanted));
  GRAUPEL_TRY(const Shape shape, broadcast(in->type.shape, wanted));
  GRAUPEL_DO(check_size(context, shape));
  const std::vector<int64_t> offsets = broadcast_offsets(in->type.shape, shape);
  return one(pick(*in, shape, [&](int64_t i) { return offsets[static_cast<std::size_t>(i)]; }));
}

Folded fold_tile(const FoldContext& context) {
  GRAUPEL_TRY(const Tensor* in, operand(context, 0));
  GRAUPEL_TRY(const Shape repeats, integers_of(context, 1));
  const Shape& shape = in->type.shape;
  if (repeats.size() != shape.size())
    return invalid(repeats.size(), " repeats for a tensor of ", shape.size(), " extents");
  Shape out = shape;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (repeats[i] < 0 || repeats[i] > std::numeric_limits<int32_t>::max()) return invalid("repeat ", repeats[i]);
    if (__builtin_mul_overflow(out[i], repeats[i], &out[i])) return invalid("repeat ", repeats[i]);
  }
  GRAUPEL_DO(check_size(context, out));
  const std::vector<int64_t> in_stride = strides_of(shape), out_stride = strides_of(out);
  return one(pick(*in, out, [&](int64_t i) {
    int64_t source = 0;
    for (std::size_t d = 0; d < out.size(); ++d) source += i / out_stride[d] % out[d] % shape[d] * in_stride[d];
    return source;
  }));
}

Folded fold_where(const FoldContext& context) {
  GRAUPEL_TRY(const Tensor* condition, operand(context, 0));
  GRAUPEL_TRY(const Tensor* yes, operand(context, 1));
  GRAUPEL_TRY(const Tensor* no, operand(context, 2));
  if (condition->type.dtype != DType::kBool || yes->type.dtype != no->type.dtype)
    return invalid("inputs must be bool and two of one type");
  GRAUPEL_TRY(const Shape both, broadcast(yes->type.shape, no->type.shape));
  GRAUPEL_TRY(const Shape shape, broadcast(both, condition->type.shape));
  GRAUPEL_DO(check_size(context, shape));
  const auto c = broadcast_offsets(condition->type.shape, shape), y = broadcast_offsets(yes->type.shape, shape),
             n = broadcast_offsets(no->type.shape, shape);
  const std::size_t size = size_bytes(yes->type.dtype);
  Tensor out{{yes->type.dtype, shape, {}}, nullptr};
  auto bytes = std::make_shared<Bytes>(out.type.bytes());
  for (std::size_t i = 0; i < c.size(); ++i) {
    const bool chosen = condition->as<bool>()[static_cast<std::size_t>(c[i])];
    const std::byte* from = chosen ? yes->data->data() + static_cast<std::size_t>(y[i]) * size
                                   : no->data->data() + static_cast<std::size_t>(n[i]) * size;
    std::copy_n(from, size, bytes->data() + i * size);
  }
  out.data = std::move(bytes);
  return one(std::move(out));
}

Folded fold_non_zero(const FoldContext& context) {
  GRAUPEL_TRY(const Tensor* in, operand(context, 0));
  const std::vector<double> values = as_doubles(*in);
  const std::vector<int64_t> stride = strides_of(in->type.shape);
  std::vector<int64_t> found;
  for (std::size_t i = 0; i < values.size(); ++i)
    if (values[i] != 0) found.push_back(static_cast<int64_t>(i));
  std::vector<int64_t> indices;
  for (std::size_t d = 0; d < stride.size(); ++d)
    for (int64_t i : found) indices.push_back(i / stride[d] % in->type.shape[d]);
  return one(Tensor::of<int64_t>({static_cast<int64_t>(stride.size()), static_cast<int64_t>(found.size())}, indices));
}

/// How many elements a TopK takes: an input since opset 10.
Result<int64_t> top_count(const FoldContext& context) {
  if (context.node.has("k")) return context.node.integer("k", 0);
  GRAUPEL_TRY(const std::vector<int64_t> k, integers_of(context, 1));
  if (k.size() != 1) return invalid("k has ", k.size(), " elements (expected: 1)");
  return k[0];
}

/// The first `count` of `extent` indices of elements that are `stride` apart, best first; of equals the lower index.
template <class T>
std::vector<int64_t> best(const T* elements, int64_t extent, int64_t stride, int64_t count, bool largest) {
  std::vector<int64_t> indices(static_cast<std::size_t>(extent));
  std::iota(indices.begin(), indices.end(), 0);
  std::stable_sort(indices.begin(), indices.end(), [&](int64_t a, int64_t b) {
    return largest ? elements[b * stride] < elements[a * stride] : elements[a * stride] < elements[b * stride];
  });
  indices.resize(static_cast<std::size_t>(count));
  return indices;
}

/// Best first, whatever attribute `sorted` says: 0 leaves the order open.
Folded fold_top_k(const FoldContext& context) {
  GRAUPEL_TRY(const Tensor* in, operand(context, 0));
  GRAUPEL_TRY(const int64_t k, top_count(context));
  GRAUPEL_TRY(const int64_t wanted, context.node.integer("axis", -1));
  GRAUPEL_TRY(const int64_t largest, context.node.integer("largest", 1));
  const Shape& shape = in->type.shape;
  GRAUPEL_TRY(const std::size_t axis, axis_of(wanted, shape.size()));
  const int64_t extent = shape[axis], inner = strides_of(shape)[axis];
  if (k < 0 || k > extent) return invalid("takes ", k, " of ", extent, " elements");
  Shape out = shape;
  out[axis] = k;
  const int64_t outer = element_count(Shape(shape.begin(), shape.begin() + static_cast<int64_t>(axis)));
  std::vector<int64_t> indices(static_cast<std::size_t>(element_count(out)));
  const auto choose = [&](const auto& values) {
    for (int64_t lane = 0; lane < outer * inner; ++lane) {
      const int64_t begin = lane / inner * extent * inner + lane % inner;
      int64_t at = lane / inner * k * inner + lane % inner;
      for (const int64_t index : best(values.data() + begin, extent, inner, k, largest != 0)) {
        indices[static_cast<std::size_t>(at)] = index;
        at += inner;
      }
    }
  };
  if (is_integer(in->type.dtype)) {
    choose(as_integers(*in));
  } else {
    const std::vector<double> values = as_doubles(*in);
    if (std::any_of(values.begin(), values.end(), [](double value) { return std::isnan(value); }))
      return unsupported("an element is NaN, which is neither large nor small (supported: numbers and infinities)");
    choose(values);
  }
  Tensor values = pick(*in, out, [&](int64_t i) {
    return (i / (k * inner) * extent + indices[static_cast<std::size_t>(i)]) * inner + i % inner;
  });
  return std::vector{std::move(values), Tensor::of<int64_t>(out, indices)};
}

Result<std::vector<int64_t>> split_sizes(const FoldContext& context, int64_t extent) {
  GRAUPEL_TRY(auto sizes, integers_from(context, "split", 1));
  if (!sizes) {
    GRAUPEL_TRY(const int64_t parts,
                context.node.integer("num_outputs", static_cast<int64_t>(context.node.outputs.size())));
    if (parts < 1 || parts > extent) return invalid(extent, " elements split in ", parts, " parts");
    const int64_t each = (extent + parts - 1) / parts;
    sizes.emplace();
    for (int64_t left = extent; left > 0; left -= each) sizes->push_back(std::min(each, left));
  }
  int64_t sum = 0;
  for (int64_t size : *sizes) {
    if (size < 0 || size > extent) return invalid("a part of ", size, " of ", extent);
    sum += size;
  }
  if (sum != extent) return invalid("parts that sum to ", sum, " of ", extent);
  return std::move(*sizes);
}

Folded fold_split(const FoldContext& context) {
  GRAUPEL_TRY(const Tensor* in, operand(context, 0));
  GRAUPEL_TRY(const int64_t wanted, context.node.integer("axis", 0));
  const Shape& shape = in->type.shape;
  GRAUPEL_TRY(const std::size_t axis, axis_of(wanted, shape.size()));
  GRAUPEL_TRY(const std::vector<int64_t> sizes, split_sizes(context, shape[axis]));
  const int64_t inner = strides_of(shape)[axis];
  std::vector<Tensor> parts;
  int64_t begin = 0;
  for (int64_t size : sizes) {
    Shape out = shape;
    out[axis] = size;
    parts.push_back(pick(*in, out, [&](int64_t i) {
      const int64_t run = size * inner;
      return i / run * shape[axis] * inner + begin * inner + i % run;
    }));
    begin += size;
  }
  return parts;
}

constexpr FoldRule kRules[] = {
    {"Cast", fold_cast},           {"Concat", fold_concat},
    {"Constant", fold_constant},   {"ConstantOfShape", fold_constant_of_shape},
    {"Expand", fold_expand},       {"Flatten", fold_flatten},
    {"Gather", fold_gather},       {"Identity", fold_identity},
    {"NonZero", fold_non_zero},    {"Range", fold_range},
    {"Reshape", fold_reshape},     {"Shape", fold_shape, true},
    {"Size", fold_size, true},     {"Slice", fold_slice},
    {"Split", fold_split},         {"Squeeze", fold_squeeze},
    {"Tile", fold_tile},           {"TopK", fold_top_k},
    {"Transpose", fold_transpose}, {"Unsqueeze", fold_unsqueeze},
    {"Where", fold_where},
};

}  // namespace

std::span<const FoldRule> move_folds() { return kRules; }

}  // namespace graupel
