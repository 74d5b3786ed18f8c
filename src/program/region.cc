#include "program/region.h"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <numeric>
#include <vector>

namespace graupel {

bool reach_fits(const Stride& dim) {
  constexpr int64_t kLimit = std::numeric_limits<int32_t>::max();
  if (dim.extent < 1 || dim.extent > kLimit || std::abs(dim.step) > kLimit) return false;
  return (dim.extent - 1) * std::abs(dim.step) <= kLimit;
}

Region dense_region(int64_t offset, int64_t bytes) { return {offset, offset + bytes, 0, bytes, offset}; }

Region strided_region(int64_t offset, std::span<const Stride> dims) {
  Region region{offset, offset + 1, 0, 1, offset};
  std::vector<Stride> real;
  for (const Stride& dim : dims) {
    const int64_t reach = (dim.extent - 1) * dim.step;
    (reach < 0 ? region.low : region.high) += reach;
    if (reach != 0) real.push_back(dim);
  }
  std::sort(real.begin(), real.end(),
            [](const Stride& a, const Stride& b) { return std::abs(a.step) < std::abs(b.step); });
  // Dimensions that continue each other without a gap are one run; the others repeat it at multiples of the period.
  for (const Stride& dim : real) {
    if (region.period == 0 && std::abs(dim.step) == region.run) {
      region.run *= dim.extent;
      region.phase += std::min<int64_t>((dim.extent - 1) * dim.step, 0);
    } else {
      region.period = std::gcd(region.period, std::abs(dim.step));
    }
  }
  if (region.period < region.run) return dense_region(region.low, region.high - region.low);
  return region;
}

Region image_region(int64_t offset, const View& view) {
  const Stride dims[] = {{int64_t{view.h} * view.w, view.pixel_stride}, {view.c, 1}};
  return strided_region(offset, dims);
}

bool disjoint(const Region& a, const Region& b) {
  if (a.high <= b.low || b.high <= a.low) return true;
  if (a.period == 0 && b.period == 0) return false;
  const int64_t period = std::gcd(a.period, b.period);
  // A dense run has no period of its own; as one it only lies between the other's runs if it is that short.
  if (a.run > period || b.run > period) return false;
  const int64_t delta = ((b.phase - a.phase) % period + period) % period;
  return delta >= a.run && delta + b.run <= period;
}

}  // namespace graupel
