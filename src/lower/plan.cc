#include "lower/plan.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace graupel {
namespace {

constexpr int64_t kAlignment = 64;

int64_t aligned(int64_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

struct Span {
  int64_t begin, end;
};

/// The smallest gap between `taken` (sorted by begin) that holds `bytes`, or the end of them all.
int64_t best_offset(std::span<const Span> taken, int64_t bytes) {
  int64_t best = -1, best_gap = std::numeric_limits<int64_t>::max(), end = 0;
  for (const Span& span : taken) {
    const int64_t gap = span.begin - end;
    if (gap >= bytes && gap < best_gap) {
      best = end;
      best_gap = gap;
    }
    end = std::max(end, span.end);
  }
  return best >= 0 ? best : end;
}

}  // namespace

Result<ArenaPlan> plan_arena(std::span<const Lifetime> buffers) {
  std::vector<std::size_t> order(buffers.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return buffers[a].bytes > buffers[b].bytes; });
  std::vector<int64_t> offsets(buffers.size(), -1);
  int64_t total = 0;
  for (std::size_t number : order) {
    const Lifetime& own = buffers[number];
    std::vector<Span> taken;
    for (std::size_t other = 0; other < buffers.size(); ++other)
      if (offsets[other] >= 0 && buffers[other].begin <= own.end && own.begin <= buffers[other].end)
        taken.push_back({offsets[other], offsets[other] + aligned(buffers[other].bytes)});
    std::sort(taken.begin(), taken.end(), [](const Span& a, const Span& b) { return a.begin < b.begin; });
    offsets[number] = best_offset(taken, aligned(own.bytes));
    total = std::max(total, offsets[number] + aligned(own.bytes));
  }
  total += kArenaTail;
  if (total > std::numeric_limits<int32_t>::max())
    return unsupported("the intermediate results need ", total, " bytes at one time (supported: 2147483647)");
  return ArenaPlan{std::vector<uint32_t>(offsets.begin(), offsets.end()), static_cast<uint32_t>(total)};
}

}  // namespace graupel
