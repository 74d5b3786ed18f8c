// From observed values to a scale and a zero point: histograms that merge in any order, and the search over them.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "quant/quantize.h"
#include "tensor/tensor.h"

namespace graupel {

/// Smallest and largest value seen. Merging is order-free (N10.2).
struct Extremes {
  float lo = 0, hi = 0;  ///< zero always counts as seen: it must be representable
  void add(std::span<const float> values);
  void merge(const Extremes& other);
};

/// Counts on a fixed grid of equal bins over [lo, hi]. Merging adds integers, so order does not matter (N10.2).
class Histogram {
 public:
  static constexpr int kBins = 2048;

  Histogram() = default;
  explicit Histogram(Extremes range);

  void add(std::span<const float> values);
  /// Adds the counts of `other`, of the same range.
  void merge(const Histogram& other);
  /// Adds the counts of `other`, of any range inside this one's, bin centre by bin centre.
  void absorb(const Histogram& other);

  const Extremes& range() const { return range_; }
  double center(int bin) const { return range_.lo + (bin + 0.5) * width_; }
  std::span<const uint64_t> counts() const { return counts_; }
  uint64_t total() const;

 private:
  Extremes range_;
  double width_ = 0;
  std::vector<uint64_t> counts_;
};

/// The parameters whose codes, from 0 to `most`, cover [lo, hi]: zero is a code, scale > 0 (N1.1, N8.1).
QuantParams cover(double lo, double hi, int32_t most = 255);
/// What lies between two percentiles of `histogram`.
Interval between_percentiles(const Histogram& histogram, double lower, double upper);

/// What an element-wise reader makes of a value, or the value itself: error is measured behind it.
using Seen = std::function<double(double)>;

/// [lo, hi] without those ends over which `seen` moves by less than half a step of 255 between its extremes: codes of
/// what it makes would not tell such values apart.
Interval where_it_moves(const Extremes& range, const Seen& seen);

/// Chooses u8 parameters for values distributed as `histogram`. kPercentile leaves out (100 - percentile) / 2 per cent
/// at each end; kMse starts there and minimizes the mean squared error of `seen`: rare outliers then do not widen the
/// range for all others.
QuantParams choose_range(const Histogram& histogram, RangeMethod method, double percentile, const Seen& seen = {});

}  // namespace graupel
