#include "ops/resize.h"

#include <algorithm>
#include <cmath>

#include "ops/expect.h"

namespace graupel {
namespace {

// Sampling: which input each output reads.

/// One axis: `scale` is output / input as the model gave it.
struct Axis {
  int64_t in = 1, out = 1;
  float scale = 1;

  /// `at` / scale, rounded to f32: a scale that is itself a rounding then moves no sample off a tie.
  double unscaled(double at) const { return static_cast<double>(static_cast<float>(at) / scale); }
};

/// Where output `x` lies on the input, in input samples.
double source_of(const Axis& axis, Resize::Coordinates coordinates, int64_t x) {
  const auto at = static_cast<double>(x);
  switch (coordinates) {
    case Resize::Coordinates::kHalfPixel: return axis.unscaled(at + 0.5) - 0.5;
    case Resize::Coordinates::kPytorchHalfPixel: return axis.out > 1 ? axis.unscaled(at + 0.5) - 0.5 : 0.0;
    case Resize::Coordinates::kAlignCorners:
      return axis.out > 1 ? at * static_cast<double>(axis.in - 1) / static_cast<double>(axis.out - 1) : 0.0;
    case Resize::Coordinates::kAsymmetric: return axis.unscaled(at);
  }
  return at;
}

int32_t nearest_index(const Axis& axis, const Resize& op, int64_t x) {
  const double source = source_of(axis, op.coordinates, x);
  double index = 0;
  switch (op.rounding) {
    case Resize::Rounding::kRoundPreferFloor: index = std::ceil(source - 0.5); break;
    case Resize::Rounding::kRoundPreferCeil: index = std::floor(source + 0.5); break;
    case Resize::Rounding::kFloor: index = std::floor(source); break;
    case Resize::Rounding::kCeil: index = std::ceil(source); break;
  }
  return static_cast<int32_t>(std::clamp(index, 0.0, static_cast<double>(axis.in - 1)));
}

/// Two neighbouring inputs and the share of the second.
struct Blend {
  int32_t low, high;
  double share;
};
Blend blend_at(const Axis& axis, Resize::Coordinates coordinates, int64_t x) {
  const double last = static_cast<double>(axis.in - 1);
  const double source = std::clamp(source_of(axis, coordinates, x), 0.0, last);
  const double low = std::floor(source);
  return {static_cast<int32_t>(low), static_cast<int32_t>(std::min(low + 1, last)), source - low};
}

std::vector<int32_t> nearest_table(const Axis& axis, const Resize& op) {
  std::vector<int32_t> table;
  for (int64_t x = 0; x < axis.out; ++x) table.push_back(nearest_index(axis, op, x));
  return table;
}

/// {low index, high index, low weight, high weight}; the weights have 11 fractional bits and sum to 2048 (N6.2).
std::vector<int32_t> blend_table(const Axis& axis, const Resize& op) {
  std::vector<int32_t> table;
  for (int64_t x = 0; x < axis.out; ++x) {
    const Blend blend = blend_at(axis, op.coordinates, x);
    const auto high = static_cast<int32_t>(std::nearbyint(blend.share * 2048));
    table.insert(table.end(), {blend.low, blend.high, 2048 - high, high});
  }
  return table;
}

// Evaluation of one output row of one frame.

void nearest_row(const View& in, const View& out, int32_t from, const std::vector<int32_t>& columns, const float* src,
                 float* dst) {
  for (int32_t x = 0; x < out.w; ++x) {
    const float* pixel = src + (int64_t{from} * in.w + columns[static_cast<std::size_t>(x)]) * in.c;
    std::copy_n(pixel, in.c, dst + int64_t{x} * out.c);
  }
}

/// Columns first, then rows: top + (bottom - top) * share, each step rounded to f32.
void linear_row(const View& in, const View& out, const Blend& row, const std::vector<Blend>& columns, const float* src,
                float* dst) {
  const float* top = src + int64_t{row.low} * in.w * in.c;
  const float* bottom = src + int64_t{row.high} * in.w * in.c;
  const auto down = static_cast<float>(row.share);
  for (int32_t x = 0; x < out.w; ++x) {
    const Blend& column = columns[static_cast<std::size_t>(x)];
    const int64_t left = int64_t{column.low} * in.c, right = int64_t{column.high} * in.c;
    const auto across = static_cast<float>(column.share);
    float* pixel = dst + int64_t{x} * out.c;
    for (int32_t c = 0; c < in.c; ++c) {
      const float above = top[left + c] + (top[right + c] - top[left + c]) * across;
      const float below = bottom[left + c] + (bottom[right + c] - bottom[left + c]) * across;
      pixel[c] = above + (below - above) * down;
    }
  }
}

std::vector<Blend> blends(const Axis& axis, const Resize& op) {
  std::vector<Blend> table;
  for (int64_t x = 0; x < axis.out; ++x) table.push_back(blend_at(axis, op.coordinates, x));
  return table;
}

}  // namespace

QuantRule Resize::quant_rule() const { return QuantRule::kShared; }

Result<TensorType> Resize::infer(std::span<const TensorType> in) const {
  GRAUPEL_DO(expect_operands(in, 1));
  GRAUPEL_DO(expect_activation(in[0], 4, "input"));
  if (height < 1 || width < 1) return invalid("an output of ", height, "x", width, "; both must be at least 1");
  if (!(scale_h > 0) || !(scale_w > 0) || !std::isfinite(scale_h) || !std::isfinite(scale_w))
    return invalid("scales ", scale_h, " and ", scale_w, "; both must be positive and finite");
  TensorType out{in[0].dtype, {in[0].shape[0], height, width, in[0].shape[3]}, in[0].quant};
  GRAUPEL_DO(validate(out.shape));
  return out;
}

Result<Tensor> Resize::eval(const EvalContext& context, std::span<const Tensor> in, const TensorType& out) const {
  auto [result, dst] = context.make(out.shape);
  const Shape& x = in[0].type.shape;
  GRAUPEL_TRY(const View from, image_of({x[1], x[2], x[3]}));
  GRAUPEL_TRY(const View to, image_of({out.shape[1], out.shape[2], out.shape[3]}));
  const Axis down{from.h, to.h, scale_h}, across{from.w, to.w, scale_w};
  const std::vector<int32_t> rows = nearest_table(down, *this), columns = nearest_table(across, *this);
  const std::vector<Blend> row_blends = blends(down, *this), column_blends = blends(across, *this);
  const float* src = in[0].as<float>().data();
  context.pool->run(x[0] * to.h, [&, data = dst](int64_t begin, int64_t end, int) {
    for (int64_t row = begin; row < end; ++row) {
      const auto y = static_cast<std::size_t>(row % to.h);
      const float* frame = src + row / to.h * from.h * from.w * from.c;
      float* line = data + row * to.w * to.c;
      if (mode == Mode::kNearest)
        nearest_row(from, to, rows[y], columns, frame, line);
      else
        linear_row(from, to, row_blends[y], column_blends, frame, line);
    }
  });
  return result;
}

Result<std::vector<Step>> Resize::lower(const LowerContext& context) const {
  GRAUPEL_TRY(const View in, image_of(context.in[0]));
  GRAUPEL_TRY(const View out, image_of(context.out));
  const Axis down{in.h, out.h, scale_h}, across{in.w, out.w, scale_w};
  const bool nearest = mode == Mode::kNearest;
  const auto rows = nearest ? nearest_table(down, *this) : blend_table(down, *this);
  const auto columns = nearest ? nearest_table(across, *this) : blend_table(across, *this);
  const ConstRef row_table = context.sink.add(std::span<const int32_t>(rows));
  const ConstRef column_table = context.sink.add(std::span<const int32_t>(columns));
  if (nearest) return std::vector{Step{NearestParams{in, out, row_table, column_table}, {{0, {}}}}};
  return std::vector{Step{BilinearParams{in, out, row_table, column_table}, {{0, {}}}}};
}

std::span<const Constraint<Resize>> Resize::constraints() { return {}; }

static_assert(OpType<Resize>);

}  // namespace graupel
