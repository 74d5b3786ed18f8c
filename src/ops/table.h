// What ops that become tables share (N3.1, N8.4): the filling, and the view of the pixels they go over.
#pragma once

#include <functional>

#include "ops/expect.h"

namespace graupel {

/// Output codes of a look-up, widened; 256 or 65536 per table.
using Table = std::vector<uint16_t>;

/// Appends the codes of `function` of every input code. Where the function is not a number (log of a
/// negative, 0 / 0) the table holds the code of 0; infinities saturate.
void append_table(Table& tables, const Affinity& in, const Affinity& out,
                  const std::function<double(double)>& function);

/// The elements as pixels of the last extent's channels, any leading extents, with rows enough to split.
View pixels_of(const Shape& shape);

/// The step that sends operand 0 through `tables`, one for all channels or one for each of the last extent. Errors:
/// unsupported (tables of 16-bit codes for more than a few channels).
Result<Step> table_step(const LowerContext& context, const Table& tables);

}  // namespace graupel
