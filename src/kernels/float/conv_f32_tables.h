// The rows that the files of this folder contribute to the table of conv_f32.
#pragma once

#include "kernels/float/float.h"

namespace graupel {

extern const ConvF32Kernel kConvF32Ref;
#if defined(__x86_64__)
extern const ConvF32Kernel kConvF32Avx2, kDepthwiseF32Avx2;
extern const ConvF32Kernel kConvF32Avx512, kDepthwiseF32Avx512;
#endif

}  // namespace graupel
