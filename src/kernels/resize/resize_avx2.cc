// Resizing for AVX2: the plain loops, which the compiler vectorizes over channels.
#include "kernels/resize/resize_kernels.h"
#include "kernels/resize/resize_loops.h"

#if defined(__x86_64__)
namespace graupel {

void nearest_avx2(const NearestParams& params, const KernelArgs& args, const Tile& tile) {
  nearest_loops(params, args, tile);
}

void bilinear_avx2(const BilinearParams& params, const KernelArgs& args, const Tile& tile) {
  bilinear_loops(params, args, tile);
}

}  // namespace graupel
#endif
