#include "quant/ranges.h"

#include <algorithm>
#include <cmath>

#include "base/round.h"

namespace graupel {
namespace {

constexpr int kLevels = 256;

// Mean squared error over the histogram with a value's own codes, measured behind `seen`, tabulated at the bin centres.
class RangeError {
 public:
  RangeError(const Histogram& histogram, const Seen& seen) : histogram_(histogram) {
    for (int bin = 0; bin < Histogram::kBins; ++bin) {
      if (histogram.counts()[static_cast<std::size_t>(bin)] == 0) continue;
      bins_.push_back(bin);
      values_.push_back(histogram.center(bin));
      images_.push_back(seen ? seen(values_.back()) : values_.back());
      weights_.push_back(static_cast<double>(histogram.counts()[static_cast<std::size_t>(bin)]));
    }
    seen_ = seen;
  }

  double operator()(const QuantParams& params) const {
    const double scale = params.scale[0];
    const int zero = params.zero_point[0];
    double codes[kLevels];
    for (int q = 0; q < kLevels; ++q) codes[q] = seen_ ? seen_((q - zero) * scale) : (q - zero) * scale;
    double sum = 0;
    for (std::size_t i = 0; i < values_.size(); ++i) {
      const double q = std::clamp(round_even(values_[i] / scale) + zero, 0.0, 255.0);
      const double error = images_[i] - codes[static_cast<int>(q)];
      sum += weights_[i] * error * error;
    }
    return sum;
  }

 private:
  const Histogram& histogram_;
  Seen seen_;
  std::vector<int> bins_;
  std::vector<double> values_, images_, weights_;
};

// Shrinks each end of `start` in turn, keeping what lowers the error; two rounds settle it.
QuantParams least_error(const Histogram& histogram, const Seen& seen, const QuantParams& start) {
  const RangeError error(histogram, seen);
  const double full_lo = start.scale[0] * -static_cast<double>(start.zero_point[0]);
  const double full_hi = start.scale[0] * (255.0 - start.zero_point[0]);
  double lo = full_lo, hi = full_hi;
  double best = error(cover(lo, hi));
  constexpr int kSteps = 64;
  for (int round = 0; round < 2; ++round) {
    for (double* end : {&hi, &lo}) {
      const double full = end == &hi ? full_hi : full_lo;
      if (full == 0) continue;
      double chosen = *end;
      for (int step = 0; step < kSteps; ++step) {
        *end = full * (kSteps - step) / kSteps;
        const double candidate = error(cover(lo, hi));
        if (candidate < best) {
          best = candidate;
          chosen = *end;
        }
      }
      *end = chosen;
    }
  }
  return cover(lo, hi);
}

}  // namespace

Interval between_percentiles(const Histogram& histogram, double lower, double upper) {
  const double total = static_cast<double>(histogram.total());
  const double tail = lower / 100.0 * total, upper_tail = (100.0 - upper) / 100.0 * total;
  double lo = 0, hi = 0, seen = 0;
  for (int bin = 0; bin < Histogram::kBins &&
                    (seen += static_cast<double>(histogram.counts()[static_cast<std::size_t>(bin)])) <= tail;
       ++bin)
    lo = histogram.center(bin);
  lo = std::min(lo == 0 ? static_cast<double>(histogram.range().lo) : lo, 0.0);
  seen = 0;
  for (int bin = Histogram::kBins - 1;
       bin >= 0 && (seen += static_cast<double>(histogram.counts()[static_cast<std::size_t>(bin)])) <= upper_tail;
       --bin)
    hi = histogram.center(bin);
  hi = std::max(hi == 0 ? static_cast<double>(histogram.range().hi) : hi, 0.0);
  return {lo, hi};
}

namespace {

QuantParams by_percentile(const Histogram& histogram, double percentile) {
  const double tail = (100.0 - percentile) / 2;
  const Interval inside = between_percentiles(histogram, tail, 100.0 - tail);
  return cover(inside.lo, inside.hi);
}

}  // namespace

void Extremes::add(std::span<const float> values) {
  float low = lo, high = hi;
  for (float v : values) {
    low = v < low ? v : low;
    high = v > high ? v : high;
  }
  lo = low;
  hi = high;
}

void Extremes::merge(const Extremes& other) {
  lo = std::min(lo, other.lo);
  hi = std::max(hi, other.hi);
}

Histogram::Histogram(Extremes range)
    : range_(range), width_((static_cast<double>(range.hi) - range.lo) / kBins), counts_(kBins, 0) {}

void Histogram::add(std::span<const float> values) {
  if (width_ <= 0) {
    counts_[0] += values.size();
    return;
  }
  // One binary32 subtraction and product per value: the same bin on every machine.
  const auto inverse = static_cast<float>(1.0 / width_);
  const float lo = range_.lo;
  constexpr std::size_t kChunk = 1024;
  int32_t bins[kChunk];
  for (std::size_t begin = 0; begin < values.size(); begin += kChunk) {
    const std::size_t n = std::min(kChunk, values.size() - begin);
    for (std::size_t i = 0; i < n; ++i) {
      const float at = (values[begin + i] - lo) * inverse;
      bins[i] = static_cast<int32_t>(at < 0 ? 0 : at > kBins - 1 ? kBins - 1 : at);
    }
    for (std::size_t i = 0; i < n; ++i) ++counts_[static_cast<std::size_t>(bins[i])];
  }
}

void Histogram::merge(const Histogram& other) {
  for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
}

void Histogram::absorb(const Histogram& other) {
  for (int bin = 0; bin < kBins; ++bin) {
    const double at = width_ <= 0 ? 0 : (other.center(bin) - range_.lo) / width_;
    counts_[static_cast<std::size_t>(std::clamp(static_cast<int>(at), 0, kBins - 1))] +=
        other.counts_[static_cast<std::size_t>(bin)];
  }
}

uint64_t Histogram::total() const {
  uint64_t total = 0;
  for (uint64_t count : counts_) total += count;
  return total;
}

QuantParams cover(double lo, double hi, int32_t most) {
  lo = std::min(lo, 0.0);
  hi = std::max(hi, 0.0);
  // A value that is always zero still needs a scale that N2.2 accepts.
  const double scale = hi - lo > 1e-12 ? (hi - lo) / most : 1.0 / most;
  const auto rounded = static_cast<float>(scale);
  const auto zero = static_cast<int32_t>(std::clamp(round_even(-lo / rounded), 0.0, static_cast<double>(most)));
  return QuantParams::per_tensor(rounded, zero);
}

Interval where_it_moves(const Extremes& range, const Seen& seen) {
  constexpr int kSteps = 1024;
  const double lo = range.lo, width = static_cast<double>(range.hi) - lo;
  const auto at = [&](int step) { return lo + width * step / kSteps; };
  std::vector<double> images;
  for (int step = 0; step <= kSteps; ++step) images.push_back(seen(at(step)));
  const auto [least, most] = std::minmax_element(images.begin(), images.end());
  const double still = (*most - *least) / (2.0 * (kLevels - 1));
  int first = 0, last = kSteps;
  while (first < last && std::fabs(images[static_cast<std::size_t>(first) + 1] - images.front()) <= still) ++first;
  while (last > first && std::fabs(images[static_cast<std::size_t>(last) - 1] - images.back()) <= still) --last;
  return {at(first), at(last)};
}

QuantParams choose_range(const Histogram& histogram, RangeMethod method, double percentile, const Seen& seen) {
  switch (method) {
    case RangeMethod::kMse: return least_error(histogram, seen, by_percentile(histogram, percentile));
    case RangeMethod::kPercentile: return by_percentile(histogram, percentile);
    case RangeMethod::kMinMax: break;
  }
  return cover(histogram.range().lo, histogram.range().hi);
}

}  // namespace graupel
