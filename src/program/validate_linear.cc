// Proofs for conv, depthwise, deconv and matmul: geometry, and the accumulator's bound per output channel (N2.3, N8.3).
#include <algorithm>
#include <cmath>
#include <limits>

#include "program/expect.h"
#include "program/validate.h"

namespace graupel {
namespace {

/// Sums of the negative and of the positive weights of every output channel; weights [.., channels].
template <class Sum>
struct WeightSums {
  std::vector<Sum> negative, positive;
};

/// Sum holds the sums that the checked geometry allows.
template <class Sum, class Weight>
Result<WeightSums<Sum>> sum_weights(const Weight* weights, std::size_t rows, std::size_t channels) {
  constexpr int32_t kMost = sizeof(Weight) == 1 ? 127 : 32639;
  WeightSums<Sum> sums{std::vector<Sum>(channels), std::vector<Sum>(channels)};
  int32_t least = 0, most = 0;
  Sum* negative = sums.negative.data();
  Sum* positive = sums.positive.data();
  for (std::size_t row = 0; row < rows; ++row, weights += channels)
    for (std::size_t c = 0; c < channels; ++c) {
      const int32_t w = weights[c];
      least = std::min(least, w);
      most = std::max(most, w);
      negative[c] += std::min(w, 0);
      positive[c] += std::max(w, 0);
    }
  if (least < -kMost || most > kMost)
    return corrupt("weights reach from ", least, " to ", most, " (accepted: ", -kMost, " to ", kMost, "; N1.2, N8.2)");
  return sums;
}

View residual_view(const Epilogue& epilogue, View out) {
  out.pixel_stride = epilogue.residual_pixel_stride;
  out.element = epilogue.residual_element;
  return out;
}

Result<> prove_epilogue(const Epilogue& epilogue, const View& out, ByteSpan constants) {
  GRAUPEL_DO(expect_constant("scale", epilogue.scale, out.c, sizeof(float), constants));
  int32_t most = most_code(out.element);
  if (epilogue.table) {
    const int64_t bytes = code_bytes(out.element), entries = epilogue.table.size == 256 * bytes ? 256 : 65536;
    GRAUPEL_DO(expect_constant("table", epilogue.table, entries, bytes, constants));
    most = static_cast<int32_t>(entries - 1);
  }
  GRAUPEL_DO(expect_zero_point("zero_point", epilogue.zero_point, most));
  GRAUPEL_DO(expect_code_range(epilogue.lo, epilogue.hi, most));
  GRAUPEL_DO(expect_codes("residual", epilogue.residual_element));
  if (!epilogue.residual) return {};
  GRAUPEL_DO(
      expect_zero_point("residual_zero_point", epilogue.residual_zero_point, most_code(epilogue.residual_element)));
  GRAUPEL_DO(expect_scale("residual_scale", epilogue.residual_scale));
  return expect_view("residual", residual_view(epilogue, out));
}

/// N2.2 and N2.3, or N8.3, for every output channel.
template <class Weight, class Bias, class Sum, class P>
Result<> prove_sums(const P& params, int64_t rows, ByteSpan constants) {
  constexpr int64_t kMostSum = sizeof(Bias) == 4 ? std::numeric_limits<int32_t>::max() : int64_t{1} << 52;
  const auto channels = static_cast<std::size_t>(params.out.c);
  const auto* bias = at<Bias>(constants.data(), params.bias);
  const auto* scale = at<float>(constants.data(), params.epilogue.scale);
  GRAUPEL_TRY(const WeightSums<Sum> sums,
              sum_weights<Sum>(at<Weight>(constants.data(), params.weights), static_cast<std::size_t>(rows), channels));
  const double residual = params.epilogue.residual
                              ? double{params.epilogue.residual_scale} * most_code(params.epilogue.residual_element)
                              : 0.0;
  const int64_t most_in = most_code(params.in.element);
  for (std::size_t c = 0; c < channels; ++c) {
    if (!(scale[c] > 0x1p-100f && scale[c] < 0x1p15f))
      return corrupt("scale of channel ", c, " is ", scale[c], " (accepted: above 2^-100 and below 2^15, N2.2)");
    if (bias[c] > kMostSum || bias[c] < -kMostSum)
      return corrupt("the bias of channel ", c, " is ", bias[c], ": beyond N8.3");
    const int64_t least = bias[c] + most_in * int64_t{sums.negative[c]};
    const int64_t most = bias[c] + most_in * int64_t{sums.positive[c]};
    const int64_t reach = std::max(std::abs(least), std::abs(most));
    if (reach > kMostSum || static_cast<double>(reach) * scale[c] + residual >= 0x1p30)
      return corrupt("the accumulator of channel ", c, " can reach ", reach, ", times scale ", scale[c],
                     ": beyond N2.3");
  }
  return {};
}

template <class P>
Result<> prove_accumulators(const P& params, int64_t rows, ByteSpan constants) {
  if (params.weight == DType::kS16) return prove_sums<int16_t, int64_t, int64_t>(params, rows, constants);
  if (has_wide_sums(params)) return prove_sums<int8_t, int64_t, int32_t>(params, rows, constants);
  return prove_sums<int8_t, int32_t, int32_t>(params, rows, constants);
}

template <class P>
Result<Touched> prove_linear(const P& params, int64_t groups, const View& swept, ByteSpan constants) {
  GRAUPEL_DO(expect_view("in", params.in));
  GRAUPEL_DO(expect_view("out", params.out));
  GRAUPEL_DO(expect_window(params.window, swept));
  GRAUPEL_DO(expect_range("groups", groups, 1, std::min(params.in.c, params.out.c)));
  if (params.in.c % groups != 0 || params.out.c % groups != 0)
    return corrupt(groups, " groups do not divide ", params.in.c, " and ", params.out.c, " channels");
  GRAUPEL_DO(expect_zero_point("in_zero_point", params.in_zero_point, most_code(params.in.element)));
  if (params.weight != DType::kS8 && params.weight != DType::kS16)
    return corrupt("weights of ", to_string(params.weight), " (accepted: s8, s16)");
  const int64_t taps = int64_t{params.window.kernel_h} * params.window.kernel_w;
  const int64_t inputs = params.in.c / groups;
  // 2^23 products of 255 * 127 stay within the s64 arithmetic of the proof and the s32 sums of weights.
  GRAUPEL_DO(expect_range("products per output", taps, 1, (int64_t{1} << 23) / inputs));
  GRAUPEL_DO(expect_constant("weights", params.weights, taps * inputs * params.out.c,
                             params.weight == DType::kS16 ? 2 : 1, constants));
  GRAUPEL_DO(expect_constant("bias", params.bias, params.out.c,
                             has_wide_sums(params) ? sizeof(int64_t) : sizeof(int32_t), constants));
  GRAUPEL_DO(prove_epilogue(params.epilogue, params.out, constants));
  GRAUPEL_DO(prove_accumulators(params, taps * inputs, constants));
  Touched touched{{image_region(0, params.in)}, image_region(0, params.out)};
  if (params.epilogue.residual) {
    touched.src.push_back(image_region(0, residual_view(params.epilogue, params.out)));
  }
  return touched;
}

/// N4.3: the largest sum of products is converted exactly, and what comes out fits (N2.3, N8.3).
Result<> prove_products(const MatMulParams& p, ByteSpan constants) {
  const auto reach = [](DType element, int32_t zero_point) {
    return int64_t{std::max(zero_point, most_code(element) - zero_point)};
  };
  const int64_t most = p.wide() ? int64_t{1} << 52 : std::numeric_limits<int32_t>::max();
  const int64_t product = reach(p.a.element, p.a_zero_point) * reach(p.b.element, p.b_zero_point);
  if (p.k > most / product) return corrupt(p.k, " products of up to ", product, " each: beyond N4.3");
  const float* scale = at<float>(constants.data(), p.epilogue.scale);
  for (int32_t c = 0; c < p.n; ++c)
    if (!(scale[c] > 0x1p-100f && scale[c] < 0x1p15f) || static_cast<double>(product * p.k) * scale[c] >= 0x1p30)
      return corrupt("the scale of column ", c, " is ", scale[c], " for sums of up to ", product * p.k,
                     ": beyond N2.2 or N2.3");
  return {};
}

/// The elements that a matrix operand has, as dimensions; strides are not negative.
Result<std::vector<Stride>> dims_of(std::string_view name, const MatMulParams& p, const MatrixView& view, int32_t rows,
                                    int32_t columns) {
  std::vector<Stride> dims = {{p.batch[0], view.batch[0]},
                              {p.batch[1], view.batch[1]},
                              {p.batch[2], view.batch[2]},
                              {rows, view.row},
                              {columns, view.column}};
  int64_t last = 0;
  for (const Stride& dim : dims) {
    if (dim.step < 0 || !reach_fits(dim)) return corrupt(name, " of extent ", dim.extent, " with stride ", dim.step);
    last += (dim.extent - 1) * dim.step;
  }
  GRAUPEL_DO(expect_range(name, last, 0, std::numeric_limits<int32_t>::max()));
  return dims;
}

/// No element is written twice: sorted by stride, each dimension begins behind all that those before it reach.
Result<> expect_apart(std::vector<Stride> dims) {
  std::sort(dims.begin(), dims.end(), [](const Stride& a, const Stride& b) { return a.step < b.step; });
  int64_t reach = 1;
  for (const Stride& dim : dims) {
    if (dim.extent == 1) continue;
    if (dim.step < reach) return corrupt("out writes elements twice: stride ", dim.step, " over ", reach);
    reach += (dim.extent - 1) * dim.step;
  }
  return {};
}

}  // namespace

Result<Touched> prove(const ConvParams& params, ByteSpan constants) {
  return prove_linear(params, params.groups, params.out, constants);
}

Result<Touched> prove(const DepthwiseParams& params, ByteSpan constants) {
  if (params.in.c != params.out.c) return corrupt(params.in.c, " input and ", params.out.c, " output channels");
  return prove_linear(params, params.in.c, params.out, constants);
}

Result<Touched> prove(const DeconvParams& params, ByteSpan constants) {
  return prove_linear(params, params.groups, params.in, constants);
}

Result<Touched> prove(const MatMulParams& p, ByteSpan constants) {
  constexpr int64_t kMost = std::numeric_limits<int32_t>::max();
  int64_t elements = 1;
  for (const int32_t extent : {p.batch[0], p.batch[1], p.batch[2], p.m, p.n}) {
    GRAUPEL_DO(expect_range("extent", extent, 1, kMost / elements));
    elements *= extent;
  }
  // Four of k at a time, for a block of columns and some rows, must fit what kernels keep in scratch.
  GRAUPEL_DO(expect_range("k", p.k, 1, 1 << 23));
  for (const MatrixView* view : {&p.a, &p.b, &p.out}) GRAUPEL_DO(expect_codes("an operand", view->element));
  GRAUPEL_DO(expect_range("column of out", p.out.column, 1, 1));
  GRAUPEL_TRY(const std::vector<Stride> a, dims_of("a", p, p.a, p.m, p.k));
  GRAUPEL_TRY(const std::vector<Stride> b, dims_of("b", p, p.b, p.k, p.n));
  GRAUPEL_TRY(const std::vector<Stride> out, dims_of("out", p, p.out, p.m, p.n));
  GRAUPEL_DO(expect_apart(out));
  GRAUPEL_DO(expect_zero_point("a_zero_point", p.a_zero_point, most_code(p.a.element)));
  GRAUPEL_DO(expect_zero_point("b_zero_point", p.b_zero_point, most_code(p.b.element)));
  if (p.epilogue.residual) return corrupt("a residual, which a product of activations does not have");
  GRAUPEL_DO(prove_epilogue(p.epilogue, View{1, 1, p.n, p.n, p.out.element}, constants));
  GRAUPEL_DO(prove_products(p, constants));
  return Touched{{scaled_region(strided_region(0, a), code_bytes(p.a.element)),
                  scaled_region(strided_region(0, b), code_bytes(p.b.element))},
                 scaled_region(strided_region(0, out), code_bytes(p.out.element))};
}

}  // namespace graupel
