// ONNX Resize and Upsample: images through Resize, other forms as products with a matrix for each axis.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "ops/integers_import.h"
#include "ops/matrix_import.h"
#include "ops/resize_taps.h"

namespace graupel {
namespace {

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

constexpr Named<ResizeTaps::Filter> kModes[] = {{"nearest", ResizeTaps::Filter::kNearest},
                                                {"linear", ResizeTaps::Filter::kLinear},
                                                {"bilinear", ResizeTaps::Filter::kLinear},
                                                {"cubic", ResizeTaps::Filter::kCubic}};
constexpr Named<ResizeTaps::Coordinates> kCoordinates[] = {
    {"half_pixel", ResizeTaps::Coordinates::kHalfPixel},
    {"half_pixel_symmetric", ResizeTaps::Coordinates::kHalfPixelSymmetric},
    {"pytorch_half_pixel", ResizeTaps::Coordinates::kPytorchHalfPixel},
    {"align_corners", ResizeTaps::Coordinates::kAlignCorners},
    {"asymmetric", ResizeTaps::Coordinates::kAsymmetric},
    {"tf_crop_and_resize", ResizeTaps::Coordinates::kTfCropAndResize}};
constexpr Named<ResizeTaps::Rounding> kRoundings[] = {{"round_prefer_floor", ResizeTaps::Rounding::kRoundPreferFloor},
                                                      {"round_prefer_ceil", ResizeTaps::Rounding::kRoundPreferCeil},
                                                      {"floor", ResizeTaps::Rounding::kFloor},
                                                      {"ceil", ResizeTaps::Rounding::kCeil}};

/// Per ONNX axis: output extents and output / input scales.
struct Target {
  Shape shape;
  std::vector<float> scales;
  std::vector<std::pair<double, double>> roi;  ///< per axis, as shares of the extent; or empty
};

Result<Target> target_of_scales(const Shape& in, const std::vector<float>& scales, const std::vector<int64_t>& axes) {
  Target target{in, std::vector<float>(in.size(), 1.0f), {}};
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
  Target target{in, std::vector<float>(in.size(), 1.0f), {}};
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

/// The taps as a Resize, when it has their filter and coordinates.
std::optional<Resize> as_resize(const ResizeTaps& taps) {
  using Coordinates = ResizeTaps::Coordinates;
  if (taps.filter == ResizeTaps::Filter::kCubic || taps.antialias) return {};
  Resize op;
  op.mode = taps.filter == ResizeTaps::Filter::kLinear ? Resize::Mode::kLinear : Resize::Mode::kNearest;
  op.rounding = static_cast<Resize::Rounding>(taps.rounding);
  switch (taps.coordinates) {
    case Coordinates::kHalfPixel: op.coordinates = Resize::Coordinates::kHalfPixel; return op;
    case Coordinates::kPytorchHalfPixel: op.coordinates = Resize::Coordinates::kPytorchHalfPixel; return op;
    case Coordinates::kAlignCorners: op.coordinates = Resize::Coordinates::kAlignCorners; return op;
    case Coordinates::kAsymmetric: op.coordinates = Resize::Coordinates::kAsymmetric; return op;
    case Coordinates::kHalfPixelSymmetric:
    case Coordinates::kTfCropAndResize: return {};
  }
  return {};
}

bool is_image_resize(const Target& target) {
  const std::size_t rank = target.shape.size();
  return (rank == 3 || rank == 4) && target.scales[0] == 1.0f && target.scales[1] == 1.0f;
}

/// An image is resized by Resize where that can; all else axis by axis, as products with matrices.
Result<> finish_resize(ImportContext& context, const ResizeTaps& taps, const Target& target) {
  std::optional<Resize> op = as_resize(taps);
  if (op && is_image_resize(target)) {
    GRAUPEL_TRY(const ImageOperand image, image_operand(context, 0));
    const std::size_t rank = target.shape.size();
    op->height = image.flat ? 1 : static_cast<int32_t>(target.shape[2]);
    op->scale_h = image.flat ? 1 : target.scales[2];
    op->width = static_cast<int32_t>(target.shape[rank - 1]);
    op->scale_w = target.scales[rank - 1];
    return finish_image(context, image, *op);
  }
  GRAUPEL_TRY(ImportValue x, context.in(0));
  for (std::size_t i = target.shape.size(); i-- > 0;) {
    ResizeAxis axis{x.shape[i], target.shape[i], static_cast<double>(target.scales[i])};
    if (!target.roi.empty()) axis.roi_start = target.roi[i].first, axis.roi_end = target.roi[i].second;
    if (axis.in == axis.out && axis.scale == 1 && axis.roi_start == 0 && axis.roi_end == 1) continue;
    if (axis.in * axis.out > int64_t{1} << 24)
      return unsupported("an extent of ", axis.in, " to ", axis.out,
                         " in this mode (supported: products of extents up to 2^24)");
    const ResizeMatrix matrix = resize_matrix(taps, axis);
    GRAUPEL_TRY(x, times_matrix(context, x, static_cast<int64_t>(i), matrix.weights, matrix.offset));
  }
  context.set_output(0, x);
  return {};
}

/// Upsample, and Resize of opset 10: scales alone, sampled at x / scale, which is rounded down when an axis grows and
/// up when it shrinks.
Result<> import_scaled(ImportContext& context, std::vector<float> scales) {
  GRAUPEL_TRY(const Shape in, context.shape(0));
  ResizeTaps taps;
  GRAUPEL_TRY(taps.filter, read_choice(context.node(), "mode", "nearest", kModes));
  const bool grows = std::any_of(scales.begin(), scales.end(), [](float scale) { return scale > 1; });
  const bool shrinks = std::any_of(scales.begin(), scales.end(), [](float scale) { return scale < 1; });
  if (grows && shrinks && taps.filter == ResizeTaps::Filter::kNearest)
    return unsupported("nearest scales above and below 1 together before opset 11 (supported: all on one side)");
  taps.coordinates = ResizeTaps::Coordinates::kAsymmetric;
  taps.rounding = shrinks ? ResizeTaps::Rounding::kCeil : ResizeTaps::Rounding::kFloor;
  std::vector<int64_t> axes(in.size());
  std::iota(axes.begin(), axes.end(), int64_t{0});
  GRAUPEL_TRY(const Target target, target_of_scales(in, scales, axes));
  return finish_resize(context, taps, target);
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

/// One scale for all of `axes`: the least (not_larger) or the largest (not_smaller) that a size asks for.
Result<Target> with_one_scale(const Shape& in, std::span<const int64_t> sizes, const std::vector<int64_t>& axes,
                              bool larger) {
  GRAUPEL_TRY(Target target, target_of_sizes(in, sizes, axes));
  const auto wanted = [&](std::size_t i) {
    return static_cast<double>(sizes[i]) / static_cast<double>(in[static_cast<std::size_t>(axes[i])]);
  };
  double scale = wanted(0);
  for (std::size_t i = 1; i < axes.size(); ++i)
    scale = larger ? std::max(scale, wanted(i)) : std::min(scale, wanted(i));
  for (const int64_t at : axes) {
    const auto axis = static_cast<std::size_t>(at);
    target.scales[axis] = static_cast<float>(scale);
    target.shape[axis] = static_cast<int64_t>(scale * static_cast<double>(in[axis]) + 0.5);
    if (target.shape[axis] < 1 || target.shape[axis] > 65535)
      return unsupported("size ", target.shape[axis], " of axis ", axis, " (supported: 1 to 65535)");
  }
  return target;
}

Result<Target> read_target(const ImportContext& context, const std::vector<int64_t>& axes) {
  GRAUPEL_TRY(const Shape in, context.shape(0));
  GRAUPEL_TRY(const std::string policy, context.node().text("keep_aspect_ratio_policy", "stretch"));
  if (policy != "stretch" && policy != "not_larger" && policy != "not_smaller")
    return unsupported("attribute keep_aspect_ratio_policy is '", policy,
                       "' (supported: stretch, not_larger, not_smaller)");
  if (given(context, 3)) {
    const Tensor* sizes = context.constant(3);
    if (sizes == nullptr || sizes->type.dtype != DType::kS64)
      return unsupported("input 3 (sizes) is computed at run time (supported: an s64 constant)");
    if (policy == "stretch") return target_of_sizes(in, sizes->as<int64_t>(), axes);
    return with_one_scale(in, sizes->as<int64_t>(), axes, policy == "not_smaller");
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

Result<ResizeTaps> read_taps(const onnx::Node& node) {
  ResizeTaps taps;
  GRAUPEL_TRY(taps.filter, read_choice(node, "mode", "nearest", kModes));
  GRAUPEL_TRY(taps.coordinates, read_choice(node, "coordinate_transformation_mode", "half_pixel", kCoordinates));
  GRAUPEL_TRY(taps.rounding, read_choice(node, "nearest_mode", "round_prefer_floor", kRoundings));
  GRAUPEL_TRY(const int64_t antialias, node.integer("antialias", 0));
  GRAUPEL_TRY(const int64_t exclude, node.integer("exclude_outside", 0));
  GRAUPEL_TRY(const float a, node.real("cubic_coeff_a", -0.75f));
  GRAUPEL_TRY(taps.extrapolation_value, node.real("extrapolation_value", 0));
  if (!std::isfinite(a) || !std::isfinite(taps.extrapolation_value))
    return invalid("attributes cubic_coeff_a and extrapolation_value are ", a, " and ", taps.extrapolation_value,
                   "; both must be finite");
  taps.cubic_a = static_cast<double>(a);
  taps.antialias = antialias != 0;
  taps.exclude_outside = exclude != 0;
  return taps;
}

/// The region of interest: starts of all axes, then ends.
Result<> read_roi(const ImportContext& context, Target& target, const std::vector<int64_t>& axes) {
  GRAUPEL_TRY(const std::vector<float> roi, constant_floats(context, 1, "roi"));
  if (roi.size() != 2 * axes.size())
    return invalid("input 1 (roi) has ", roi.size(), " elements for ", axes.size(), " axes; two for each are needed");
  target.roi.assign(target.shape.size(), {0, 1});
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const float start = roi[i], end = roi[i + axes.size()];
    if (!(std::fabs(start) < 1e6f) || !(std::fabs(end) < 1e6f))
      return unsupported("input 1 (roi) holds ", start, " and ", end, " (supported: magnitudes below 1e6)");
    target.roi[static_cast<std::size_t>(axes[i])] = {static_cast<double>(start), static_cast<double>(end)};
  }
  return {};
}

Result<> import_resize(ImportContext& context) {
  if (context.opset() < 11) {
    GRAUPEL_TRY(auto scales, constant_floats(context, 1, "scales"));
    return import_scaled(context, std::move(scales));
  }
  GRAUPEL_TRY(const Shape in, context.shape(0));
  GRAUPEL_TRY(const ResizeTaps taps, read_taps(context.node()));
  GRAUPEL_TRY(std::vector<int64_t> axes, context.node().integers("axes", {}));
  GRAUPEL_TRY(axes, checked_axes(axes, in.size()));
  GRAUPEL_TRY(Target target, read_target(context, axes));
  if (taps.coordinates == ResizeTaps::Coordinates::kTfCropAndResize) GRAUPEL_DO(read_roi(context, target, axes));
  if (taps.coordinates == ResizeTaps::Coordinates::kAlignCorners) GRAUPEL_DO(expect_whole(context, target));
  return finish_resize(context, taps, target);
}

}  // namespace

std::span<const OnnxImport> Resize::imports() {
  static constexpr OnnxImport kImports[] = {{"Resize", import_resize}, {"Upsample", import_upsample}};
  return kImports;
}

}  // namespace graupel
