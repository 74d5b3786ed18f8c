// The static memory plan: where each buffer lies in the one arena.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"

namespace graupel {

/// A buffer and the instructions [begin, end] during which it holds something; -1 is before the first.
struct Lifetime {
  int64_t bytes = 0;
  int64_t begin = 0, end = 0;
};

struct ArenaPlan {
  std::vector<uint32_t> offsets;  ///< multiples of 64, parallel to the buffers
  uint32_t bytes = 0;             ///< of the whole arena; ends with kArenaTail bytes that belong to nobody
};

/// What vector code may load beyond the end of the last buffer.
constexpr int64_t kArenaTail = 64;

/// Buffers that live at the same time do not overlap. Largest first, each into the smallest gap that takes it. Errors:
/// unsupported (more than 2 GiB).
Result<ArenaPlan> plan_arena(std::span<const Lifetime> buffers);

}  // namespace graupel
