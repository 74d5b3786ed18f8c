// The element functions of one float, one entry per ISA; unary_f32 chooses.
#pragma once

#include "kernels/float/float.h"

namespace graupel {

/// All kinds but kPow, kSin and kCos.
using UnaryF32 = void(UnaryKind kind, float alpha, float beta, const float* src, float* dst, std::size_t count);

UnaryF32 unary_f32_ref;
#if defined(__x86_64__)
UnaryF32 unary_f32_avx2, unary_f32_avx512;
#endif

}  // namespace graupel
