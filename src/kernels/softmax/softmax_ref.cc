// The definition of softmax (N7.1): the plain loops at the compiler's baseline.
#include "kernels/softmax/softmax_loops.h"

namespace graupel {

void softmax_ref(const SoftmaxParams& params, const KernelArgs& args, const Tile& tile) {
  softmax_loops(params, args, tile);
}

}  // namespace graupel
