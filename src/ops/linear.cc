#include "ops/linear.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace graupel {
namespace {

constexpr int64_t kMostAccumulator = std::numeric_limits<int32_t>::max();
constexpr double kMostScaled = 0x1p30;

/// Per output channel, over all its weights.
struct WeightSums {
  std::vector<int64_t> negative, positive;
};

WeightSums sum_weights(std::span<const int8_t> weights, std::size_t channels) {
  WeightSums sums{std::vector<int64_t>(channels), std::vector<int64_t>(channels)};
  for (std::size_t i = 0; i < weights.size(); i += channels)
    for (std::size_t c = 0; c < channels; ++c) {
      sums.negative[c] += std::min<int64_t>(weights[i + c], 0);
      sums.positive[c] += std::max<int64_t>(weights[i + c], 0);
    }
  return sums;
}

Result<> expect_weights(const Tensor& weights, const Tensor& bias) {
  const std::size_t channels = bias.type.shape.empty() ? 0 : static_cast<std::size_t>(bias.type.shape[0]);
  const auto& quant = weights.type.quant;
  if (weights.type.dtype != DType::kS8 || !quant)
    return invalid("weights are ", to_string(weights.type), ", not quantized s8; quantize the graph first");
  if (quant->axis != static_cast<int>(weights.type.shape.size()) - 1 || quant->scale.size() != channels)
    return invalid("weights are ", to_string(weights.type), " with ", quant->scale.size(),
                   " scales; one per output channel (the last extent) is needed (N1.2)");
  for (const int32_t zero_point : quant->zero_point)
    if (zero_point != 0) return invalid("weights have zero point ", zero_point, "; they are symmetric (N1.2)");
  if (bias.type.dtype != DType::kS32) return invalid("bias is ", to_string(bias.type), ", not s32 (N1.3)");
  return {};
}

/// N2.3 for one channel: the accumulator's largest magnitude, and what the epilogue makes of it.
Result<> prove(int64_t least, int64_t most, double scale, double residual_reach) {
  const int64_t reach = std::max(std::abs(least), std::abs(most));
  if (reach > kMostAccumulator)
    return unsupported("the accumulator can reach ", reach,
                       ", beyond 2^31 - 1 (N2.3); clip the weights of this channel");
  if (static_cast<double>(reach) * scale + residual_reach >= kMostScaled)
    return unsupported("the accumulator can reach ", reach, ", times scale ", scale, " plus residual ", residual_reach,
                       " beyond 2^30 (N2.3); clip the weight scale of this channel");
  return {};
}

}  // namespace

Result<> expect_clamp(const Clamp& clamp) {
  if (clamp.lo <= clamp.hi) return {};
  return invalid("clamp [", clamp.lo, ", ", clamp.hi, "] is not an interval");
}

Result<> expect_linear_types(std::span<const TensorType> in) {
  const bool real = in[0].dtype == DType::kF32;
  const DType weights = real ? DType::kF32 : DType::kS8, bias = real ? DType::kF32 : DType::kS32;
  if (in[1].dtype != weights)
    return invalid("weights are ", to_string(in[1].dtype), " for an input of ", to_string(in[0].dtype),
                   "; they must be ", to_string(weights));
  if (in[2].dtype != bias)
    return invalid("bias is ", to_string(in[2].dtype), " for an input of ", to_string(in[0].dtype), "; it must be ",
                   to_string(bias));
  if (in[2].shape != Shape{in[1].shape.back()})
    return invalid("bias has shape ", to_string(in[2].shape), "; the weights have ", in[1].shape.back(),
                   " output channels");
  return {};
}

CodeRange code_range(const Clamp& clamp, const Affinity& out) {
  return {code_of(clamp.lo, out), code_of(clamp.hi, out)};
}

Result<Linear> lower_linear(const LowerContext& context, const Clamp& clamp, bool residual) {
  GRAUPEL_TRY(const Affinity in, quantization_of(context.in[0], "input"));
  GRAUPEL_TRY(const Affinity out, quantization_of(context.out, "output"));
  GRAUPEL_TRY(const Tensor* weights, constant_operand(context, 1, "weights"));
  GRAUPEL_TRY(const Tensor* bias, constant_operand(context, 2, "bias"));
  GRAUPEL_DO(expect_weights(*weights, *bias));
  Linear linear;
  linear.in_zero_point = in.zero_point;
  linear.epilogue.zero_point = out.zero_point;
  const CodeRange range = code_range(clamp, out);
  linear.epilogue.lo = range.lo;
  linear.epilogue.hi = range.hi;
  if (residual) {
    GRAUPEL_TRY(const Affinity added, quantization_of(context.in[3], "residual"));
    GRAUPEL_TRY(linear.epilogue.residual_scale, requant_scale(added.scale / out.scale).within("residual"));
    GRAUPEL_TRY(const View image, image_of(context.in[3].shape));
    linear.epilogue.residual = true;
    linear.epilogue.residual_zero_point = added.zero_point;
    linear.epilogue.residual_pixel_stride = image.pixel_stride;
  }
  const std::span<const int8_t> w = weights->as<int8_t>();
  const std::span<const int32_t> b = bias->as<int32_t>();
  const WeightSums sums = sum_weights(w, b.size());
  std::vector<int32_t> folded(b.size());
  std::vector<float> scales(b.size());
  for (std::size_t c = 0; c < b.size(); ++c) {
    const int64_t base = b[c] - in.zero_point * (sums.negative[c] + sums.positive[c]);
    const double scale = in.scale * static_cast<double>(weights->type.quant->scale[c]) / out.scale;
    GRAUPEL_TRY(scales[c], requant_scale(scale).within("output channel ", c));
    const double residual_reach = residual ? 255.0 * linear.epilogue.residual_scale : 0.0;
    GRAUPEL_DO(prove(base + 255 * sums.negative[c], base + 255 * sums.positive[c], scales[c], residual_reach)
                   .within("output channel ", c));
    if (std::abs(base) > kMostAccumulator)
      return unsupported("output channel ", c, ": the folded bias ", base, " does not fit s32 (N1.3)");
    folded[c] = static_cast<int32_t>(base);
  }
  linear.weights = context.sink.add(w);
  linear.bias = context.sink.add(std::span<const int32_t>(folded));
  linear.epilogue.scale = context.sink.add(std::span<const float>(scales));
  return linear;
}

}  // namespace graupel
