#include "ops/max_pool.h"

#include <algorithm>

#include "ops/expect.h"
#include "ops/image_import.h"
#include "ops/window.h"

namespace graupel {
namespace {

Result<> import_max_pool(ImportContext& context) {
  GRAUPEL_DO(refuse_output(context, 1, "Indices"));
  GRAUPEL_TRY(const ImageOperand image, image_operand(context, 0));
  GRAUPEL_TRY(const auto kernel, context.node().integers("kernel_shape", {}));
  GRAUPEL_TRY(const PaddedWindow padded, read_window(context.node(), kernel, image.extents()));
  GRAUPEL_TRY(const std::string auto_pad, read_auto_pad(context.node()));
  if (auto_pad.starts_with("SAME") && (padded.window.dilation_h > 1 || padded.window.dilation_w > 1))
    return unsupported("attribute auto_pad is '", auto_pad,
                       "' with dilations above 1, which tools read differently (supported: explicit pads)");
  GRAUPEL_TRY(const int64_t ceil_mode, context.node().integer("ceil_mode", 0));
  return finish_image(context, image, MaxPool{padded.window, padded.pad_bottom, padded.pad_right, ceil_mode != 0});
}

Result<> import_global_max_pool(ImportContext& context) {
  GRAUPEL_TRY(const ImageOperand image, image_operand(context, 0));
  MaxPool pool;
  pool.window.kernel_h = static_cast<int32_t>(image.value.shape[2]);
  pool.window.kernel_w = static_cast<int32_t>(image.value.shape[3]);
  return finish_image(context, image, pool);
}

/// Row y of one frame: the largest element of each window, channel by channel.
void pool_row(const Window2d& window, const View& in, const View& out, const float* src, float* dst, int32_t y) {
  for (int32_t x = 0; x < out.w; ++x) {
    float* pixel = dst + (int64_t{y} * out.w + x) * out.c;
    bool first = true;
    for (int32_t ky = 0; ky < window.kernel_h; ++ky)
      for (int32_t kx = 0; kx < window.kernel_w; ++kx) {
        const int32_t iy = y * window.stride_h - window.pad_top + ky * window.dilation_h;
        const int32_t ix = x * window.stride_w - window.pad_left + kx * window.dilation_w;
        if (iy < 0 || iy >= in.h || ix < 0 || ix >= in.w) continue;
        const float* from = src + (int64_t{iy} * in.w + ix) * in.c;
        for (int32_t c = 0; c < in.c; ++c) pixel[c] = first || from[c] > pixel[c] ? from[c] : pixel[c];
        first = false;
      }
  }
}

}  // namespace

QuantRule MaxPool::quant_rule() const { return QuantRule::kShared; }

Result<TensorType> MaxPool::infer(std::span<const TensorType> in) const {
  GRAUPEL_TRY(TensorType out, infer_pool(in, {window, pad_bottom, pad_right}, ceil_mode));
  out.quant = in[0].quant;
  return out;
}

Result<Tensor> MaxPool::eval(const EvalContext& context, std::span<const Tensor> in, const TensorType& out) const {
  return eval_pool(context, in[0], out, [&](const View& from, const View& to, const float* src, float* dst, int32_t y) {
    pool_row(window, from, to, src, dst, y);
  });
}

Result<std::vector<Step>> MaxPool::lower(const LowerContext& context) const {
  GRAUPEL_TRY(const View in, image_of(context.in[0]));
  GRAUPEL_TRY(const View out, image_of(context.out));
  return std::vector{Step{MaxPoolParams{in, out, window}, {{0, {}}}}};
}

std::span<const OnnxImport> MaxPool::imports() {
  static constexpr OnnxImport kImports[] = {{"MaxPool", import_max_pool}, {"GlobalMaxPool", import_global_max_pool}};
  return kImports;
}

std::span<const Constraint<MaxPool>> MaxPool::constraints() { return {}; }

static_assert(OpType<MaxPool>);

}  // namespace graupel
