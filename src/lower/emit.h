// The last step of lowering: placed parts become a program.
#pragma once

#include "lower/place.h"

namespace graupel {

/// Plans the arena and writes instructions, ports, taps and the constants they refer to. Errors: unsupported.
Result<Program> emit_program(const Draft& draft, const Placement& placement);

}  // namespace graupel
