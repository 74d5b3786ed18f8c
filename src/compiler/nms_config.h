// The NMS configuration that a recognised detector's own graph implies.
#pragma once

#include <string>

#include "compiler/detector_heads.h"

namespace graupel {

/// The vendor's JSON for nms_postprocess. `graph` ends at `heads.nodes`, in that order; layers are named as it names
/// them; thresholds are the documented defaults.
std::string nms_config_json(const DetectorHeads& heads, const Graph& graph);

}  // namespace graupel
