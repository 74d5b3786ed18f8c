#include "hailort/statistics.h"

#include <algorithm>
#include <cmath>

namespace hailort {

void Statistics::add_data_point(double data, uint32_t samples_count) {
  const std::lock_guard lock(mutex_);
  Moments& m = moments_;
  for (uint32_t i = 0; i < samples_count; ++i) {
    m.min = m.count == 0 ? data : std::min(m.min, data);
    m.max = m.count == 0 ? data : std::max(m.max, data);
    const double distance = data - m.mean;
    m.mean += distance / static_cast<double>(++m.count);
    m.squares += distance * (data - m.mean);
  }
}

AccumulatorResults Statistics::results(const Moments& m) {
  const auto known = [&](bool enough, double value) {
    return enough ? Expected<double>(std::move(value)) : Expected<double>(make_unexpected(HAILO_UNINITIALIZED));
  };
  const auto n = static_cast<double>(m.count);
  const double var = m.count > 1 ? m.squares / (n - 1) : 0;
  const bool any = m.count > 0, several = m.count > 1;
  return AccumulatorResults(Expected<size_t>(size_t{m.count}), known(any, m.min), known(any, m.max), known(any, m.mean),
                            known(several, var), known(several, std::sqrt(var)),
                            known(several, std::sqrt(var / std::max(n, 1.0))));
}

AccumulatorResults Statistics::get() const {
  const std::lock_guard lock(mutex_);
  return results(moments_);
}

AccumulatorResults Statistics::get_and_clear() {
  const std::lock_guard lock(mutex_);
  const Moments before = std::exchange(moments_, {});
  return results(before);
}

}  // namespace hailort
