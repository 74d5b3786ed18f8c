// The reduction kernels that an instruction set has of its own; each equals the reference bit for bit.
#pragma once

#include "kernels/reduce/reduce.h"

namespace graupel {

void reduce_avx2(const ReduceParams&, const KernelArgs&, const Tile&);
void reduce_avx512(const ReduceParams&, const KernelArgs&, const Tile&);

}  // namespace graupel
