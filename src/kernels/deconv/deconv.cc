// The table of transposed convolution kernels, best first.
#include "kernels/deconv/deconv.h"

#include "kernels/deconv/deconv_kernels.h"

namespace graupel {

template <>
std::span<const Kernel<DeconvParams>> kernel_table<DeconvParams>() {
  static const Kernel<DeconvParams> kTable[] = {
#if defined(__x86_64__)
    kDeconvAvx512,
    kDeconvAvx2,
#endif
    {.name = "ref", .isa = Isa::kRef, .run = deconv_ref},
  };
  return kTable;
}

}  // namespace graupel
