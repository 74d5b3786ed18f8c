// The definition of the norms (N7.2): the plain loops at the compiler's baseline.
#include "kernels/norm/norm_loops.h"

namespace graupel {

void norm_ref(const NormParams& params, const KernelArgs& args, const Tile& tile) { norm_loops(params, args, tile); }

}  // namespace graupel
