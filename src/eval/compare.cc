#include "eval/compare.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace graupel {

Result<> Comparison::add(const std::string& name, std::span<const float> reference, std::span<const float> other,
                         const std::vector<std::string>& origins) {
  if (reference.size() != other.size())
    return mismatch("tensor '", name, "' has ", reference.size(), " elements on one side and ", other.size(),
                    " on the other");
  const auto [place, fresh] = sums_.try_emplace(name);
  Sums& sums = place->second;
  if (fresh) {
    sums.position = sums_.size() - 1;
    sums.origins = origins;
  }
  sums.count += static_cast<int64_t>(reference.size());
  for (std::size_t i = 0; i < reference.size(); ++i) {
    const double a = reference[i], b = other[i];
    const double difference = std::isinf(a) && a == b ? 0 : std::abs(a - b);
    sums.ref += a;
    sums.ref2 += a * a;
    sums.other += b;
    sums.other2 += b * b;
    sums.product += a * b;
    sums.difference += difference;
    sums.difference2 += difference * difference;
    sums.largest = std::isnan(difference) ? difference : std::max(difference, sums.largest);
  }
  return {};
}

TensorStats Comparison::stats_of(const std::string& name, const Sums& sums) {
  const double n = static_cast<double>(std::max<int64_t>(sums.count, 1));
  const auto deviation = [n](double sum, double squares) {
    return std::sqrt(std::max(squares / n - sum / n * (sum / n), 0.0));
  };
  TensorStats stats{name, sums.origins, sums.count};
  stats.mean_ref = sums.ref / n;
  stats.std_ref = deviation(sums.ref, sums.ref2);
  stats.mean_other = sums.other / n;
  stats.std_other = deviation(sums.other, sums.other2);
  stats.max_abs = sums.largest;
  stats.mean_abs = sums.difference / n;
  const bool equal = sums.difference2 == 0;
  stats.snr_db = equal ? std::numeric_limits<double>::infinity() : 10 * std::log10(sums.ref2 / sums.difference2);
  const double norms = std::sqrt(sums.ref2) * std::sqrt(sums.other2);
  stats.cosine = norms > 0 || std::isnan(norms) ? sums.product / norms : (sums.ref2 == sums.other2 ? 1 : 0);
  return stats;
}

std::vector<TensorStats> Comparison::in_order() const {
  std::vector<TensorStats> stats(sums_.size());
  for (const auto& [name, sums] : sums_) stats[sums.position] = stats_of(name, sums);
  return stats;
}

std::vector<TensorStats> Comparison::worst_first() const {
  std::vector<TensorStats> stats;
  for (const auto& [name, sums] : sums_) stats.push_back(stats_of(name, sums));
  const auto key = [](const TensorStats& s) {
    return std::isnan(s.snr_db) ? -std::numeric_limits<double>::infinity() : s.snr_db;
  };
  std::stable_sort(stats.begin(), stats.end(), [&](const auto& a, const auto& b) { return key(a) < key(b); });
  return stats;
}

}  // namespace graupel
