// The definition of reductions (N6.1, N6.3): the plain loops at the compiler's baseline.
#include "kernels/reduce/reduce_loops.h"

namespace graupel {

void reduce_ref(const ReduceParams& params, const KernelArgs& args, const Tile& tile) {
  reduce_loops(params, args, tile);
}

}  // namespace graupel
