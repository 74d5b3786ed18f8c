// The table of depthwise convolution kernels, best first.
#include "kernels/depthwise/depthwise.h"

#include "kernels/depthwise/depthwise_kernels.h"

namespace graupel {

template <>
std::span<const Kernel<DepthwiseParams>> kernel_table<DepthwiseParams>() {
  static const Kernel<DepthwiseParams> kTable[] = {
#if defined(__x86_64__)
    kDepthwiseAvx512,
    kDepthwiseWideAvx512,
    kDepthwiseAvx2,
    kDepthwiseWideAvx2,
#endif
    {.name = "ref", .isa = Isa::kRef, .run = depthwise_ref},
  };
  return kTable;
}

}  // namespace graupel
