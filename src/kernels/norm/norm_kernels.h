// The normalization kernels that an instruction set has of its own; each equals the reference bit for bit.
#pragma once

#include "kernels/norm/norm.h"

namespace graupel {

void norm_avx2(const NormParams&, const KernelArgs&, const Tile&);
void norm_avx512(const NormParams&, const KernelArgs&, const Tile&);

}  // namespace graupel
