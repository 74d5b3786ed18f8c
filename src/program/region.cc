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

Region dense_region(int64_t offset, int64_t bytes) { return {offset, offset + bytes, 0, bytes, offset, 1}; }

Region strided_region(int64_t offset, std::span<const Stride> dims) {
  Region region = dense_region(offset, 1);
  std::vector<Stride> real;
  for (const Stride& dim : dims) {
    const int64_t reach = (dim.extent - 1) * dim.step;
    (reach < 0 ? region.low : region.high) += reach;
    if (reach != 0) real.push_back(dim);
  }
  std::sort(real.begin(), real.end(),
            [](const Stride& a, const Stride& b) { return std::abs(a.step) < std::abs(b.step); });
  // The innermost dimensions span a run, the others repeat it at multiples of the period. Of all cuts between the two,
  // the one that leaves most of a period free says most.
  Region best = dense_region(region.low, region.high - region.low);
  double density = 1;
  int64_t run = 1, phase = offset;
  for (std::size_t cut = 0; cut < real.size(); ++cut) {
    int64_t period = 0;
    for (std::size_t i = cut; i < real.size(); ++i) period = std::gcd(period, std::abs(real[i].step));
    if (static_cast<double>(run) < density * static_cast<double>(period)) {
      density = static_cast<double>(run) / static_cast<double>(period);
      best = {region.low, region.high, period, run, phase, 1};
    }
    const int64_t reach = (real[cut].extent - 1) * real[cut].step;
    run += std::abs(reach);
    phase += std::min<int64_t>(reach, 0);
  }
  return best;
}

Region image_region(int64_t offset, const View& view) {
  const Stride dims[] = {{int64_t{view.h} * view.w, view.pixel_stride}, {view.c, 1}};
  return scaled_region(strided_region(offset, dims), code_bytes(view.element));
}

Region scaled_region(const Region& r, int64_t bytes) {
  return {r.low * bytes, r.high * bytes, r.period * bytes, r.run * bytes, r.phase * bytes, bytes};
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
