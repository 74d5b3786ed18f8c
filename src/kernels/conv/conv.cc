// The table of convolution kernels, best first.
#include "kernels/conv/conv.h"

namespace graupel {

template <>
std::span<const Kernel<ConvParams>> kernel_table<ConvParams>() {
  static constexpr Kernel<ConvParams> kTable[] = {
      {.name = "ref", .isa = Isa::kRef, .run = conv_ref},
  };
  return kTable;
}

}  // namespace graupel
