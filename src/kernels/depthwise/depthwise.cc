// The table of depthwise convolution kernels, best first.
#include "kernels/depthwise/depthwise.h"

namespace graupel {

template <>
std::span<const Kernel<DepthwiseParams>> kernel_table<DepthwiseParams>() {
  static constexpr Kernel<DepthwiseParams> kTable[] = {
      {.name = "ref", .isa = Isa::kRef, .run = depthwise_ref},
  };
  return kTable;
}

}  // namespace graupel
