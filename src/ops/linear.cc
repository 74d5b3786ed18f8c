#include "ops/linear.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace graupel {
namespace {

constexpr double kMostScaled = 0x1p30;

/// Per output channel, over all its weights.
struct WeightSums {
  std::vector<int64_t> negative, positive;
};

template <class Weight>
WeightSums sum_weights(std::span<const Weight> weights, std::size_t channels) {
  WeightSums sums{std::vector<int64_t>(channels), std::vector<int64_t>(channels)};
  for (std::size_t i = 0; i < weights.size(); i += channels)
    for (std::size_t c = 0; c < channels; ++c) {
      sums.negative[c] += std::min<int64_t>(weights[i + c], 0);
      sums.positive[c] += std::max<int64_t>(weights[i + c], 0);
    }
  return sums;
}

/// Accumulators of s64 (N8.2).
bool is_wide(const TensorType& in, const TensorType& weights) {
  return in.dtype == DType::kU16 || weights.dtype == DType::kS16;
}

DType bias_type(const TensorType& in, const TensorType& weights) {
  return is_wide(in, weights) ? DType::kS64 : DType::kS32;
}

Result<> expect_weights(const Tensor& weights, const Tensor& bias, DType bias_dtype) {
  const std::size_t channels = bias.type.shape.empty() ? 0 : static_cast<std::size_t>(bias.type.shape[0]);
  const auto& quant = weights.type.quant;
  if ((weights.type.dtype != DType::kS8 && weights.type.dtype != DType::kS16) || !quant)
    return invalid("weights are ", to_string(weights.type), ", not quantized s8 or s16; quantize the graph first");
  if (quant->axis != static_cast<int>(weights.type.shape.size()) - 1 || quant->scale.size() != channels)
    return invalid("weights are ", to_string(weights.type), " with ", quant->scale.size(),
                   " scales; one per output channel (the last extent) is needed (N1.2)");
  for (const int32_t zero_point : quant->zero_point)
    if (zero_point != 0) return invalid("weights have zero point ", zero_point, "; they are symmetric (N1.2)");
  if (bias.type.dtype != bias_dtype)
    return invalid("bias is ", to_string(bias.type), ", not ", to_string(bias_dtype), " (N1.3, N8.2)");
  return {};
}

/// N2.3 or N8.3 for one channel: the accumulator's largest magnitude, and what the epilogue makes of it.
Result<> prove(int64_t least, int64_t most, int64_t limit, double scale, double residual_reach) {
  const int64_t reach = std::max(std::abs(least), std::abs(most));
  if (reach > limit)
    return unsupported("the accumulator can reach ", reach, ", beyond ", limit,
                       " (N2.3, N8.3); clip the weights of this channel");
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

bool sums_few_products(std::span<const TensorType> in) {
  constexpr int64_t kMost = 65535;
  if (in.size() < 2 || in[1].shape.empty()) return true;
  int64_t products = 1;
  for (std::size_t i = 0; i + 1 < in[1].shape.size(); ++i) {
    const int64_t extent = in[1].shape[i];
    if (extent > kMost || products * extent > kMost) return false;
    products *= extent;
  }
  return true;
}

Result<> expect_linear_types(std::span<const TensorType> in) {
  const bool real = in[0].dtype == DType::kF32;
  const bool fits = real ? in[1].dtype == DType::kF32 : in[1].dtype == DType::kS8 || in[1].dtype == DType::kS16;
  const DType bias = real ? DType::kF32 : bias_type(in[0], in[1]);
  if (!fits)
    return invalid("weights are ", to_string(in[1].dtype), " for an input of ", to_string(in[0].dtype),
                   "; they must be ", real ? "f32" : "s8 or s16");
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

namespace {

/// Sums, proofs and constants, per output channel, for the element types at hand.
template <class Weight, class Bias>
Result<> add_channels(const LowerContext& context, const Tensor& weights, const Tensor& bias, const Affinity& in,
                      const Affinity& out, double residual_reach, Linear& linear) {
  constexpr int64_t kLimit = sizeof(Bias) == 4 ? std::numeric_limits<int32_t>::max() : int64_t{1} << 52;
  const std::span<const Weight> w = weights.as<Weight>();
  const std::span<const Bias> b = bias.as<Bias>();
  const WeightSums sums = sum_weights(w, b.size());
  std::vector<Bias> folded(b.size());
  std::vector<float> scales(b.size());
  for (std::size_t c = 0; c < b.size(); ++c) {
    if (b[c] > kLimit || b[c] < -kLimit) return invalid("output channel ", c, " has bias ", b[c], " (N8.3)");
    const int64_t base = b[c] - in.zero_point * (sums.negative[c] + sums.positive[c]);
    const double scale = in.scale * static_cast<double>(weights.type.quant->scale[c]) / out.scale;
    GRAUPEL_TRY(scales[c], requant_scale(scale).within("output channel ", c));
    GRAUPEL_DO(
        prove(base + in.most * sums.negative[c], base + in.most * sums.positive[c], kLimit, scales[c], residual_reach)
            .within("output channel ", c));
    if (std::abs(base) > kLimit)
      return unsupported("output channel ", c, ": the folded bias ", base, " is beyond ", kLimit, " (N1.3, N8.3)");
    folded[c] = static_cast<Bias>(base);
  }
  linear.weights = context.sink.add(w);
  linear.bias = context.sink.add(std::span<const Bias>(folded));
  linear.epilogue.scale = context.sink.add(std::span<const float>(scales));
  return {};
}

}  // namespace

Result<Linear> lower_linear(const LowerContext& context, const Clamp& clamp, bool residual) {
  GRAUPEL_TRY(const Affinity in, quantization_of(context.in[0], "input"));
  GRAUPEL_TRY(const Affinity out, quantization_of(context.out, "output"));
  GRAUPEL_TRY(const Tensor* weights, constant_operand(context, 1, "weights"));
  GRAUPEL_TRY(const Tensor* bias, constant_operand(context, 2, "bias"));
  const bool wide = is_wide(context.in[0], weights->type);
  GRAUPEL_DO(expect_weights(*weights, *bias, bias_type(context.in[0], weights->type)));
  Linear linear;
  linear.in_zero_point = in.zero_point;
  linear.weight = weights->type.dtype;
  linear.epilogue.zero_point = out.zero_point;
  const CodeRange range = code_range(clamp, out);
  linear.epilogue.lo = range.lo;
  linear.epilogue.hi = range.hi;
  double residual_reach = 0;
  if (residual) {
    GRAUPEL_TRY(const Affinity added, quantization_of(context.in[3], "residual"));
    GRAUPEL_TRY(linear.epilogue.residual_scale, requant_scale(added.scale / out.scale).within("residual"));
    GRAUPEL_TRY(const View image, image_of(context.in[3].shape));
    linear.epilogue.residual = true;
    linear.epilogue.residual_zero_point = added.zero_point;
    linear.epilogue.residual_pixel_stride = image.pixel_stride;
    linear.epilogue.residual_element = context.in[3].dtype;
    residual_reach = static_cast<double>(added.most) * linear.epilogue.residual_scale;
  }
  if (weights->type.dtype == DType::kS16)
    GRAUPEL_DO((add_channels<int16_t, int64_t>(context, *weights, *bias, in, out, residual_reach, linear)));
  else if (wide)
    GRAUPEL_DO((add_channels<int8_t, int64_t>(context, *weights, *bias, in, out, residual_reach, linear)));
  else
    GRAUPEL_DO((add_channels<int8_t, int32_t>(context, *weights, *bias, in, out, residual_reach, linear)));
  return linear;
}

}  // namespace graupel
