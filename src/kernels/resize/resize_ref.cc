// The definition of resizing (N5.3, N6.2): the plain loops at the compiler's baseline.
#include "kernels/resize/resize_loops.h"

namespace graupel {

void nearest_ref(const NearestParams& params, const KernelArgs& args, const Tile& tile) {
  nearest_loops(params, args, tile);
}

void bilinear_ref(const BilinearParams& params, const KernelArgs& args, const Tile& tile) {
  bilinear_loops(params, args, tile);
}

}  // namespace graupel
