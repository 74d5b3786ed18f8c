// Sliding windows as ops and ONNX state them: output extents, what pools share, and the attributes kernel_shape,
// strides, pads, auto_pad.
#pragma once

#include <functional>
#include <string_view>

#include "ops/op.h"

namespace graupel {

/// One axis of a sliding window.
struct WindowAxis {
  int64_t kernel = 1, stride = 1, dilation = 1, pad_begin = 0, pad_end = 0;

  /// Input elements from the first tap to the last.
  int64_t reach() const { return (kernel - 1) * dilation + 1; }
};

WindowAxis vertical(const Window2d& window, int32_t pad_bottom);
WindowAxis horizontal(const Window2d& window, int32_t pad_right);

/// floor((in + pads - reach) / stride) + 1; with `ceil_mode` rounded up, without windows that would start behind the
/// input. Errors: invalid (kernel, stride or dilation below 1, negative padding, a window larger than the padded
/// input), naming `axis`.
Result<int64_t> output_extent(const WindowAxis& axis, int64_t in, bool ceil_mode, std::string_view name);

/// A pool has no value for a window that lies in the padding alone. Errors: invalid, naming the position.
Result<> expect_windows_inside(const WindowAxis& axis, int64_t in, int64_t out, std::string_view name);

/// A window as an op holds it.
struct PaddedWindow {
  Window2d window;
  int32_t pad_bottom = 0, pad_right = 0;
};

/// What a pool makes of its only operand, x [N, H, W, C], but for quantization. Errors: invalid.
Result<TensorType> infer_pool(std::span<const TensorType> in, const PaddedWindow& padded, bool ceil_mode);
/// One row of a pool's output: row `y` of the frame at `dst` from the frame at `src`.
using PoolRow = std::function<void(const View& in, const View& out, const float* src, float* dst, int32_t y)>;
/// All rows of all frames of `out`.
Result<Tensor> eval_pool(const EvalContext& context, const Tensor& in, const TensorType& out, const PoolRow& row);

/// Reads strides, dilations, pads and auto_pad of `node`, whose kernel covers `kernel` over an image of extents `in`;
/// both have one element for 1-D operators (read as height 1) or two. SAME paddings are resolved here, on strides of
/// the untransposed sense. Errors: invalid, unsupported, naming attribute and value.
Result<PaddedWindow> read_window(const onnx::Node& node, const std::vector<int64_t>& kernel,
                                 const std::vector<int64_t>& in);

/// A list attribute with one entry per spatial axis (times `each`), brought to two axes; absent: all `fallback`.
Result<std::vector<int64_t>> read_axes(const onnx::Node& node, const char* key, std::size_t axes, std::size_t each,
                                       int64_t fallback, int64_t least);

/// `node`'s auto_pad: NOTSET, VALID, SAME_UPPER or SAME_LOWER.
Result<std::string> read_auto_pad(const onnx::Node& node);

}  // namespace graupel
