// The tables of copy and fill kernels, best first.
#include "kernels/copy/copy.h"

#include "kernels/copy/copy_kernels.h"

namespace graupel {

template <>
std::span<const Kernel<CopyParams>> kernel_table<CopyParams>() {
  static const Kernel<CopyParams> kTable[] = {
#if defined(__x86_64__)
    kCopyAvx2,
#endif
    {.name = "ref", .isa = Isa::kRef, .run = copy_ref},
  };
  return kTable;
}

template <>
std::span<const Kernel<FillParams>> kernel_table<FillParams>() {
  static const Kernel<FillParams> kTable[] = {
#if defined(__x86_64__)
    kFillAvx2,
#endif
    {.name = "ref", .isa = Isa::kRef, .run = fill_ref},
  };
  return kTable;
}

}  // namespace graupel
