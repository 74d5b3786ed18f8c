// The definition of pooling (N5.3, N6.1): the plain loops at the compiler's baseline.
#include "kernels/pool/pool_loops.h"

namespace graupel {

void max_pool_ref(const MaxPoolParams& params, const KernelArgs& args, const Tile& tile) {
  max_pool_loops(params, args, tile);
}

void avg_pool_ref(const AvgPoolParams& params, const KernelArgs& args, const Tile& tile) {
  avg_pool_loops(params, args, tile);
}

}  // namespace graupel
