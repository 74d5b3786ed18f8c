// What ops that become 256-entry tables share (N3.1): the filling, and the view of the pixels they go over.
#pragma once

#include <functional>

#include "ops/expect.h"

namespace graupel {

/// Appends the 256 codes of `function` between the two quantizations. Where the function is not a number (log of a
/// negative, 0 / 0) the table holds the code of 0; infinities saturate.
void append_table(std::vector<uint8_t>& tables, const Affinity& in, const Affinity& out,
                  const std::function<double(double)>& function);

/// The elements as pixels of the last extent's channels, any leading extents, with rows enough to split.
View pixels_of(const Shape& shape);

/// The step that sends operand 0 through `tables`: 256 codes for all channels, or for each of the last extent.
Step table_step(const LowerContext& context, const std::vector<uint8_t>& tables);

}  // namespace graupel
