// Proofs for conv, depthwise and deconv: geometry, and the accumulator's bound per output channel (N2.3).
#include <algorithm>
#include <cmath>
#include <limits>

#include "program/expect.h"
#include "program/validate.h"

namespace graupel {
namespace {

/// Sums of the negative and of the positive weights of every output channel; weights [.., channels].
struct WeightSums {
  std::vector<int32_t> negative, positive;
};

Result<WeightSums> sum_weights(const int8_t* weights, std::size_t rows, std::size_t channels) {
  WeightSums sums{std::vector<int32_t>(channels), std::vector<int32_t>(channels)};
  int32_t least = 0;
  int32_t* negative = sums.negative.data();
  int32_t* positive = sums.positive.data();
  for (std::size_t row = 0; row < rows; ++row, weights += channels)
    for (std::size_t c = 0; c < channels; ++c) {
      const int32_t w = weights[c];
      least = std::min(least, w);
      negative[c] += std::min(w, 0);
      positive[c] += std::max(w, 0);
    }
  if (least < -127) return corrupt("a weight is -128 (accepted: -127 to 127, N1.2)");
  return sums;
}

Result<> prove_epilogue(const Epilogue& epilogue, const View& out, ByteSpan constants) {
  GRAUPEL_DO(expect_constant("scale", epilogue.scale, out.c, sizeof(float), constants));
  GRAUPEL_DO(expect_zero_point("zero_point", epilogue.zero_point));
  GRAUPEL_DO(expect_code_range(epilogue.lo, epilogue.hi));
  if (epilogue.table) GRAUPEL_DO(expect_constant("table", epilogue.table, 256, 1, constants));
  if (!epilogue.residual) return {};
  GRAUPEL_DO(expect_zero_point("residual_zero_point", epilogue.residual_zero_point));
  GRAUPEL_DO(expect_scale("residual_scale", epilogue.residual_scale));
  View residual = out;
  residual.pixel_stride = epilogue.residual_pixel_stride;
  return expect_view("residual", residual);
}

/// N2.2 and N2.3 for every output channel.
template <class P>
Result<> prove_accumulators(const P& params, int64_t rows, ByteSpan constants) {
  const auto channels = static_cast<std::size_t>(params.out.c);
  const auto* bias = at<int32_t>(constants.data(), params.bias);
  const auto* scale = at<float>(constants.data(), params.epilogue.scale);
  GRAUPEL_TRY(const WeightSums sums,
              sum_weights(at<int8_t>(constants.data(), params.weights), static_cast<std::size_t>(rows), channels));
  const double residual = params.epilogue.residual ? 255.0 * params.epilogue.residual_scale : 0.0;
  for (std::size_t c = 0; c < channels; ++c) {
    if (!(scale[c] > 0x1p-100f && scale[c] < 0x1p15f))
      return corrupt("scale of channel ", c, " is ", scale[c], " (accepted: above 2^-100 and below 2^15, N2.2)");
    const int64_t least = bias[c] + 255 * int64_t{sums.negative[c]}, most = bias[c] + 255 * int64_t{sums.positive[c]};
    const int64_t reach = std::max(std::abs(least), std::abs(most));
    if (reach > std::numeric_limits<int32_t>::max() || static_cast<double>(reach) * scale[c] + residual >= 0x1p30)
      return corrupt("the accumulator of channel ", c, " can reach ", reach, ", times scale ", scale[c],
                     ": beyond N2.3");
  }
  return {};
}

template <class P>
Result<Touched> prove_linear(const P& params, int64_t groups, const View& swept, ByteSpan constants) {
  GRAUPEL_DO(expect_view("in", params.in));
  GRAUPEL_DO(expect_view("out", params.out));
  GRAUPEL_DO(expect_window(params.window, swept));
  GRAUPEL_DO(expect_range("groups", groups, 1, std::min(params.in.c, params.out.c)));
  if (params.in.c % groups != 0 || params.out.c % groups != 0)
    return corrupt(groups, " groups do not divide ", params.in.c, " and ", params.out.c, " channels");
  GRAUPEL_DO(expect_zero_point("in_zero_point", params.in_zero_point));
  const int64_t taps = int64_t{params.window.kernel_h} * params.window.kernel_w;
  const int64_t inputs = params.in.c / groups;
  // 2^23 products of 255 * 127 stay within the s64 arithmetic of the proof and the s32 sums of weights.
  GRAUPEL_DO(expect_range("products per output", taps, 1, (int64_t{1} << 23) / inputs));
  GRAUPEL_DO(expect_constant("weights", params.weights, taps * inputs * params.out.c, 1, constants));
  GRAUPEL_DO(expect_constant("bias", params.bias, params.out.c, sizeof(int32_t), constants));
  GRAUPEL_DO(prove_epilogue(params.epilogue, params.out, constants));
  GRAUPEL_DO(prove_accumulators(params, taps * inputs, constants));
  Touched touched{{image_region(0, params.in)}, image_region(0, params.out)};
  if (params.epilogue.residual) {
    View residual = params.out;
    residual.pixel_stride = params.epilogue.residual_pixel_stride;
    touched.src.push_back(image_region(0, residual));
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
