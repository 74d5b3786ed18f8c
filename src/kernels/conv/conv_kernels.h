// The rows of the convolution table, one per file.
#pragma once

#include "kernels/conv/conv.h"

namespace graupel {

extern const Kernel<ConvParams> kConvAvx512, kConvWideAvx512, kConvAvx2, kConvWideAvx2;

}  // namespace graupel
