// The checks that the proofs of several families share. Errors: corrupt, naming the parameter, the value, what is
// accepted.
#pragma once

#include <string_view>

#include "program/program.h"

namespace graupel {

/// least <= value <= most.
Result<> expect_range(std::string_view name, int64_t value, int64_t least, int64_t most);
/// Finite and 0 < value < 2^15, as N2.2 bounds scales from above.
Result<> expect_scale(std::string_view name, float value);
/// u8 or u16 codes.
Result<> expect_codes(std::string_view name, DType element);
/// A zero point of codes up to `most`.
Result<> expect_zero_point(std::string_view name, int32_t value, int32_t most);
/// lo <= hi, both codes up to `most`.
Result<> expect_code_range(int32_t lo, int32_t hi, int32_t most);
/// Extents >= 1, pixel_stride >= c, all indices in s32.
Result<> expect_view(std::string_view name, const View& view);
/// `ref` lies in the constants, aligned, and has `count` elements of `element_bytes`.
Result<> expect_constant(std::string_view name, ConstRef ref, int64_t count, int64_t element_bytes, ByteSpan constants);
/// Window parameters and the coordinates they reach from an image of in.h x in.w (or, transposed, of out.h x out.w).
Result<> expect_window(const Window2d& window, const View& swept);

}  // namespace graupel
