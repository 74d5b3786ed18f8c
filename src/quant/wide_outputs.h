// Results that leave the network in one tensor, each in its own units.
#pragma once

#include "quant/calibrate.h"
#include "quant/layer_rules.h"

namespace graupel {

/// Gives 16 bits to every group of values whose codes are only moved to graph outputs once they are computed and whose
/// members were seen to range so differently that 8 bits would leave the narrowest too few codes: boxes joined with
/// scores. Groups whose precision or range is given stay as they are. `groups`: scale_groups(graph).
void widen_joined_outputs(const Graph& graph, const std::vector<uint32_t>& groups, const Calibration& calibration,
                          QuantRules& rules);

}  // namespace graupel
