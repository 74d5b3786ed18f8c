// The element-wise kernels that an instruction set has of its own, and the walk over runs that they share.
#pragma once

#include "kernels/binary/binary.h"

namespace graupel {

extern const Kernel<BinaryParams> kBinaryAvx512, kBinaryAvx2;

/// What the vector kernels take for granted of the parameters; anything else is the reference's.
bool binary_in_vector_range(const BinaryParams& params);

namespace {

/// A run of neighbouring outputs; an operand steps by one element or repeats one.
struct BinaryRun {
  const uint8_t* a;
  const uint8_t* b;
  uint8_t* dst;
  std::ptrdiff_t count;
};

/// How an operand moves over a part of the output: like a dense tensor, not at all, or otherwise.
enum class BinaryWalk { kDense, kFixed, kMixed };

inline BinaryWalk binary_walk(std::array<int32_t, 4> extent, const std::array<int32_t, 4>& stride, std::size_t first) {
  bool dense = true, fixed = true;
  std::ptrdiff_t expected = 1;
  for (std::size_t d = 4; d-- > first;) {
    if (extent[d] == 1) continue;
    dense = dense && stride[d] == expected;
    fixed = fixed && stride[d] == 0;
    expected *= extent[d];
  }
  return fixed ? BinaryWalk::kFixed : dense ? BinaryWalk::kDense : BinaryWalk::kMixed;
}

/// Over which extents, from `first` on, one run may go, and which operands repeat one element in it.
struct BinaryRuns {
  std::size_t first = 3;
  bool fixed_a = false, fixed_b = false;
};

inline BinaryRuns binary_runs(const BinaryParams& params) {
  const auto& e = params.extent;
  for (std::size_t first : {0u, 2u, 3u}) {
    if (first < 3 && params.out_stride != e[3]) continue;
    const BinaryWalk a = binary_walk(e, params.a_stride, first), b = binary_walk(e, params.b_stride, first);
    if (a == BinaryWalk::kMixed || b == BinaryWalk::kMixed) continue;
    return {first, a == BinaryWalk::kFixed, b == BinaryWalk::kFixed};
  }
  return {3, params.a_stride[3] == 0, params.b_stride[3] == 0};
}

/// Calls runner(run) for the runs of a tile. Internal linkage: compiled per ISA.
template <class Runner>
inline void for_each_binary_run(const BinaryParams& params, const KernelArgs& args, const Tile& tile,
                                const BinaryRuns& runs, const Runner& runner) {
  const auto& e = params.extent;
  const auto* a = reinterpret_cast<const uint8_t*>(args.src[0]);
  const auto* b = reinterpret_cast<const uint8_t*>(args.src[1]);
  auto* dst = reinterpret_cast<uint8_t*>(args.dst);
  const std::ptrdiff_t plane = static_cast<std::ptrdiff_t>(e[2]) * e[3];
  if (runs.first == 0) {
    const std::ptrdiff_t at = tile.row_begin * plane, count = tile.row_end * plane - at;
    if (count > 0) runner(BinaryRun{a + (runs.fixed_a ? 0 : at), b + (runs.fixed_b ? 0 : at), dst + at, count});
    return;
  }
  const std::ptrdiff_t lines = runs.first == 2 ? 1 : e[2], count = runs.first == 2 ? plane : e[3];
  for (std::ptrdiff_t row = tile.row_begin; row < tile.row_end; ++row) {
    const std::ptrdiff_t i0 = row / e[1], i1 = row % e[1];
    const uint8_t* row_a = a + i0 * params.a_stride[0] + i1 * params.a_stride[1];
    const uint8_t* row_b = b + i0 * params.b_stride[0] + i1 * params.b_stride[1];
    uint8_t* row_dst = dst + row * e[2] * params.out_stride;
    for (std::ptrdiff_t i2 = 0; i2 < lines; ++i2)
      runner(BinaryRun{row_a + i2 * params.a_stride[2], row_b + i2 * params.b_stride[2],
                       row_dst + i2 * params.out_stride, count});
  }
}

}  // namespace
}  // namespace graupel
