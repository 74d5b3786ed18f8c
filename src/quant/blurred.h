// Values that 8 bits of one scale blur: their channels differ so in size that the small ones are rounded away.
#pragma once

#include "quant/layer_rules.h"

namespace graupel {

/// The groups of 8-bit values that lose channels which the results need: in the float network, rounding the group's
/// values alone must cost a result (a graph output, or what the host reads) more than a hundredth of its power. Left
/// out are graph inputs and outputs, what an op dictates, and groups whose precision or range is given. `quantized` is
/// `real` with the types that `rules` gave; `groups`: scale_groups(real). Does not depend on threads or ISA (N10.2).
Result<std::vector<uint32_t>> blurred_groups(const Graph& real, const Graph& quantized,
                                             const std::vector<uint32_t>& groups, const QuantRules& rules,
                                             const FrameSource& frames, const QuantizeOptions& options);

/// Those of `wide` that a layer cannot have at 16 bits (N8.4). `quantized`: `real` with these groups at 16 bits.
std::vector<uint32_t> refused_groups(const Graph& real, const Graph& quantized, const std::vector<uint32_t>& groups,
                                     const std::vector<uint32_t>& wide);

}  // namespace graupel
