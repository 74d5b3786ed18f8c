// The tables of pooling kernels, best first.
#include "kernels/pool/pool.h"

#include "kernels/pool/pool_kernels.h"

namespace graupel {

template <>
std::span<const Kernel<MaxPoolParams>> kernel_table<MaxPoolParams>() {
  static const Kernel<MaxPoolParams> kTable[] = {
#if defined(__x86_64__)
    {.name = "avx512", .isa = Isa::kAvx512, .run = max_pool_avx512},
    {.name = "avx2", .isa = Isa::kAvx2, .run = max_pool_avx2},
#endif
    {.name = "ref", .isa = Isa::kRef, .run = max_pool_ref},
  };
  return kTable;
}

template <>
std::span<const Kernel<AvgPoolParams>> kernel_table<AvgPoolParams>() {
  static const Kernel<AvgPoolParams> kTable[] = {
#if defined(__x86_64__)
    {.name = "avx512", .isa = Isa::kAvx512, .run = avg_pool_avx512},
    {.name = "avx2", .isa = Isa::kAvx2, .run = avg_pool_avx2},
#endif
    {.name = "ref", .isa = Isa::kRef, .run = avg_pool_ref},
  };
  return kTable;
}

}  // namespace graupel
