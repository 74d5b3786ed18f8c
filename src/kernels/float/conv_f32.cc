// The table of float convolutions, best first.
#include <array>

#include "kernels/float/conv_f32_tables.h"

namespace graupel {

std::span<const ConvF32Kernel> conv_f32_kernels() {
  static const std::array kKernels {
#if defined(__x86_64__)
    kDepthwiseF32Avx512, kConvF32Avx512, kDepthwiseF32Avx2, kConvF32Avx2,
#endif
        kConvF32Ref,
  };
  return kKernels;
}

const ConvF32Kernel& pick_conv_f32(const ConvF32Params& params, Isa isa) {
  const auto table = conv_f32_kernels();
  for (const ConvF32Kernel& kernel : table)
    if (kernel.isa <= isa && (kernel.accepts == nullptr || kernel.accepts(params))) return kernel;
  return table.back();
}

}  // namespace graupel
