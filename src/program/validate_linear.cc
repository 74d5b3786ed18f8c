// Proofs for conv, depthwise and deconv: geometry, and the accumulator's bound per output channel (N2.3, N8.3).
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

}  // namespace graupel
