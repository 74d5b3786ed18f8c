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
  GRAUPEL_DO(expect_operands(in, 1));
  GRAUPEL_DO(expect_activation(in[0], 4, "input"));
  const Shape& x = in[0].shape;
  const WindowAxis rows = vertical(window, pad_bottom), columns = horizontal(window, pad_right);
  TensorType out{in[0].dtype, {x[0], 0, 0, x[3]}, in[0].quant};
  GRAUPEL_TRY(out.shape[1], output_extent(rows, x[1], ceil_mode, "height"));
  GRAUPEL_TRY(out.shape[2], output_extent(columns, x[2], ceil_mode, "width"));
  GRAUPEL_DO(expect_windows_inside(rows, x[1], out.shape[1], "height"));
  GRAUPEL_DO(expect_windows_inside(columns, x[2], out.shape[2], "width"));
  GRAUPEL_DO(validate(out.shape));
  return out;
}

Result<Tensor> MaxPool::eval(const EvalContext& context, std::span<const Tensor> in, const TensorType& out) const {
  auto [result, dst] = context.make(out.shape);
  const Shape& x = in[0].type.shape;
  GRAUPEL_TRY(const View from, image_of({x[1], x[2], x[3]}));
  GRAUPEL_TRY(const View to, image_of({out.shape[1], out.shape[2], out.shape[3]}));
  const float* src = in[0].as<float>().data();
  context.pool->run(x[0] * to.h, [&, data = dst](int64_t begin, int64_t end, int) {
    for (int64_t row = begin; row < end; ++row) {
      const int64_t n = row / to.h;
      pool_row(window, from, to, src + n * from.h * from.w * from.c, data + n * to.h * to.w * to.c,
               static_cast<int32_t>(row % to.h));
    }
  });
  return result;
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
