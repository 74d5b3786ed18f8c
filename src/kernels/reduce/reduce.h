// Sums and means over one run of neighbouring axes (N6.1).
#pragma once

#include "kernels/kernel.h"

namespace graupel {

/// The input is [outer, n, inner] with `inner` elements every `inner_stride` (>= inner) elements; the output is dense
/// [outer, inner]. S = sum over n of the codes; q = sat(R(fl(fl32(S - n * in_zero_point) * factor)) + zero_point).
/// n * the largest code < 2^31, so that S is exact in s32.
struct ReduceParams {
  static constexpr std::string_view kName = "reduce";
  int32_t outer = 1, n = 1, inner = 1, inner_stride = 1;
  int32_t in_zero_point = 0, zero_point = 0;
  float factor = 1;
  DType in_element = DType::kU8, out_element = DType::kU8;

  Work work() const { return {outer, 1}; }
  static constexpr auto fields() {
    return std::tuple{Field{"outer", &ReduceParams::outer},
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
