// The table of look-up kernels, best first.
#include "kernels/lut/lut.h"

#include "kernels/lut/lut_kernels.h"

namespace graupel {

template <>
std::span<const Kernel<LutParams>> kernel_table<LutParams>() {
  static const Kernel<LutParams> kTable[] = {
#if defined(__x86_64__)
    kLutAvx512,
    kLutAvx2,
#endif
    {.name = "ref", .isa = Isa::kRef, .run = lut_ref},
  };
  return kTable;
}

}  // namespace graupel
