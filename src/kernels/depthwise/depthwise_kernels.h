// The rows of the depthwise table, one per file.
#pragma once

#include "kernels/depthwise/depthwise.h"

namespace graupel {

extern const Kernel<DepthwiseParams> kDepthwiseAvx512, kDepthwiseWideAvx512, kDepthwiseAvx2, kDepthwiseWideAvx2;

}  // namespace graupel
