// The table of transposed convolution kernels, best first.
#include "kernels/deconv/deconv.h"

namespace graupel {

template <>
std::span<const Kernel<DeconvParams>> kernel_table<DeconvParams>() {
  static constexpr Kernel<DeconvParams> kTable[] = {
      {.name = "ref", .isa = Isa::kRef, .run = deconv_ref},
  };
  return kTable;
}

}  // namespace graupel
