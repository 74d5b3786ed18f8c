#include "ops/resize_taps.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace graupel {
namespace {

using Filter = ResizeTaps::Filter;

/// Where output `o` lies on the input, in input samples.
double source_of(const ResizeTaps& taps, const ResizeAxis& axis, int64_t o) {
  const auto at = static_cast<double>(o), in = static_cast<double>(axis.in), out = static_cast<double>(axis.out);
  const double last = in - 1;
  switch (taps.coordinates) {
    case ResizeTaps::Coordinates::kHalfPixel: return (at + 0.5) / axis.scale - 0.5;
    case ResizeTaps::Coordinates::kHalfPixelSymmetric: {
      const double adjustment = out / (axis.scale * in);
      return in / 2 * (1 - adjustment) + (at + 0.5) / axis.scale - 0.5;
    }
    case ResizeTaps::Coordinates::kPytorchHalfPixel: return axis.out > 1 ? (at + 0.5) / axis.scale - 0.5 : 0;
    case ResizeTaps::Coordinates::kAlignCorners: return axis.out > 1 ? at * last / (out - 1) : 0;
    case ResizeTaps::Coordinates::kAsymmetric: return at / axis.scale;
    case ResizeTaps::Coordinates::kTfCropAndResize: {
      const double span = axis.roi_end - axis.roi_start;
      const double inside = axis.out > 1 ? at * span * last / (out - 1) : span * last / 2;
      return axis.roi_start * last + inside;
    }
  }
  return at;
}

int64_t rounded(ResizeTaps::Rounding rounding, double source) {
  switch (rounding) {
    case ResizeTaps::Rounding::kRoundPreferFloor: return static_cast<int64_t>(std::ceil(source - 0.5));
    case ResizeTaps::Rounding::kRoundPreferCeil: return static_cast<int64_t>(std::floor(source + 0.5));
    case ResizeTaps::Rounding::kFloor: return static_cast<int64_t>(std::floor(source));
    case ResizeTaps::Rounding::kCeil: return static_cast<int64_t>(std::ceil(source));
  }
  return 0;
}

/// The filter's value `distance` samples from its middle.
double filter_at(const ResizeTaps& taps, double distance) {
  const double d = std::fabs(distance), a = taps.cubic_a;
  if (taps.filter == Filter::kLinear) return std::max(0.0, 1 - d);
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  if (d < 2) return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
  return 0;
}

/// Weights of the inputs for a sample at `source`; what lies outside is the nearest input, or left out.
std::vector<double> weights_at(const ResizeTaps& taps, const ResizeAxis& axis, double source) {
  std::vector<double> weights(static_cast<std::size_t>(axis.in), 0);
  const auto inside = [&](int64_t i) { return static_cast<std::size_t>(std::clamp<int64_t>(i, 0, axis.in - 1)); };
  if (taps.filter == Filter::kNearest) {
    weights[inside(rounded(taps.rounding, source))] = 1;
    return weights;
  }
  const double shrink = taps.antialias ? std::min(axis.scale, 1.0) : 1.0;
  const double reach = (taps.filter == Filter::kLinear ? 1 : 2) / shrink;
  double sum = 0;
  for (auto i = static_cast<int64_t>(std::floor(source - reach)); static_cast<double>(i) <= source + reach; ++i) {
    if (taps.exclude_outside && (i < 0 || i >= axis.in)) continue;
    const double weight = filter_at(taps, (static_cast<double>(i) - source) * shrink);
    weights[inside(i)] += weight;
    sum += weight;
  }
  for (double& weight : weights) weight /= sum;
  return weights;
}

}  // namespace

ResizeMatrix resize_matrix(const ResizeTaps& taps, const ResizeAxis& axis) {
  auto [weights, weight] = Tensor::make<float>({axis.in, axis.out});
  auto [offset, extra] = Tensor::make<float>({axis.out});
  for (int64_t o = 0; o < axis.out; ++o) {
    const double source = source_of(taps, axis, o);
    const bool beyond = taps.coordinates == ResizeTaps::Coordinates::kTfCropAndResize &&
                        (source < 0 || source > static_cast<double>(axis.in - 1));
    extra[o] = beyond ? taps.extrapolation_value : 0;
    const std::vector<double> column = weights_at(taps, axis, source);
    for (int64_t i = 0; i < axis.in; ++i)
      weight[i * axis.out + o] = beyond ? 0 : static_cast<float>(column[static_cast<std::size_t>(i)]);
  }
  return {std::move(weights), std::move(offset)};
}

}  // namespace graupel
