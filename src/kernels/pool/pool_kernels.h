// The pooling kernels that an instruction set has of its own; each equals the reference bit for bit.
#pragma once

#include "kernels/pool/pool.h"

namespace graupel {

void max_pool_avx2(const MaxPoolParams&, const KernelArgs&, const Tile&);
void max_pool_avx512(const MaxPoolParams&, const KernelArgs&, const Tile&);
void avg_pool_avx2(const AvgPoolParams&, const KernelArgs&, const Tile&);
void avg_pool_avx512(const AvgPoolParams&, const KernelArgs&, const Tile&);

}  // namespace graupel
