#include "ops/resize.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "ops/expect.h"
#include "ops/image_import.h"

namespace graupel {
namespace {

// Sampling: which input each output reads.

/// One axis: `scale` is output / input as the model gave it.
struct Axis {
  int64_t in = 1, out = 1;
  float scale = 1;

  /// `at` / scale, rounded to f32: a scale that is itself a rounding then moves no sample off a tie.
  double unscaled(double at) const { return static_cast<double>(static_cast<float>(at) / scale); }
};

/// Where output `x` lies on the input, in input samples.
double source_of(const Axis& axis, Resize::Coordinates coordinates, int64_t x) {
  const auto at = static_cast<double>(x);
  switch (coordinates) {
    case Resize::Coordinates::kHalfPixel: return axis.unscaled(at + 0.5) - 0.5;
    case Resize::Coordinates::kPytorchHalfPixel: return axis.out > 1 ? axis.unscaled(at + 0.5) - 0.5 : 0.0;
    case Resize::Coordinates::kAlignCorners:
      return axis.out > 1 ? at * static_cast<double>(axis.in - 1) / static_cast<double>(axis.out - 1) : 0.0;
    case Resize::Coordinates::kAsymmetric: return axis.unscaled(at);
  }
  return at;
}

int32_t nearest_index(const Axis& axis, const Resize& op, int64_t x) {
  const double source = source_of(axis, op.coordinates, x);
  double index = 0;
  switch (op.rounding) {
    case Resize::Rounding::kRoundPreferFloor: index = std::ceil(source - 0.5); break;
    case Resize::Rounding::kRoundPreferCeil: index = std::floor(source + 0.5); break;
    case Resize::Rounding::kFloor: index = std::floor(source); break;
    case Resize::Rounding::kCeil: index = std::ceil(source); break;
  }
  return static_cast<int32_t>(std::clamp(index, 0.0, static_cast<double>(axis.in - 1)));
}

/// Two neighbouring inputs and the share of the second.
struct Blend {
  int32_t low, high;
  double share;
};
Blend blend_at(const Axis& axis, Resize::Coordinates coordinates, int64_t x) {
  const double last = static_cast<double>(axis.in - 1);
  const double source = std::clamp(source_of(axis, coordinates, x), 0.0, last);
  const double low = std::floor(source);
  return {static_cast<int32_t>(low), static_cast<int32_t>(std::min(low + 1, last)), source - low};
}

std::vector<int32_t> nearest_table(const Axis& axis, const Resize& op) {
  std::vector<int32_t> table;
  for (int64_t x = 0; x < axis.out; ++x) table.push_back(nearest_index(axis, op, x));
  return table;
}

/// {low index, high index, low weight, high weight}; the weights have 11 fractional bits and sum to 2048 (N6.2).
std::vector<int32_t> blend_table(const Axis& axis, const Resize& op) {
  std::vector<int32_t> table;
  for (int64_t x = 0; x < axis.out; ++x) {
    const Blend blend = blend_at(axis, op.coordinates, x);
    const auto high = static_cast<int32_t>(std::nearbyint(blend.share * 2048));
    table.insert(table.end(), {blend.low, blend.high, 2048 - high, high});
  }
  return table;
}

// Evaluation of one output row of one frame.

void nearest_row(const View& in, const View& out, int32_t from, const std::vector<int32_t>& columns, const float* src,
                 float* dst) {
  for (int32_t x = 0; x < out.w; ++x) {
    const float* pixel = src + (int64_t{from} * in.w + columns[static_cast<std::size_t>(x)]) * in.c;
    std::copy_n(pixel, in.c, dst + int64_t{x} * out.c);
  }
}

/// Columns first, then rows: top + (bottom - top) * share, each step rounded to f32.
void linear_row(const View& in, const View& out, const Blend& row, const std::vector<Blend>& columns, const float* src,
                float* dst) {
  const float* top = src + int64_t{row.low} * in.w * in.c;
  const float* bottom = src + int64_t{row.high} * in.w * in.c;
  const auto down = static_cast<float>(row.share);
  for (int32_t x = 0; x < out.w; ++x) {
    const Blend& column = columns[static_cast<std::size_t>(x)];
    const int64_t left = int64_t{column.low} * in.c, right = int64_t{column.high} * in.c;
    const auto across = static_cast<float>(column.share);
    float* pixel = dst + int64_t{x} * out.c;
    for (int32_t c = 0; c < in.c; ++c) {
      const float above = top[left + c] + (top[right + c] - top[left + c]) * across;
      const float below = bottom[left + c] + (bottom[right + c] - bottom[left + c]) * across;
      pixel[c] = above + (below - above) * down;
    }
  }
}

std::vector<Blend> blends(const Axis& axis, const Resize& op) {
  std::vector<Blend> table;
  for (int64_t x = 0; x < axis.out; ++x) table.push_back(blend_at(axis, op.coordinates, x));
  return table;
}

// Import.

template <class Value>
struct Named {
  std::string_view name;
  Value value;
};

template <class Value, std::size_t kCount>
Result<Value> read_choice(const onnx::Node& node, const char* key, const char* fallback,
                          const Named<Value> (&choices)[kCount]) {
  GRAUPEL_TRY(const std::string text, node.text(key, fallback));
  std::string known;
  for (const auto& choice : choices) {
    if (choice.name == text) return choice.value;
    known += cat(known.empty() ? "" : ", ", choice.name);
  }
  return unsupported("attribute ", key, " is '", text, "' (supported: ", known, ")");
}

constexpr Named<Resize::Mode> kModes[] = {
    {"nearest", Resize::Mode::kNearest}, {"linear", Resize::Mode::kLinear}, {"bilinear", Resize::Mode::kLinear}};
constexpr Named<Resize::Coordinates> kCoordinates[] = {{"half_pixel", Resize::Coordinates::kHalfPixel},
                                                       {"pytorch_half_pixel", Resize::Coordinates::kPytorchHalfPixel},
                                                       {"align_corners", Resize::Coordinates::kAlignCorners},
                                                       {"asymmetric", Resize::Coordinates::kAsymmetric}};
constexpr Named<Resize::Rounding> kRoundings[] = {{"round_prefer_floor", Resize::Rounding::kRoundPreferFloor},
                                                  {"round_prefer_ceil", Resize::Rounding::kRoundPreferCeil},
                                                  {"floor", Resize::Rounding::kFloor},
                                                  {"ceil", Resize::Rounding::kCeil}};

/// Per ONNX axis: output extents and output / input scales.
struct Target {
  Shape shape;
  std::vector<float> scales;
};

Result<Target> target_of_scales(const Shape& in, const std::vector<float>& scales, const std::vector<int64_t>& axes) {
  Target target{in, std::vector<float>(in.size(), 1.0f)};
  if (scales.size() != axes.size()) return invalid("scales has ", scales.size(), " entries for ", axes.size(), " axes");
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const auto axis = static_cast<std::size_t>(axes[i]);
    const float extent = std::floor(static_cast<float>(in[axis]) * scales[i]);
    if (!(scales[i] > 0) || !(extent >= 1) || extent > 65535)
      return unsupported("scale ", scales[i], " of axis ", axis, " over an extent of ", in[axis],
                         " (supported: results from 1 to 65535)");
    target.scales[axis] = scales[i];
    target.shape[axis] = static_cast<int64_t>(extent);
  }
  return target;
}

Result<Target> target_of_sizes(const Shape& in, std::span<const int64_t> sizes, const std::vector<int64_t>& axes) {
  Target target{in, std::vector<float>(in.size(), 1.0f)};
  if (sizes.size() != axes.size()) return invalid("sizes has ", sizes.size(), " entries for ", axes.size(), " axes");
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const auto axis = static_cast<std::size_t>(axes[i]);
    if (sizes[i] < 1 || sizes[i] > 65535)
      return unsupported("size ", sizes[i], " of axis ", axis, " (supported: 1 to 65535)");
    target.shape[axis] = sizes[i];
    target.scales[axis] = static_cast<float>(static_cast<double>(sizes[i]) / static_cast<double>(in[axis]));
  }
  return target;
}

Result<> finish_resize(ImportContext& context, Resize op, const Target& target) {
  GRAUPEL_TRY(const ImageOperand image, image_operand(context, 0));
  const std::size_t rank = target.shape.size();
  for (const std::size_t axis : {0u, 1u})
    if (target.scales[axis] != 1.0f)
      return unsupported("axis ", axis, " is scaled by ", target.scales[axis], " (supported: spatial axes alone)");
  op.height = image.flat ? 1 : static_cast<int32_t>(target.shape[2]);
  op.scale_h = image.flat ? 1 : target.scales[2];
  op.width = static_cast<int32_t>(target.shape[rank - 1]);
  op.scale_w = target.scales[rank - 1];
  return finish_image(context, image, op);
}

Result<> refuse_attributes(const onnx::Node& node) {
  GRAUPEL_TRY(const int64_t antialias, node.integer("antialias", 0));
  if (antialias != 0) return unsupported("attribute antialias is ", antialias, " (supported: 0)");
  GRAUPEL_TRY(const std::string policy, node.text("keep_aspect_ratio_policy", "stretch"));
  if (policy != "stretch")
    return unsupported("attribute keep_aspect_ratio_policy is '", policy, "' (supported: stretch)");
  return {};
}

/// Upsample, and Resize of opset 10: scales alone, sampled at x / scale, which is rounded down when an axis grows and
/// up when it shrinks.
Result<> import_scaled(ImportContext& context, std::vector<float> scales) {
  GRAUPEL_TRY(const Shape in, context.shape(0));
  Resize op;
  GRAUPEL_TRY(op.mode, read_choice(context.node(), "mode", "nearest", kModes));
  const bool grows = std::any_of(scales.begin(), scales.end(), [](float scale) { return scale > 1; });
  const bool shrinks = std::any_of(scales.begin(), scales.end(), [](float scale) { return scale < 1; });
  if (grows && shrinks && op.mode == Resize::Mode::kNearest)
    return unsupported("nearest scales above and below 1 together before opset 11 (supported: all on one side)");
  op.coordinates = Resize::Coordinates::kAsymmetric;
  op.rounding = shrinks ? Resize::Rounding::kCeil : Resize::Rounding::kFloor;
  std::vector<int64_t> axes(in.size());
  std::iota(axes.begin(), axes.end(), int64_t{0});
  GRAUPEL_TRY(const Target target, target_of_scales(in, scales, axes));
  return finish_resize(context, op, target);
}

Result<std::vector<float>> constant_floats(const ImportContext& context, std::size_t i, std::string_view what) {
  GRAUPEL_TRY(const Tensor tensor, constant_f32(context, i, what));
  const auto values = tensor.as<float>();
  return std::vector<float>(values.begin(), values.end());
}

Result<> import_upsample(ImportContext& context) {
  if (context.has(1)) {
    GRAUPEL_TRY(auto scales, constant_floats(context, 1, "scales"));
    return import_scaled(context, std::move(scales));
  }
  GRAUPEL_TRY(auto scales, context.node().reals("scales", {}));
  return import_scaled(context, std::move(scales));
}

bool given(const ImportContext& context, std::size_t i) {
  const Tensor* constant = context.has(i) ? context.constant(i) : nullptr;
  return context.has(i) && (constant == nullptr || element_count(constant->type.shape) > 0);
}

Result<Target> read_target(const ImportContext& context) {
  GRAUPEL_TRY(const Shape in, context.shape(0));
  GRAUPEL_TRY(std::vector<int64_t> axes, context.node().integers("axes", {}));
  for (int64_t& axis : axes) {
    GRAUPEL_TRY(axis, checked_axis(axis, in.size()));
  }
  if (axes.empty())
    for (std::size_t axis = 0; axis < in.size(); ++axis) axes.push_back(static_cast<int64_t>(axis));
  if (given(context, 3)) {
    const Tensor* sizes = context.constant(3);
    if (sizes == nullptr || sizes->type.dtype != DType::kS64)
      return unsupported("input 3 (sizes) is computed at run time (supported: an s64 constant)");
    return target_of_sizes(in, sizes->as<int64_t>(), axes);
  }
  if (!given(context, 2)) return invalid("neither scales nor sizes is given");
  GRAUPEL_TRY(const auto scales, constant_floats(context, 2, "scales"));
  return target_of_scales(in, scales, axes);
}

/// Where a scale gives no whole extent, ONNX's text aligns the corners of the rounded extent and its reference
/// implementation those of the fraction.
Result<> expect_whole(const ImportContext& context, const Target& target) {
  GRAUPEL_TRY(const Shape in, context.shape(0));
  for (std::size_t axis = 0; axis < in.size(); ++axis) {
    const double extent = static_cast<double>(in[axis]) * static_cast<double>(target.scales[axis]);
    if (std::abs(extent - static_cast<double>(target.shape[axis])) > 1e-3)
      return unsupported("align_corners with scale ", target.scales[axis], " over an extent of ", in[axis],
                         " (supported: scales that give whole extents)");
  }
  return {};
}

Result<> import_resize(ImportContext& context) {
  if (context.opset() < 11) {
    GRAUPEL_TRY(auto scales, constant_floats(context, 1, "scales"));
    return import_scaled(context, std::move(scales));
  }
  const onnx::Node& node = context.node();
  GRAUPEL_DO(refuse_attributes(node));
  Resize op;
  GRAUPEL_TRY(op.mode, read_choice(node, "mode", "nearest", kModes));
  GRAUPEL_TRY(op.coordinates, read_choice(node, "coordinate_transformation_mode", "half_pixel", kCoordinates));
  GRAUPEL_TRY(op.rounding, read_choice(node, "nearest_mode", "round_prefer_floor", kRoundings));
  GRAUPEL_TRY(const Target target, read_target(context));
  if (op.coordinates == Resize::Coordinates::kAlignCorners) GRAUPEL_DO(expect_whole(context, target));
  return finish_resize(context, op, target);
}

}  // namespace

QuantRule Resize::quant_rule() const { return QuantRule::kShared; }

Result<TensorType> Resize::infer(std::span<const TensorType> in) const {
  GRAUPEL_DO(expect_operands(in, 1));
  GRAUPEL_DO(expect_activation(in[0], 4, "input"));
  if (height < 1 || width < 1) return invalid("an output of ", height, "x", width, "; both must be at least 1");
  if (!(scale_h > 0) || !(scale_w > 0) || !std::isfinite(scale_h) || !std::isfinite(scale_w))
    return invalid("scales ", scale_h, " and ", scale_w, "; both must be positive and finite");
  TensorType out{in[0].dtype, {in[0].shape[0], height, width, in[0].shape[3]}, in[0].quant};
  GRAUPEL_DO(validate(out.shape));
  return out;
}

Result<Tensor> Resize::eval(const EvalContext& context, std::span<const Tensor> in, const TensorType& out) const {
  auto [result, dst] = context.make(out.shape);
  const Shape& x = in[0].type.shape;
  GRAUPEL_TRY(const View from, image_of({x[1], x[2], x[3]}));
  GRAUPEL_TRY(const View to, image_of({out.shape[1], out.shape[2], out.shape[3]}));
  const Axis down{from.h, to.h, scale_h}, across{from.w, to.w, scale_w};
  const std::vector<int32_t> rows = nearest_table(down, *this), columns = nearest_table(across, *this);
  const std::vector<Blend> row_blends = blends(down, *this), column_blends = blends(across, *this);
  const float* src = in[0].as<float>().data();
  context.pool->run(x[0] * to.h, [&, data = dst](int64_t begin, int64_t end, int) {
    for (int64_t row = begin; row < end; ++row) {
      const auto y = static_cast<std::size_t>(row % to.h);
      const float* frame = src + row / to.h * from.h * from.w * from.c;
      float* line = data + row * to.w * to.c;
      if (mode == Mode::kNearest)
        nearest_row(from, to, rows[y], columns, frame, line);
      else
        linear_row(from, to, row_blends[y], column_blends, frame, line);
    }
  });
  return result;
}

Result<std::vector<Step>> Resize::lower(const LowerContext& context) const {
  GRAUPEL_TRY(const View in, image_of(context.in[0]));
  GRAUPEL_TRY(const View out, image_of(context.out));
  const Axis down{in.h, out.h, scale_h}, across{in.w, out.w, scale_w};
  const bool nearest = mode == Mode::kNearest;
  const auto rows = nearest ? nearest_table(down, *this) : blend_table(down, *this);
  const auto columns = nearest ? nearest_table(across, *this) : blend_table(across, *this);
  const ConstRef row_table = context.sink.add(std::span<const int32_t>(rows));
  const ConstRef column_table = context.sink.add(std::span<const int32_t>(columns));
  if (nearest) return std::vector{Step{NearestParams{in, out, row_table, column_table}, {{0, {}}}}};
  return std::vector{Step{BilinearParams{in, out, row_table, column_table}, {{0, {}}}}};
}

std::span<const OnnxImport> Resize::imports() {
  static constexpr OnnxImport kImports[] = {{"Resize", import_resize}, {"Upsample", import_upsample}};
  return kImports;
}

std::span<const Constraint<Resize>> Resize::constraints() { return {}; }

static_assert(OpType<Resize>);

}  // namespace graupel
