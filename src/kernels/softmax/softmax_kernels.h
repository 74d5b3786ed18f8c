// The softmax kernels that an instruction set has of its own; each equals the reference bit for bit.
#pragma once

#include "kernels/softmax/softmax.h"

namespace graupel {

void softmax_avx2(const SoftmaxParams&, const KernelArgs&, const Tile&);
void softmax_avx512(const SoftmaxParams&, const KernelArgs&, const Tile&);
bool softmax_avx512_accepts(const SoftmaxParams&);

}  // namespace graupel
