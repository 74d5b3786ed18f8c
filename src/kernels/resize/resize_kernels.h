// The resize kernels that an instruction set has of its own; each equals the reference bit for bit.
#pragma once

#include "kernels/resize/resize.h"

namespace graupel {

void nearest_avx2(const NearestParams&, const KernelArgs&, const Tile&);
void nearest_avx512(const NearestParams&, const KernelArgs&, const Tile&);
void bilinear_avx2(const BilinearParams&, const KernelArgs&, const Tile&);
void bilinear_avx512(const BilinearParams&, const KernelArgs&, const Tile&);

}  // namespace graupel
