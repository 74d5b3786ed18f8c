// Pooling for AVX2: the plain loops, which the compiler vectorizes over channels.
#include "kernels/pool/pool_kernels.h"
#include "kernels/pool/pool_loops.h"

#if defined(__x86_64__)
namespace graupel {

void max_pool_avx2(const MaxPoolParams& params, const KernelArgs& args, const Tile& tile) {
  max_pool_loops(params, args, tile);
}

void avg_pool_avx2(const AvgPoolParams& params, const KernelArgs& args, const Tile& tile) {
  avg_pool_loops(params, args, tile);
}

}  // namespace graupel
#endif
