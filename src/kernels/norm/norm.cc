// The table of normalization kernels, best first.
#include "kernels/norm/norm.h"

#include "kernels/norm/norm_kernels.h"

namespace graupel {

template <>
std::span<const Kernel<NormParams>> kernel_table<NormParams>() {
  static const Kernel<NormParams> kTable[] = {
#if defined(__x86_64__)
    {.name = "avx512", .isa = Isa::kAvx512, .run = norm_avx512},
    {.name = "avx2", .isa = Isa::kAvx2, .run = norm_avx2},
#endif
    {.name = "ref", .isa = Isa::kRef, .run = norm_ref},
  };
  return kTable;
}

}  // namespace graupel
