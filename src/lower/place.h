// Which buffer each value lives in, and how: views instead of copies wherever the readers can follow strides.
#pragma once

#include <optional>
#include <vector>

#include "lower/draft.h"
#include "lower/restride.h"

namespace graupel {

/// A value's elements in a buffer, all of whose values have one element size: runs of `run` from `offset` on, `stride`
/// apart; dense when they are equal.
struct Home {
  uint32_t buffer = 0;
  int64_t offset = 0;
  Runs runs;
};

struct Placement {
  std::vector<std::optional<Home>> homes;  ///< by value; none for constants and what was fused away
  std::vector<int64_t> buffer_bytes;
};

/// Gives every value a home and makes the steps fit. Copies that a home makes needless are removed: whole copies
/// (reshapes) share their operand's home; what a concatenation reads is produced inside it; a slice is a view of what
/// it slices. Graph inputs and outputs are dense. Errors: unsupported.
Result<Placement> place_values(Draft& draft);

}  // namespace graupel
