// The norms for AVX-512: the plain loops, which the compiler vectorizes.
#include "kernels/norm/norm_kernels.h"
#include "kernels/norm/norm_loops.h"

#if defined(__x86_64__)
namespace graupel {

void norm_avx512(const NormParams& params, const KernelArgs& args, const Tile& tile) { norm_loops(params, args, tile); }

}  // namespace graupel
#endif
