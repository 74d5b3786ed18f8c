// The argmax kernels that an instruction set has of its own; each equals the reference bit for bit.
#pragma once

#include "kernels/argmax/argmax.h"

namespace graupel {

void argmax_avx2(const ArgMaxParams&, const KernelArgs&, const Tile&);
void argmax_avx512(const ArgMaxParams&, const KernelArgs&, const Tile&);

}  // namespace graupel
