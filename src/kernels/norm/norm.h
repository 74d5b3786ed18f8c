// Normalization by mean and deviation, or by magnitude: layer, instance, group, RMS and L2 norms (N7.2).
#pragma once

#include <algorithm>

#include "kernels/kernel.h"

namespace graupel {

/// Both tensors are [outer, rows, groups * channels] with runs of groups * channels elements, `in_stride` and
/// `out_stride` apart. The n = rows * channels codes x of one outer index and group are normalized together.
/// Centred: d = n * x - S1, v = n * S2 - S1 * S1 with S1, S2 the sums of codes and of their squares; else
/// d = x - in_zero_point, v = the sum of d * d. r = fl(1 / fl(sqrt(fl(fl(v) + epsilon))));
/// q = sat(R(fl(fl(fl(fl32(d) * r) * scale[c]) + shift[c])) + zero_point). n * the largest code < 2^31.
struct NormParams {
  static constexpr std::string_view kName = "norm";
  int32_t outer = 1, rows = 1, groups = 1, channels = 1;
  int32_t in_stride = 1, out_stride = 1;
  bool centred = true;
  int32_t in_zero_point = 0, zero_point = 0;
  float epsilon = 0;      ///< above 0
  ConstRef scale, shift;  ///< f32, one for each of groups * channels
  DType in_element = DType::kU8, out_element = DType::kU8;

  static constexpr int32_t kLanes = 64;  ///< neighbours whose sums are kept side by side
  /// Groups in one unit of work: several when a group is a short piece of many rows.
  int32_t groups_at_once() const { return rows > 1 && channels < kLanes ? kLanes / channels : 1; }
  Work work() const { return {outer, (groups - 1) / groups_at_once() + 1}; }
  static constexpr auto fields() {
    return std::tuple{Field{"outer", &NormParams::outer},           Field{"rows", &NormParams::rows},
                      Field{"groups", &NormParams::groups},         Field{"channels", &NormParams::channels},
                      Field{"in_stride", &NormParams::in_stride},   Field{"out_stride", &NormParams::out_stride},
                      Field{"centred", &NormParams::centred},       Field{"in_zero_point", &NormParams::in_zero_point},
                      Field{"zero_point", &NormParams::zero_point}, Field{"epsilon", &NormParams::epsilon},
                      Field{"scale", &NormParams::scale},           Field{"shift", &NormParams::shift},
                      Field{"in_element", &NormParams::in_element}, Field{"out_element", &NormParams::out_element}};
  }
  bool operator==(const NormParams&) const = default;
};

void norm_ref(const NormParams&, const KernelArgs&, const Tile&);

}  // namespace graupel
