// The table of reduction kernels, best first.
#include "kernels/reduce/reduce.h"

#include "kernels/reduce/reduce_kernels.h"

namespace graupel {

template <>
std::span<const Kernel<ReduceParams>> kernel_table<ReduceParams>() {
  static const Kernel<ReduceParams> kTable[] = {
#if defined(__x86_64__)
    {.name = "avx512", .isa = Isa::kAvx512, .run = reduce_avx512},
    {.name = "avx2", .isa = Isa::kAvx2, .run = reduce_avx2},
#endif
    {.name = "ref", .isa = Isa::kRef, .run = reduce_ref},
  };
  return kTable;
}

}  // namespace graupel
