#include "eval/accuracy.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace graupel {

std::vector<int> top_k(std::span<const float> scores, int k) {
  std::vector<int> order(scores.size());
  std::iota(order.begin(), order.end(), 0);
  const auto score = [&](int i) {
    const float value = scores[static_cast<std::size_t>(i)];
    return std::isnan(value) ? -std::numeric_limits<float>::infinity() : value;
  };
  const auto count = std::min(order.size(), static_cast<std::size_t>(std::max(k, 0)));
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end(),
                    [&](int a, int b) { return score(a) != score(b) ? score(a) > score(b) : a < b; });
  order.resize(count);
  return order;
}

void Accuracy::add(std::span<const float> scores, int label) {
  const std::vector<int> best = top_k(scores, 5);
  ++frames;
  top1 += !best.empty() && best[0] == label;
  top5 += std::find(best.begin(), best.end(), label) != best.end();
}

}  // namespace graupel
