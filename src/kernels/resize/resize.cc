// The tables of resize kernels, best first.
#include "kernels/resize/resize.h"

#include "kernels/resize/resize_kernels.h"

namespace graupel {

template <>
std::span<const Kernel<NearestParams>> kernel_table<NearestParams>() {
  static const Kernel<NearestParams> kTable[] = {
#if defined(__x86_64__)
    {.name = "avx512", .isa = Isa::kAvx512, .run = nearest_avx512},
    {.name = "avx2", .isa = Isa::kAvx2, .run = nearest_avx2},
#endif
    {.name = "ref", .isa = Isa::kRef, .run = nearest_ref},
  };
  return kTable;
}

template <>
std::span<const Kernel<BilinearParams>> kernel_table<BilinearParams>() {
  static const Kernel<BilinearParams> kTable[] = {
#if defined(__x86_64__)
    {.name = "avx512", .isa = Isa::kAvx512, .run = bilinear_avx512},
    {.name = "avx2", .isa = Isa::kAvx2, .run = bilinear_avx2},
#endif
    {.name = "ref", .isa = Isa::kRef, .run = bilinear_ref},
  };
  return kTable;
}

}  // namespace graupel
