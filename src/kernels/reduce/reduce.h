// Sums, means, extremes and lengths over one run of neighbouring axes (N6.1, N6.3).
#pragma once

#include "kernels/kernel.h"

namespace graupel {

enum class ReduceKind : uint8_t { kSum, kMax, kMin, kLength, kSquares };

/// The input is [outer, n, inner] with `inner` elements every `inner_stride` (>= inner) elements; the output is dense
/// [outer, inner]. kSum: S = sum over n of the codes; q = sat(R(fl(fl32(S - n * in_zero_point) * factor)) +
/// zero_point). n * the largest code < 2^31, so that S is exact in s32. kMax, kMin: the largest or smallest code; both
/// types are one. kSquares: S2 = sum of (code - in_zero_point)^2; q = sat(R(fl(fl(S2) * factor)) + zero_point);
/// kLength: the same with fl(sqrt(fl(S2))) for fl(S2).
struct ReduceParams {
  static constexpr std::string_view kName = "reduce";
  ReduceKind kind = ReduceKind::kSum;
  int32_t outer = 1, n = 1, inner = 1, inner_stride = 1;
  int32_t in_zero_point = 0, zero_point = 0;
  float factor = 1;
  DType in_element = DType::kU8, out_element = DType::kU8;

  Work work() const { return {outer, 1}; }
  static constexpr auto fields() {
    return std::tuple{Field{"kind", &ReduceParams::kind},
                      Field{"outer", &ReduceParams::outer},
                      Field{"n", &ReduceParams::n},
                      Field{"inner", &ReduceParams::inner},
                      Field{"inner_stride", &ReduceParams::inner_stride},
                      Field{"in_zero_point", &ReduceParams::in_zero_point},
                      Field{"zero_point", &ReduceParams::zero_point},
                      Field{"factor", &ReduceParams::factor},
                      Field{"in_element", &ReduceParams::in_element},
                      Field{"out_element", &ReduceParams::out_element}};
  }
  bool operator==(const ReduceParams&) const = default;
};

void reduce_ref(const ReduceParams&, const KernelArgs&, const Tile&);

}  // namespace graupel
