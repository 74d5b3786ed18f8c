#include "quant/wide_outputs.h"

#include <algorithm>

namespace graupel {
namespace {

// Of 256 codes a range this much narrower than the widest would have fewer than 13.
constexpr double kWideRatio = 20;

/// What is known of one group of values.
struct Joined {
  double narrowest = 0, widest = 0;  ///< of the ranges seen, but for those of constant zeros
  bool leaves = false;               ///< a member is a graph output
  bool stays = false;                ///< a member is read to compute something, or is a graph input

  void see(const Extremes& range) {
    const double width = static_cast<double>(range.hi) - range.lo;
    if (width <= 0) return;
    widest = std::max(widest, width);
    narrowest = narrowest == 0 ? width : std::min(narrowest, width);
  }
  bool apart() const { return widest > kWideRatio * narrowest; }
};

}  // namespace

void widen_joined_outputs(const Graph& graph, const std::vector<uint32_t>& groups, const Calibration& calibration,
                          QuantRules& rules) {
  const auto group_of = [&](ValueId id) { return groups[static_cast<uint32_t>(id)]; };
  std::vector<Joined> joined(graph.values.size());
  for (const auto& [value, counts] : calibration.values) joined[groups[value]].see(counts.range());
  for (ValueId id : graph.inputs) joined[group_of(id)].stays = true;
  for (ValueId id : graph.outputs) joined[group_of(id)].leaves = true;
  for (const Layer& layer : graph.layers)
    for (ValueId in : layer.in)
      if (group_of(in) != group_of(layer.out[0])) joined[group_of(in)].stays = true;
  for (std::size_t group = 0; group < joined.size(); ++group) {
    const Joined& one = joined[group];
    ValueRule& rule = rules.values[group];
    rule.wide |= one.leaves && !one.stays && !rule.asked && !rule.forced && one.apart();
  }
}

}  // namespace graupel
