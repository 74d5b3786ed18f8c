// The table of softmax kernels, best first.
#include "kernels/softmax/softmax.h"

#include "kernels/softmax/softmax_kernels.h"

namespace graupel {

template <>
std::span<const Kernel<SoftmaxParams>> kernel_table<SoftmaxParams>() {
  static const Kernel<SoftmaxParams> kTable[] = {
#if defined(__x86_64__)
    {.name = "avx512", .isa = Isa::kAvx512, .run = softmax_avx512, .accepts = softmax_avx512_accepts},
    {.name = "avx2", .isa = Isa::kAvx2, .run = softmax_avx2},
#endif
    {.name = "ref", .isa = Isa::kRef, .run = softmax_ref},
  };
  return kTable;
}

}  // namespace graupel
