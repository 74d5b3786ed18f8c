// Argmax for AVX2: the plain loops, which the compiler vectorizes over neighbours.
#include "kernels/argmax/argmax_kernels.h"
#include "kernels/argmax/argmax_loops.h"

#if defined(__x86_64__)
namespace graupel {

void argmax_avx2(const ArgMaxParams& params, const KernelArgs& args, const Tile& tile) {
  argmax_loops(params, args, tile);
}

}  // namespace graupel
#endif
