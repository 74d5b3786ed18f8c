#include "ops/normalize.h"

#include <array>
#include <cmath>

#include "ops/expect.h"

namespace graupel {
namespace {

using Kind = Normalize::Kind;

/// The tensor as [outer, rows, groups, channels]; rows x channels are normalized together.
struct Split {
  int64_t outer = 1, rows = 1, groups = 1, channels = 1;
  int64_t n() const { return rows * channels; }
};
Split split_of(const Shape& shape, const Normalize& op) {
  Split split;
  for (std::size_t i = 0; i + 1 < shape.size(); ++i)
    (static_cast<int64_t>(i) < op.first_axis ? split.outer : split.rows) *= shape[i];
  split.groups = op.groups;
  split.channels = shape.back() / op.groups;
  return split;
}

// Evaluation.

/// Sums f over `count` neighbours in eight lanes, so that the order of additions is one and the additions overlap.
class Lanes {
 public:
  template <class F>
  void add(const float* src, int64_t count, F f) {
    int64_t i = 0;
    for (; i + kWidth <= count; i += kWidth)
      for (int64_t k = 0; k < kWidth; ++k) sums_[static_cast<std::size_t>(k)] += f(static_cast<double>(src[i + k]));
    for (int64_t k = 0; i < count; ++i, ++k) sums_[static_cast<std::size_t>(k)] += f(static_cast<double>(src[i]));
  }
  double total() const {
    double total = 0;
    for (const double sum : sums_) total += sum;
    return total;
  }

 private:
  static constexpr int64_t kWidth = 8;
  std::array<double, kWidth> sums_ = {};
};

/// One group: `rows` lines of `channels` elements, `stride` apart.
struct Group {
  int64_t rows = 1, channels = 1, stride = 1;

  template <class F>
  double sum(const float* src, F f) const {
    Lanes lanes;
    for (int64_t row = 0; row < rows; ++row) lanes.add(src + row * stride, channels, f);
    return lanes.total();
  }
};

/// What is subtracted from x, and what the difference is multiplied by.
struct Standard {
  double mean = 0, inverse = 1;
};
Standard standard_of(const Normalize& op, const Group& group, const float* src) {
  const auto n = static_cast<double>(group.rows * group.channels);
  const double epsilon = op.epsilon;
  const auto squares = [&](double mean) { return group.sum(src, [=](double x) { return (x - mean) * (x - mean); }); };
  switch (op.kind) {
    case Kind::kStandard: {
      const double mean = group.sum(src, [](double x) { return x; }) / n;
      return {mean, 1 / std::sqrt(squares(mean) / n + epsilon)};
    }
    case Kind::kRms: return {0, 1 / std::sqrt(squares(0) / n + epsilon)};
    case Kind::kL2: return {0, 1 / std::sqrt(squares(0) + epsilon * epsilon)};
  }
  return {};
}

/// One value per channel, in the program's constants.
ConstRef per_channel(Constants& sink, const Tensor& values, int64_t channels, double factor) {
  std::vector<float> scaled;
  for (int64_t c = 0; c < channels; ++c) {
    const double value = values.as<float>()[values.type.shape[0] == 1 ? 0 : static_cast<std::size_t>(c)];
    scaled.push_back(static_cast<float>(value * factor));
  }
  return sink.add(std::span<const float>(scaled));
}

/// Scale, shift and epsilon in units of codes (N7.2).
Result<> set_constants(NormParams& params, const Normalize& op, const LowerContext& context, double scale_in,
                       double scale_out) {
  GRAUPEL_TRY(const Tensor* scale, constant_operand(context, 1, "scale"));
  GRAUPEL_TRY(const Tensor* shift, constant_operand(context, 2, "shift"));
  constexpr double kMost = 0x1p30, kLeastEpsilon = 0x1p-99, kMostEpsilon = 0x1p99;
  const double n = static_cast<double>(params.rows) * params.channels, epsilon = op.epsilon;
  const double gain = op.kind == Kind::kRms ? std::sqrt(n) : 1;
  const double unit = scale_in * scale_in;
  const double in_codes = op.kind == Kind::kStandard ? epsilon * n * n / unit
                          : op.kind == Kind::kRms    ? epsilon * n / unit
                                                     : epsilon * epsilon / unit;
  params.epsilon = static_cast<float>(std::clamp(in_codes, kLeastEpsilon, kMostEpsilon));
  for (const float value : scale->as<float>())
    if (!(std::fabs(static_cast<double>(value)) * gain / scale_out < kMost))
      return invalid("scale ", value, " is beyond 2^30 steps of the output's scale ", scale_out);
  for (const float value : shift->as<float>())
    if (!(std::fabs(static_cast<double>(value)) / scale_out < kMost))
      return invalid("shift ", value, " is beyond 2^30 steps of the output's scale ", scale_out);
  const int64_t channels = int64_t{params.groups} * params.channels;
  params.scale = per_channel(context.sink, *scale, channels, gain / scale_out);
  params.shift = per_channel(context.sink, *shift, channels, 1 / scale_out);
  return {};
}

}  // namespace

QuantRule Normalize::quant_rule() const { return QuantRule::kCalibrated; }

Result<TensorType> Normalize::infer(std::span<const TensorType> in) const {
  GRAUPEL_DO(expect_operands(in, 3));
  GRAUPEL_DO(expect_activation_of_any_rank(in[0], 1, "input"));
  const auto rank = static_cast<int32_t>(in[0].shape.size());
  if (first_axis < 0 || first_axis >= rank)
    return invalid("axis ", first_axis, " of shape ", to_string(in[0].shape), " (accepted: 0 to ", rank - 1, ")");
  const int64_t channels = in[0].shape.back();
  if (groups < 1 || channels % groups != 0)
    return invalid(groups, " groups of ", channels, " channels (accepted: 1 or more that divide them)");
  if (!(epsilon >= 0) || !std::isfinite(epsilon)) return invalid("epsilon is ", epsilon, " (accepted: 0 or more)");
  for (const std::size_t i : {1u, 2u}) {
    const std::string_view what = i == 1 ? "scale" : "shift";
    if (in[i].dtype != DType::kF32) return invalid(what, " is ", to_string(in[i].dtype), "; it must be f32");
    if (in[i].shape != Shape{1} && in[i].shape != Shape{channels})
      return invalid(what, " has shape ", to_string(in[i].shape), " (accepted: 1 or ", channels, ")");
  }
  return TensorType{in[0].dtype, in[0].shape, {}};
}

Result<Tensor> Normalize::eval(const EvalContext& context, std::span<const Tensor> in, const TensorType& out) const {
  auto [result, data] = context.make(out.shape);
  float* dst = data;
  const Split split = split_of(out.shape, *this);
  const Group group{split.rows, split.channels, split.groups * split.channels};
  const float *src = in[0].as<float>().data(), *scales = in[1].as<float>().data(), *shifts = in[2].as<float>().data();
  const int64_t scale_step = in[1].type.shape[0] == 1 ? 0 : 1, shift_step = in[2].type.shape[0] == 1 ? 0 : 1;
  const int64_t grain = std::max<int64_t>(1, 2048 / split.n());
  context.pool->run(split.outer * split.groups, grain, [&](int64_t begin, int64_t end, int) {
    for (int64_t unit = begin; unit < end; ++unit) {
      const int64_t channel = unit % split.groups * split.channels;
      const int64_t at = unit / split.groups * split.rows * group.stride + channel;
      const Standard by = standard_of(*this, group, src + at);
      const float *scale = scales + channel * scale_step, *shift = shifts + channel * shift_step;
      for (int64_t row = 0; row < split.rows; ++row)
        for (int64_t c = 0; c < split.channels; ++c) {
          const double y = (static_cast<double>(src[at + row * group.stride + c]) - by.mean) * by.inverse;
          dst[at + row * group.stride + c] = static_cast<float>(y * static_cast<double>(scale[c * scale_step]) +
                                                                static_cast<double>(shift[c * shift_step]));
        }
    }
  });
  return result;
}

Result<std::vector<Step>> Normalize::lower(const LowerContext& context) const {
  GRAUPEL_TRY(const Affinity q_in, quantization_of(context.in[0], "input"));
  GRAUPEL_TRY(const Affinity q_out, quantization_of(context.out, "output"));
  const Split split = split_of(context.in[0].shape, *this);
  if (split.n() * q_in.most > std::numeric_limits<int32_t>::max())
    return unsupported("a norm over ", split.n(), " 16-bit codes reaches beyond 2^31 (N7.2); keep this layer's input ",
                       "at 8 bits");
  NormParams params;
  params.outer = static_cast<int32_t>(split.outer);
  params.rows = static_cast<int32_t>(split.rows);
  params.groups = static_cast<int32_t>(split.groups);
  params.channels = static_cast<int32_t>(split.channels);
  params.in_stride = params.out_stride = params.groups * params.channels;
  params.centred = kind == Kind::kStandard;
  params.in_zero_point = q_in.zero_point;
  params.zero_point = q_out.zero_point;
  params.in_element = context.in[0].dtype;
  params.out_element = context.out.dtype;
  GRAUPEL_DO(set_constants(params, *this, context, q_in.scale, q_out.scale));
  return std::vector{Step{params, {{0, {}}}}};
}

std::span<const Constraint<Normalize>> Normalize::constraints() {
  static constexpr Constraint<Normalize> kConstraints[] = {
      {"a norm is over at most 8388608 elements",
       [](const Normalize& op, std::span<const TensorType> in) {
         return in.empty() || in[0].shape.empty() || op.groups < 1 || split_of(in[0].shape, op).n() <= 65536 * 128;
       }},
  };
  return kConstraints;
}

static_assert(OpType<Normalize>);

}  // namespace graupel
