// How far two runs of the same tensor lie apart.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace graupel {

/// What compare reports of one tensor over all frames.
struct TensorStats {
  std::string name;
  std::vector<std::string> origins;  ///< names in the original model
  int64_t count = 0;                 ///< elements over all frames
  double mean_ref = 0, std_ref = 0;
  double mean_other = 0, std_other = 0;
  double max_abs = 0, mean_abs = 0;  ///< of the difference; not finite when either side is not
  double snr_db = 0;  ///< 10 log10(sum ref² / sum difference²); +inf when equal, -inf for noise on zero
  double cosine = 1;  ///< 1 when both are zero, 0 when one is
};

/// Accumulates statistics of named tensors, in double, in the order of the calls.
class Comparison {
 public:
  /// Errors: mismatch, when the sizes differ (both named).
  Result<> add(const std::string& name, std::span<const float> reference, std::span<const float> other,
               const std::vector<std::string>& origins = {});
  /// Lowest SNR first, equal ones by name; NaN before all.
  std::vector<TensorStats> worst_first() const;
  /// In the order of first addition.
  std::vector<TensorStats> in_order() const;

 private:
  struct Sums {
    std::vector<std::string> origins;
    std::size_t position = 0;
    int64_t count = 0;
    double ref = 0, ref2 = 0, other = 0, other2 = 0, product = 0, difference = 0, difference2 = 0, largest = 0;
  };
  static TensorStats stats_of(const std::string& name, const Sums& sums);
  std::map<std::string, Sums> sums_;
};

}  // namespace graupel
