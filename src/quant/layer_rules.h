// What per-layer options mean for the values and layers of a graph.
#pragma once

#include <vector>

#include "quant/quantize.h"

namespace graupel {

/// Of a group of values with one scale.
struct ValueRule {
  bool wide = false;               ///< u16 codes (N8.1)
  bool asked = false;              ///< options say how wide the codes of a member are
  std::optional<Interval> forced;  ///< covers what all members ask for
  Clipping clipping;               ///< of the first member that asks
};

struct LayerRule {
  int weight_bits = 8;
  bool wide_operands = false;  ///< constant operands are u16 codes
  Clipping weights;
};

struct QuantRules {
  std::vector<ValueRule> values;  ///< by group (the number of its first value)
  std::vector<LayerRule> layers;  ///< by layer
};

/// `groups`: scale_groups(graph). Errors: invalid, naming the layer.
Result<QuantRules> quant_rules(const Graph& graph, const std::vector<uint32_t>& groups, const QuantizeOptions& options);

}  // namespace graupel
