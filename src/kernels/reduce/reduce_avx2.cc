// Reductions for AVX2: the plain loops, which the compiler vectorizes.
#include "kernels/reduce/reduce_kernels.h"
#include "kernels/reduce/reduce_loops.h"

#if defined(__x86_64__)
namespace graupel {

void reduce_avx2(const ReduceParams& params, const KernelArgs& args, const Tile& tile) {
  reduce_loops(params, args, tile);
}

}  // namespace graupel
#endif
