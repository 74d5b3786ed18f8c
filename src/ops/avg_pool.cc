#include "ops/avg_pool.h"

#include <algorithm>
#include <limits>

#include "ops/expect.h"
#include "ops/image_import.h"
#include "ops/window.h"

namespace graupel {
namespace {

Result<> import_average_pool(ImportContext& context) {
  GRAUPEL_TRY(const ImageOperand image, image_operand(context, 0));
  GRAUPEL_TRY(const auto kernel, context.node().integers("kernel_shape", {}));
  GRAUPEL_TRY(const PaddedWindow padded, read_window(context.node(), kernel, image.extents()));
  GRAUPEL_TRY(const int64_t ceil_mode, context.node().integer("ceil_mode", 0));
  GRAUPEL_TRY(const int64_t include, context.node().integer("count_include_pad", 0));
  const Window2d& window = padded.window;
  // Without padding there is nothing to count; what ceil_mode adds behind the image is never counted.
  const bool any = window.pad_top + window.pad_left + padded.pad_bottom + padded.pad_right > 0;
  return finish_image(context, image,
                      AvgPool{window, padded.pad_bottom, padded.pad_right, ceil_mode != 0, include != 0 && any});
}

/// Indices along one axis that output `o` reads: [begin, end).
struct Range {
  int32_t begin, end;
};
Range inside(int32_t o, int32_t stride, int32_t pad, int32_t kernel, int32_t extent) {
  const int32_t first = o * stride - pad;
  return {std::max(first, 0), std::min(first + kernel, extent)};
}

/// Row y of one frame: sums in the order rows, columns, then one division.
void pool_row(const AvgPool& op, const View& in, const View& out, const float* src, float* dst, int32_t y) {
  const Window2d& window = op.window;
  const Range rows = inside(y, window.stride_h, window.pad_top, window.kernel_h, in.h);
  for (int32_t x = 0; x < out.w; ++x) {
    float* pixel = dst + (int64_t{y} * out.w + x) * out.c;
    const Range columns = inside(x, window.stride_w, window.pad_left, window.kernel_w, in.w);
    std::fill_n(pixel, out.c, 0.0f);
    for (int32_t iy = rows.begin; iy < rows.end; ++iy)
      for (int32_t ix = columns.begin; ix < columns.end; ++ix) {
        const float* from = src + (int64_t{iy} * in.w + ix) * in.c;
        for (int32_t c = 0; c < in.c; ++c) pixel[c] += from[c];
      }
    const int32_t n = op.count_include_pad ? window.kernel_h * window.kernel_w
                                           : (rows.end - rows.begin) * (columns.end - columns.begin);
    const auto count = static_cast<float>(n);
    for (int32_t c = 0; c < in.c; ++c) pixel[c] /= count;
  }
}

}  // namespace

QuantRule AvgPool::quant_rule() const { return QuantRule::kCalibrated; }

Result<TensorType> AvgPool::infer(std::span<const TensorType> in) const {
  return infer_pool(in, {window, pad_bottom, pad_right}, ceil_mode);
}

Result<Tensor> AvgPool::eval(const EvalContext& context, std::span<const Tensor> in, const TensorType& out) const {
  return eval_pool(context, in[0], out, [&](const View& from, const View& to, const float* src, float* dst, int32_t y) {
    pool_row(*this, from, to, src, dst, y);
  });
}

Result<std::vector<Step>> AvgPool::lower(const LowerContext& context) const {
  GRAUPEL_TRY(const Affinity q_in, quantization_of(context.in[0], "input"));
  GRAUPEL_TRY(const Affinity q_out, quantization_of(context.out, "output"));
  AvgPoolParams params;
  if (int64_t{window.kernel_h} * window.kernel_w * q_in.most > std::numeric_limits<int32_t>::max())
    return unsupported("a window of ", window.kernel_h, "x", window.kernel_w,
                       " sums 16-bit codes beyond 2^31 (N8.4); keep this layer's input at 8 bits");
  GRAUPEL_TRY(params.in, image_of(context.in[0]));
  GRAUPEL_TRY(params.out, image_of(context.out));
  params.window = window;
  params.in_zero_point = q_in.zero_point;
  params.zero_point = q_out.zero_point;
  // Padding counts as real zeros: it adds nothing to S - n * za, and the divisor is the whole window (N6.1).
  std::vector<float> factors(static_cast<std::size_t>(window.kernel_h * window.kernel_w));
  for (std::size_t n = 1; n <= factors.size(); ++n) {
    const auto divisor = static_cast<double>(count_include_pad ? factors.size() : n);
    GRAUPEL_TRY(factors[n - 1], requant_scale(q_in.scale / (q_out.scale * divisor)));
    if (static_cast<double>(q_in.most) * static_cast<double>(n) * factors[n - 1] >= 0x1p30)
      return unsupported("a sum of ", n, " codes times ", factors[n - 1], " can reach beyond 2^30 (N2.3)");
  }
  params.factors = context.sink.add(std::span<const float>(factors));
  return std::vector{Step{params, {{0, {}}}}};
}

std::span<const OnnxImport> AvgPool::imports() {
  static constexpr OnnxImport kImports[] = {{"AveragePool", import_average_pool}};
  return kImports;
}

std::span<const Constraint<AvgPool>> AvgPool::constraints() {
  static constexpr Constraint<AvgPool> kConstraints[] = {
      {"average pooling has dilation 1",
       [](const AvgPool& op, std::span<const TensorType>) {
         return op.window.dilation_h == 1 && op.window.dilation_w == 1;
       }},
      {"average pooling sums at most 65535 elements per window",
       [](const AvgPool& op, std::span<const TensorType>) {
         return int64_t{op.window.kernel_h} * op.window.kernel_w <= 65535;
       }},
      {"where count_include_pad and ceil_mode are both set, no window may reach beyond the padding",
       [](const AvgPool& op, std::span<const TensorType> in) {
         if (!op.count_include_pad || !op.ceil_mode || in.size() != 1 || in[0].shape.size() != 4) return true;
         const auto fits = [](const WindowAxis& axis, int64_t extent) {
           return axis.stride < 1 || (extent + axis.pad_begin + axis.pad_end - axis.reach()) % axis.stride == 0;
         };
         return fits(vertical(op.window, op.pad_bottom), in[0].shape[1]) &&
                fits(horizontal(op.window, op.pad_right), in[0].shape[2]);
       }},
  };
  return kConstraints;
}

static_assert(OpType<AvgPool>);

}  // namespace graupel
