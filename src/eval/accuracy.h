// Classification accuracy.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace graupel {

/// Indices of the `k` largest scores, largest first; the lowest index wins ties, NaN counts as the smallest.
std::vector<int> top_k(std::span<const float> scores, int k);

/// Counts of right answers.
struct Accuracy {
  int64_t frames = 0, top1 = 0, top5 = 0;

  void add(std::span<const float> scores, int label);
  double top1_share() const { return frames == 0 ? 0 : static_cast<double>(top1) / static_cast<double>(frames); }
  double top5_share() const { return frames == 0 ? 0 : static_cast<double>(top5) / static_cast<double>(frames); }
};

}  // namespace graupel
