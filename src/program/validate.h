// The proof for one instruction, by family: what it touches, and that its parameters keep the kernels' arithmetic.
#pragma once

#include <vector>

#include "program/program.h"
#include "program/region.h"

namespace graupel {

/// What an instruction reads and writes; regions are relative to the operand's place.
struct Touched {
  std::vector<Region> src;
  Region dst;
};

/// One overload per family. Errors: corrupt, naming the parameter.
Result<Touched> prove(const ConvParams&, ByteSpan constants);
Result<Touched> prove(const DepthwiseParams&, ByteSpan constants);
Result<Touched> prove(const DeconvParams&, ByteSpan constants);
Result<Touched> prove(const MaxPoolParams&, ByteSpan constants);
Result<Touched> prove(const AvgPoolParams&, ByteSpan constants);
Result<Touched> prove(const ReduceParams&, ByteSpan constants);
Result<Touched> prove(const BinaryParams&, ByteSpan constants);
Result<Touched> prove(const LutParams&, ByteSpan constants);
Result<Touched> prove(const NearestParams&, ByteSpan constants);
Result<Touched> prove(const BilinearParams&, ByteSpan constants);
Result<Touched> prove(const CopyParams&, ByteSpan constants);
Result<Touched> prove(const FillParams&, ByteSpan constants);
Result<Touched> prove(const SoftmaxParams&, ByteSpan constants);
Result<Touched> prove(const MatMulParams&, ByteSpan constants);
Result<Touched> prove(const NormParams&, ByteSpan constants);
Result<Touched> prove(const ArgMaxParams&, ByteSpan constants);

}  // namespace graupel
