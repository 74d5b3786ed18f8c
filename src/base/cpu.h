// Instruction-set levels: what this CPU has, and what GRAUPEL_ISA allows.
#pragma once

#include <string_view>

#include "base/result.h"

namespace graupel {

/// Ordered: a CPU with one level has all lower ones. kAvx512 means F, BW, VL, VBMI and VNNI.
enum class Isa { kRef, kAvx2, kAvx512 };

std::string_view to_string(Isa isa);
Result<Isa> parse_isa(std::string_view name);

/// The highest level this CPU executes.
Isa detected_isa();

/// detected_isa(), lowered to GRAUPEL_ISA=ref|avx2|avx512 when that is set; asking for more than the CPU has is an
/// error.
Result<Isa> chosen_isa();

}  // namespace graupel
