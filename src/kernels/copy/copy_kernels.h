// The copy and fill kernels that an instruction set has of its own.
#pragma once

#include "kernels/copy/copy.h"

namespace graupel {

extern const Kernel<CopyParams> kCopyAvx2;
extern const Kernel<FillParams> kFillAvx2;

}  // namespace graupel
