// Rewriting an instruction's operand from a dense tensor to one whose innermost runs lie apart.
#pragma once

#include "program/program.h"

namespace graupel {

/// A tensor's elements where they lie: runs of `run` elements, `stride` (>= run) apart.
struct Runs {
  int32_t run = 1, stride = 1;
};

/// Operand `source` of `params`, written for a dense tensor, now reads one laid out as `runs`. False, and nothing is
/// changed, when the family cannot.
bool restride_source(Params& params, std::size_t source, Runs runs);
/// The same for the destination.
bool restride_destination(Params& params, Runs runs);

/// A copy as nested dimensions, outermost first, without those of extent 1 and with those joined that continue each
/// other on both sides.
struct CopyDim {
  int32_t extent = 1, src = 0, dst = 0;
};
std::vector<CopyDim> joined_dims(const CopyParams& params);

}  // namespace graupel
