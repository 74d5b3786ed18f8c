// The versions that a program and its reader must share.
#pragma once

#include <cstdint>

namespace graupel {

constexpr uint32_t kProgramFormat = 3;  ///< the layout of header and description (docs/formats.md)
constexpr uint32_t kOperatorSet = 4;    ///< the meaning of the instructions (docs/numerics.md)

}  // namespace graupel
