// The NMS configuration that a recognised detector's own graph implies.
#pragma once

#include "compiler/detect_config.h"
#include "compiler/detector_heads.h"
#include "ir/graph.h"

namespace graupel {

/// `graph` ends at `heads.nodes`, in that order; layers are named as it names them; thresholds are the defaults.
DetectConfig detect_config_of(const DetectorHeads& heads, const Graph& graph);

}  // namespace graupel
