// The definition of argmax (N7.3): the plain loops at the compiler's baseline.
#include "kernels/argmax/argmax_loops.h"

namespace graupel {

void argmax_ref(const ArgMaxParams& params, const KernelArgs& args, const Tile& tile) {
  argmax_loops(params, args, tile);
}

}  // namespace graupel
