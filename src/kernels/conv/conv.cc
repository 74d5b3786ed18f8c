// The table of convolution kernels, best first.
#include "kernels/conv/conv.h"

#include "kernels/conv/conv_kernels.h"

namespace graupel {

template <>
std::span<const Kernel<ConvParams>> kernel_table<ConvParams>() {
  static const Kernel<ConvParams> kTable[] = {
#if defined(__x86_64__)
    kConvAvx512,
    kConvWideAvx512,
    kConvAvx2,
    kConvWideAvx2,
#endif
    {.name = "ref", .isa = Isa::kRef, .run = conv_ref},
  };
  return kTable;
}

}  // namespace graupel
