// The table of argmax kernels, best first.
#include "kernels/argmax/argmax.h"

#include "kernels/argmax/argmax_kernels.h"

namespace graupel {

template <>
std::span<const Kernel<ArgMaxParams>> kernel_table<ArgMaxParams>() {
  static const Kernel<ArgMaxParams> kTable[] = {
#if defined(__x86_64__)
    {.name = "avx512", .isa = Isa::kAvx512, .run = argmax_avx512},
    {.name = "avx2", .isa = Isa::kAvx2, .run = argmax_avx2},
#endif
    {.name = "ref", .isa = Isa::kRef, .run = argmax_ref},
  };
  return kTable;
}

}  // namespace graupel
