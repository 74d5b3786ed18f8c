// Softmax for AVX2: the plain loops, which the compiler vectorizes.
#include "kernels/softmax/softmax_kernels.h"
#include "kernels/softmax/softmax_loops.h"

#if defined(__x86_64__)
namespace graupel {

void softmax_avx2(const SoftmaxParams& params, const KernelArgs& args, const Tile& tile) {
  softmax_loops(params, args, tile);
}

}  // namespace graupel
#endif
