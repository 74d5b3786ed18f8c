// The rows of the transposed convolution table, one per file.
#pragma once

#include "kernels/deconv/deconv.h"

namespace graupel {

extern const Kernel<DeconvParams> kDeconvAvx512, kDeconvAvx2;

}  // namespace graupel
