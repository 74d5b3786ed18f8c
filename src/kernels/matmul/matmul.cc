// The table of matmul kernels, best first.
#include "kernels/matmul/matmul.h"

#include "kernels/matmul/matmul_kernels.h"

namespace graupel {

template <>
std::span<const Kernel<MatMulParams>> kernel_table<MatMulParams>() {
  static const Kernel<MatMulParams> kTable[] = {
#if defined(__x86_64__)
    kMatMulAvx512,
    kMatMulAvx2,
#endif
    {.name = "ref", .isa = Isa::kRef, .run = matmul_ref},
  };
  return kTable;
}

}  // namespace graupel
