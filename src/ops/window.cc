#include "ops/window.h"

#include <algorithm>
#include <array>

#include "ops/expect.h"

namespace graupel {
namespace {

// Larger attributes mean nothing for images and would overflow sums.
constexpr int64_t kMostAttribute = 65535;

int64_t reaching(const std::vector<int64_t>& kernel, const std::vector<int64_t>& dilations, std::size_t axis) {
  return (kernel[axis] - 1) * dilations[axis] + 1;
}

/// {top, left, bottom, right} that keep ceil(in / stride) outputs.
std::vector<int64_t> same_pads(const std::vector<int64_t>& in, const std::vector<int64_t>& kernel,
                               const std::vector<int64_t>& strides, const std::vector<int64_t>& dilations, bool upper) {
  std::vector<int64_t> pads(4);
  for (std::size_t axis = 0; axis < 2; ++axis) {
    const int64_t out = (in[axis] + strides[axis] - 1) / strides[axis];
    const int64_t total =
        std::max<int64_t>((out - 1) * strides[axis] + reaching(kernel, dilations, axis) - in[axis], 0);
    pads[axis] = upper ? total / 2 : total - total / 2;
    pads[axis + 2] = total - pads[axis];
  }
  return pads;
}

std::vector<int64_t> as_two(const std::vector<int64_t>& list, int64_t first) {
  return list.size() == 1 ? std::vector<int64_t>{first, list[0]} : list;
}

}  // namespace

WindowAxis vertical(const Window2d& window, int32_t pad_bottom) {
  return {window.kernel_h, window.stride_h, window.dilation_h, window.pad_top, pad_bottom};
}

WindowAxis horizontal(const Window2d& window, int32_t pad_right) {
  return {window.kernel_w, window.stride_w, window.dilation_w, window.pad_left, pad_right};
}

Result<int64_t> output_extent(const WindowAxis& axis, int64_t in, bool ceil_mode, std::string_view name) {
  if (axis.kernel < 1 || axis.stride < 1 || axis.dilation < 1)
    return invalid(name, ": kernel ", axis.kernel, ", stride ", axis.stride, ", dilation ", axis.dilation,
                   " must each be at least 1");
  if (axis.pad_begin < 0 || axis.pad_end < 0)
    return invalid(name, ": padding ", axis.pad_begin, " before and ", axis.pad_end, " after must not be negative");
  const int64_t room = in + axis.pad_begin + axis.pad_end - axis.reach();
  if (room < 0)
    return invalid(name, ": a window of ", axis.reach(), " does not fit an input of ", in, " padded by ",
                   axis.pad_begin, " and ", axis.pad_end);
  if (!ceil_mode) return room / axis.stride + 1;
  const int64_t out = (room + axis.stride - 1) / axis.stride + 1;
  return (out - 1) * axis.stride >= in + axis.pad_begin ? out - 1 : out;
}

Result<> expect_windows_inside(const WindowAxis& axis, int64_t in, int64_t out, std::string_view name) {
  for (int64_t o = 0; o < out; ++o) {
    bool inside = false;
    for (int64_t k = 0; k < axis.kernel && !inside; ++k) {
      const int64_t i = o * axis.stride - axis.pad_begin + k * axis.dilation;
      inside = i >= 0 && i < in;
    }
    if (!inside)
      return invalid(name, ": the window of output ", o, " lies in the padding alone (input ", in, ", kernel ",
                     axis.kernel, ", dilation ", axis.dilation, ", padding ", axis.pad_begin, " and ", axis.pad_end,
                     ")");
  }
  return {};
}

Result<TensorType> infer_pool(std::span<const TensorType> in, const PaddedWindow& padded, bool ceil_mode) {
  GRAUPEL_DO(expect_operands(in, 1));
  GRAUPEL_DO(expect_activation(in[0], 4, "input"));
  const Shape& x = in[0].shape;
  const WindowAxis rows = vertical(padded.window, padded.pad_bottom),
                   columns = horizontal(padded.window, padded.pad_right);
  TensorType out{in[0].dtype, {x[0], 0, 0, x[3]}, {}};
  GRAUPEL_TRY(out.shape[1], output_extent(rows, x[1], ceil_mode, "height"));
  GRAUPEL_TRY(out.shape[2], output_extent(columns, x[2], ceil_mode, "width"));
  GRAUPEL_DO(expect_windows_inside(rows, x[1], out.shape[1], "height"));
  GRAUPEL_DO(expect_windows_inside(columns, x[2], out.shape[2], "width"));
  GRAUPEL_DO(validate(out.shape));
  return out;
}

Result<Tensor> eval_pool(const EvalContext& context, const Tensor& in, const TensorType& out, const PoolRow& row) {
  auto [result, dst] = context.make(out.shape);
  const Shape& x = in.type.shape;
  GRAUPEL_TRY(const View from, image_of({x[1], x[2], x[3]}));
  GRAUPEL_TRY(const View to, image_of({out.shape[1], out.shape[2], out.shape[3]}));
  const float* src = in.as<float>().data();
  context.pool->run(x[0] * to.h, [&, data = dst](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t n = i / to.h;
      row(from, to, src + n * from.h * from.w * from.c, data + n * to.h * to.w * to.c, static_cast<int32_t>(i % to.h));
    }
  });
  return result;
}

Result<std::vector<int64_t>> read_axes(const onnx::Node& node, const char* key, std::size_t axes, std::size_t each,
                                       int64_t fallback, int64_t least) {
  GRAUPEL_TRY(std::vector<int64_t> list, node.integers(key, std::vector<int64_t>(axes * each, fallback)));
  if (list.size() != axes * each)
    return invalid("attribute ", key, " has ", list.size(), " entries; ", axes * each, " are needed");
  for (const int64_t value : list)
    if (value < least || value > kMostAttribute)
      return unsupported("attribute ", key, " holds ", value, " (supported: ", least, " to ", kMostAttribute, ")");
  if (axes == 2) return list;
  if (each == 1) return as_two(list, fallback);
  return std::vector<int64_t>{fallback, list[0], fallback, list[1]};
}

Result<std::string> read_auto_pad(const onnx::Node& node) {
  GRAUPEL_TRY(std::string mode, node.text("auto_pad", "NOTSET"));
  for (const std::string_view known : {"NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"})
    if (mode == known) return mode;
  return unsupported("attribute auto_pad is '", mode, "' (supported: NOTSET, VALID, SAME_UPPER, SAME_LOWER)");
}

Result<PaddedWindow> read_window(const onnx::Node& node, const std::vector<int64_t>& kernel_axes,
                                 const std::vector<int64_t>& in_axes) {
  const std::size_t axes = in_axes.size();
  if (kernel_axes.size() != axes || axes < 1 || axes > 2)
    return unsupported("a kernel of ", kernel_axes.size(), " axes over ", axes,
                       " axes (supported: 1 or 2 spatial axes)");
  for (const int64_t extent : kernel_axes)
    if (extent < 1 || extent > kMostAttribute)
      return unsupported("kernel extent ", extent, " (supported: 1 to ", kMostAttribute, ")");
  const std::vector<int64_t> kernel = as_two(kernel_axes, 1), in = as_two(in_axes, 1);
  GRAUPEL_TRY(const auto strides, read_axes(node, "strides", axes, 1, 1, 1));
  GRAUPEL_TRY(const auto dilations, read_axes(node, "dilations", axes, 1, 1, 1));
  GRAUPEL_TRY(auto pads, read_axes(node, "pads", axes, 2, 0, 0));
  GRAUPEL_TRY(const std::string mode, read_auto_pad(node));
  if (mode == "VALID") pads.assign(4, 0);
  if (mode == "SAME_UPPER" || mode == "SAME_LOWER")
    pads = same_pads(in, kernel, strides, dilations, mode == "SAME_UPPER");
  const auto i32 = [](int64_t value) { return static_cast<int32_t>(value); };
  PaddedWindow padded;
  padded.window = {i32(kernel[0]),    i32(kernel[1]),    i32(strides[0]), i32(strides[1]),
                   i32(dilations[0]), i32(dilations[1]), i32(pads[0]),    i32(pads[1])};
  padded.pad_bottom = i32(pads[2]);
  padded.pad_right = i32(pads[3]);
  return padded;
}

}  // namespace graupel
