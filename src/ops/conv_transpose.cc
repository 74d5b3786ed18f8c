#include "ops/conv_transpose.h"

#include <algorithm>
#include <numeric>

#include "ops/float_conv.h"
#include "ops/image_import.h"
#include "ops/linear.h"
#include "ops/window.h"

namespace graupel {
namespace {

// Import: the padding that auto_pad or output_shape implies, per axis.

constexpr int64_t kMostPadding = 1 << 20;

struct Padding {
  int64_t begin = 0, end = 0, output = 0;
};

/// Splits `excess`, what must go so that the output has the wanted extent; the odd one goes first unless `upper`.
Padding pad_for(int64_t excess, int64_t output, bool upper) {
  const int64_t begin = upper ? excess / 2 : excess - excess / 2;
  return {begin, excess - begin, output};
}

/// The axis of the transposed window: where reading the attributes as an ordinary window's stops being right.
struct TransposedAxis {
  WindowAxis window;
  int64_t in = 1, output_pad = 0;

  int64_t full() const { return (in - 1) * window.stride + window.reach() + output_pad; }
};

Result<Padding> resolve_padding(const TransposedAxis& axis, const std::string& auto_pad,
                                std::optional<int64_t> extent) {
  const bool same = auto_pad == "SAME_UPPER" || auto_pad == "SAME_LOWER";
  if (!extent && !same) return Padding{axis.window.pad_begin, axis.window.pad_end, axis.output_pad};
  const int64_t wanted = extent ? *extent : axis.in * axis.window.stride;
  const int64_t excess = axis.full() - wanted;
  // SAME means no more than no padding; an output_shape beyond that grows at the end.
  if (excess < 0 && !extent) return Padding{0, 0, axis.output_pad};
  if (wanted < 1 || std::abs(excess) > kMostPadding)
    return invalid("an output extent of ", wanted, " (output_shape, auto_pad) where no padding gives ", axis.full());
  if (excess < 0) return Padding{0, 0, axis.output_pad - excess};
  return pad_for(excess, axis.output_pad, auto_pad == "SAME_UPPER");
}

Result<ConvTranspose> read_attributes(const onnx::Node& node, const std::vector<int64_t>& kernel,
                                      const std::vector<int64_t>& in) {
  const std::size_t axes = in.size();
  GRAUPEL_TRY(const PaddedWindow padded, read_window(node, kernel, in));
  GRAUPEL_TRY(const auto output_pads, read_axes(node, "output_padding", axes, 1, 0, 0));
  GRAUPEL_TRY(const std::string auto_pad, read_auto_pad(node));
  std::vector<std::optional<int64_t>> extents(2);
  GRAUPEL_TRY(auto shape, node.integers("output_shape", {}));
  if (shape.size() == axes + 2) shape.erase(shape.begin(), shape.begin() + 2);
  if (!shape.empty() && shape.size() != axes)
    return invalid("attribute output_shape has ", shape.size(), " entries; ", axes, " are needed");
  if (!shape.empty()) std::copy(shape.begin(), shape.end(), extents.end() - static_cast<std::ptrdiff_t>(axes));
  ConvTranspose op;
  op.window = padded.window;
  const TransposedAxis rows{vertical(padded.window, padded.pad_bottom), axes == 2 ? in[0] : 1, output_pads[0]};
  const TransposedAxis columns{horizontal(padded.window, padded.pad_right), in.back(), output_pads[1]};
  // A 1-D operator's added height of 1 keeps no padding at all.
  GRAUPEL_TRY(const Padding y, resolve_padding(rows, axes == 2 ? auto_pad : "NOTSET", extents[0]));
  GRAUPEL_TRY(const Padding x, resolve_padding(columns, auto_pad, extents[1]));
  op.window.pad_top = static_cast<int32_t>(y.begin);
  op.window.pad_left = static_cast<int32_t>(x.begin);
  op.pad_bottom = static_cast<int32_t>(y.end);
  op.pad_right = static_cast<int32_t>(x.end);
  op.output_pad_h = static_cast<int32_t>(y.output);
  op.output_pad_w = static_cast<int32_t>(x.output);
  return op;
}

/// ONNX [C, O / groups, kh, kw] → [kh, kw, C / groups, O], O counting through the groups.
Tensor reorder_weights(const Tensor& weights, int64_t groups) {
  const Shape& given = weights.type.shape;
  const int64_t c = given[0] / groups, o = given[1], h = given[2], w = given[3];
  const Tensor split = transposed(weights.reshaped({groups, c, o, h, w}), std::vector{3, 4, 1, 0, 2});
  return split.reshaped({h, w, c, groups * o});
}

Result<> import_conv_transpose(ImportContext& context) {
  GRAUPEL_TRY(const ImageOperand image, image_operand(context, 0));
  GRAUPEL_TRY(Tensor weights, constant_f32(context, 1, "weights"));
  const Shape given = weights.type.shape;
  if (given.size() != image.extents().size() + 2)
    return invalid("weights of shape ", to_string(given), " for an input of ", image.extents().size(), " spatial axes");
  const std::vector<int64_t> kernel(given.begin() + 2, given.end());
  GRAUPEL_TRY(const auto stated, context.node().integers("kernel_shape", kernel));
  if (stated != kernel)
    return invalid("attribute kernel_shape is ", to_string(stated), ", but the weights are ", to_string(given));
  GRAUPEL_TRY(ConvTranspose op, read_attributes(context.node(), kernel, image.extents()));
  GRAUPEL_TRY(const int64_t groups, context.node().integer("group", 1));
  if (groups < 1 || given[0] % groups != 0 || given[0] != image.channels())
    return invalid("attribute group is ", groups, " with weights of shape ", to_string(given), " for ",
                   image.channels(), " input channels");
  op.groups = static_cast<int32_t>(groups);
  Tensor bias = filled(given[1] * groups, 0);
  if (context.has(2)) {
    GRAUPEL_TRY(bias, constant_f32(context, 2, "bias"));
  }
  weights = weights.reshaped({given[0], given[1], op.window.kernel_h, op.window.kernel_w});
  return finish_image(context, image, op,
                      {context.add_constant(reorder_weights(weights, groups)), context.add_constant(bias)});
}

Result<int64_t> transposed_extent(const WindowAxis& axis, int64_t in, int64_t output_pad, std::string_view name) {
  if (axis.kernel < 1 || axis.stride < 1 || axis.dilation < 1 || axis.pad_begin < 0 || axis.pad_end < 0 ||
      output_pad < 0)
    return invalid(name, ": kernel ", axis.kernel, ", stride ", axis.stride, ", dilation ", axis.dilation, ", padding ",
                   axis.pad_begin, " and ", axis.pad_end, ", output padding ", output_pad,
                   "; the first three must be at least 1, the others at least 0");
  const int64_t out = (in - 1) * axis.stride + axis.reach() + output_pad - axis.pad_begin - axis.pad_end;
  if (out < 1)
    return invalid(name, ": padding ", axis.pad_begin, " and ", axis.pad_end, " leaves ", out, " of an input of ", in);
  return out;
}

// Evaluation: output positions of one phase (position modulo stride) form an ordinary convolution of stride 1.

/// One phase of one axis: output o = first + i * stride for i in [0, count) sums taps first_tap + t * tap_step against
/// input i + origin - t * distance, t in [0, taps).
struct Phase {
  int64_t first = 0, count = 0;
  int64_t first_tap = 0, tap_step = 1, taps = 0;
  int64_t origin = 0, distance = 1;
};

Phase phase_of(const WindowAxis& axis, int64_t out, int64_t phase) {
  Phase p;
  // The output o with (o + pad_begin) % stride == phase.
  p.first = ((phase - axis.pad_begin) % axis.stride + axis.stride) % axis.stride;
  p.count = p.first < out ? (out - p.first - 1) / axis.stride + 1 : 0;
  const int64_t common = std::gcd(axis.dilation, axis.stride);
  p.tap_step = axis.stride / common;
  p.distance = axis.dilation / common;
  for (int64_t k = 0; k < axis.kernel && p.taps == 0; ++k)
    if (k * axis.dilation % axis.stride == phase) {
      p.first_tap = k;
      p.taps = (axis.kernel - 1 - k) / p.tap_step + 1;
    }
  p.origin = (p.first + axis.pad_begin - p.first_tap * axis.dilation) / axis.stride;
  return p;
}

/// The padding before the image of that convolution, and how many outputs to drop where it would be negative.
struct Lead {
  int32_t pad = 0;
  int64_t drop = 0;
};
Lead lead_of(const Phase& p) {
  const int64_t pad = (p.taps - 1) * p.distance - p.origin;
  return {static_cast<int32_t>(std::max<int64_t>(pad, 0)), std::max<int64_t>(-pad, 0)};
}

/// The phase's taps, last first: what an ordinary convolution meets in ascending input order.
Bytes phase_weights(const Tensor& weights, const Phase& py, const Phase& px) {
  const Shape& shape = weights.type.shape;
  const int64_t run = shape[2] * shape[3];
  Bytes bytes(static_cast<std::size_t>(py.taps * px.taps * run) * sizeof(float));
  auto* out = reinterpret_cast<float*>(bytes.data());
  const float* in = weights.as<float>().data();
  for (int64_t y = py.taps; y-- > 0;)
    for (int64_t x = px.taps; x-- > 0; out += run) {
      const int64_t tap = (py.first_tap + y * py.tap_step) * shape[1] + px.first_tap + x * px.tap_step;
      std::copy_n(in + tap * run, run, out);
    }
  return bytes;
}

/// The images of a layer in one frame.
struct Frames {
  View in, out;
  const float* src;
  const float* bias;
  float* dst;
  int64_t count;
  int64_t stride_h, stride_w;
};

/// dst (first + i * stride) = image (i + drop) for every output of the phase; a null image means the clamped bias.
void scatter(const EvalContext& context, const Frames& f, const Phase& py, const Phase& px, const float* image,
             int64_t image_width, int64_t drop_y, int64_t drop_x, float* dst) {
  context.pool->run(py.count, [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; ++i)
      for (int64_t j = 0; j < px.count; ++j) {
        const int64_t at = (py.first + i * f.stride_h) * f.out.w + px.first + j * f.stride_w;
        const float* from = image_width == 0 ? image : image + ((i + drop_y) * image_width + j + drop_x) * f.out.c;
        std::copy_n(from, f.out.c, dst + at * f.out.c);
      }
  });
}

void eval_phase(const EvalContext& context, const ConvTranspose& op, const Frames& f, const Tensor& weights,
                const Phase& py, const Phase& px, const std::string& name) {
  const int64_t in_frame = int64_t{f.in.h} * f.in.w * f.in.c, out_frame = int64_t{f.out.h} * f.out.w * f.out.c;
  if (py.taps == 0 || px.taps == 0) {
    std::vector<float> pixel(f.bias, f.bias + f.out.c);
    for (float& value : pixel) value = std::min(std::max(value, op.clamp.lo), op.clamp.hi);
    for (int64_t n = 0; n < f.count; ++n) scatter(context, f, py, px, pixel.data(), 0, 0, 0, f.dst + n * out_frame);
    return;
  }
  const Lead top = lead_of(py), left = lead_of(px);
  ConvF32Params params;
  params.in = f.in;
  params.out = {static_cast<int32_t>(py.count + top.drop), static_cast<int32_t>(px.count + left.drop), f.out.c,
                f.out.c};
  const auto i32 = [](int64_t value) { return static_cast<int32_t>(value); };
  params.window = {i32(py.taps), i32(px.taps), 1, 1, i32(py.distance), i32(px.distance), top.pad, left.pad};
  params.groups = op.groups;
  params.lo = op.clamp.lo;
  params.hi = op.clamp.hi;
  Tensor taps{{DType::kF32, {py.taps, px.taps, weights.type.shape[2], weights.type.shape[3]}, {}}, nullptr};
  taps.data = context.packed(weights, name, [&] { return phase_weights(weights, py, px); });
  const FloatConv conv(context, params, taps, f.bias);
  auto [image, pixels] = context.make({params.out.h, params.out.w, params.out.c});
  for (int64_t n = 0; n < f.count; ++n) {
    conv.run(f.src + n * in_frame, nullptr, pixels);
    scatter(context, f, py, px, pixels, params.out.w, top.drop, left.drop, f.dst + n * out_frame);
  }
}

}  // namespace

QuantRule ConvTranspose::quant_rule() const { return QuantRule::kCalibrated; }

Result<TensorType> ConvTranspose::infer(std::span<const TensorType> in) const {
  GRAUPEL_DO(expect_operands(in, 3));
  GRAUPEL_DO(expect_activation(in[0], 4, "input"));
  const Shape& x = in[0].shape;
  const Shape& w = in[1].shape;
  if (w.size() != 4)
    return invalid("weights have shape ", to_string(w), "; kernel_h x kernel_w x C/groups x O is needed");
  GRAUPEL_DO(expect_linear_types(in));
  GRAUPEL_DO(expect_clamp(clamp));
  if (w[0] != window.kernel_h || w[1] != window.kernel_w)
    return invalid("weights of shape ", to_string(w), " for a kernel of ", window.kernel_h, "x", window.kernel_w);
  if (groups < 1 || x[3] % groups != 0 || w[3] % groups != 0 || w[2] * groups != x[3])
    return invalid("weights of shape ", to_string(w), " in ", groups, " groups for an input of shape ", to_string(x),
                   "; groups must divide ", x[3], " and ", w[3], ", and each group needs ", x[3], " / ", groups,
                   " input channels");
  TensorType out{in[0].dtype, {x[0], 0, 0, w[3]}, {}};
  GRAUPEL_TRY(out.shape[1], transposed_extent(vertical(window, pad_bottom), x[1], output_pad_h, "height"));
  GRAUPEL_TRY(out.shape[2], transposed_extent(horizontal(window, pad_right), x[2], output_pad_w, "width"));
  GRAUPEL_DO(validate(out.shape));
  return out;
}

Result<Tensor> ConvTranspose::eval(const EvalContext& context, std::span<const Tensor> in,
                                   const TensorType& out) const {
  auto [result, dst] = context.make(out.shape);
  const Shape& x = in[0].type.shape;
  GRAUPEL_TRY(const View from, image_of({x[1], x[2], x[3]}));
  GRAUPEL_TRY(const View to, image_of({out.shape[1], out.shape[2], out.shape[3]}));
  const Frames frames{from, to,   in[0].as<float>().data(), in[2].as<float>().data(),
                      dst,  x[0], window.stride_h,          window.stride_w};
  for (int64_t y = 0; y < window.stride_h; ++y)
    for (int64_t column = 0; column < window.stride_w; ++column) {
      const Phase py = phase_of(vertical(window, pad_bottom), to.h, y);
      const Phase px = phase_of(horizontal(window, pad_right), to.w, column);
      if (py.count == 0 || px.count == 0) continue;
      eval_phase(context, *this, frames, in[1], py, px,
                 cat("phase ", y, ",", column, " of ", window.stride_h, ",", window.stride_w, " dilation ",
                     window.dilation_h, ",", window.dilation_w));
    }
  return result;
}

Result<std::vector<Step>> ConvTranspose::lower(const LowerContext& context) const {
  GRAUPEL_TRY(const Linear linear, lower_linear(context, clamp, false));
  GRAUPEL_TRY(const View in, image_of(context.in[0]));
  GRAUPEL_TRY(const View out, image_of(context.out));
  const DeconvParams params{
      in, out, window, groups, linear.in_zero_point, linear.weights, linear.bias, linear.epilogue, linear.weight};
  return std::vector{Step{params, {{0, {}}}}};
}

std::span<const OnnxImport> ConvTranspose::imports() {
  static constexpr OnnxImport kImports[] = {{"ConvTranspose", import_conv_transpose}};
  return kImports;
}

std::span<const Constraint<ConvTranspose>> ConvTranspose::constraints() { return kFewProducts<ConvTranspose>; }

static_assert(OpType<ConvTranspose>);

}  // namespace graupel
