// Element-wise operators of two tensors with broadcasting (N5.1 to N5.3).
#pragma once

#include <array>

#include "kernels/kernel.h"

namespace graupel {

enum class BinaryKind : uint8_t {
  kAddInteger,  ///< q = clamp((a * ma + b * mb + c) >> shift, lo, hi); ma, mb fit s16 (N5.1); subtraction has mb < 0
  kAddFloat,  ///< q = clamp(R(fl(fl(fl(a - za) * sa) + fl(fl(b - zb) * sb))) + z, lo, hi); for scale ratios above 2^10
  kMul,       ///< q = clamp(R(fl(fl32((a - za) * (b - zb)) * sa)) + z, lo, hi) (N5.2)
  kMin,       ///< codes of one scale (N5.3), then clamp to [lo, hi]
  kMax,
};

/// src[0]: a, src[1]: b, codes. kAddInteger is for u8 alone; kMin and kMax have one type throughout. The output is [d0,
/// d1, d2, d3] dense but for `out_stride` between its innermost runs of d3 elements (>= d3). Operand strides are in
/// elements, per output dimension; 0 broadcasts. Innermost stride is 0 or 1.
struct BinaryParams {
  static constexpr std::string_view kName = "binary";
  BinaryKind kind = BinaryKind::kAddInteger;
  std::array<int32_t, 4> extent = {1, 1, 1, 1};
  std::array<int32_t, 4> a_stride = {0, 0, 0, 0};
  std::array<int32_t, 4> b_stride = {0, 0, 0, 0};
  int32_t out_stride = 1;
  int32_t ma = 0, mb = 0, c = 0, shift = 0;
  int32_t za = 0, zb = 0, z = 0;
  float sa = 0, sb = 0;
  int32_t lo = 0, hi = 255;
  DType a_element = DType::kU8, b_element = DType::kU8, out_element = DType::kU8;

  /// Rows are the d0 * d1 planes.
  Work work() const { return {extent[0] * extent[1], 1}; }
  static constexpr auto fields() {
    return std::tuple{Field{"kind", &BinaryParams::kind},
                      Field{"extent", &BinaryParams::extent},
                      Field{"a_stride", &BinaryParams::a_stride},
                      Field{"b_stride", &BinaryParams::b_stride},
                      Field{"out_stride", &BinaryParams::out_stride},
                      Field{"ma", &BinaryParams::ma},
                      Field{"mb", &BinaryParams::mb},
                      Field{"c", &BinaryParams::c},
                      Field{"shift", &BinaryParams::shift},
                      Field{"za", &BinaryParams::za},
                      Field{"zb", &BinaryParams::zb},
                      Field{"z", &BinaryParams::z},
                      Field{"sa", &BinaryParams::sa},
                      Field{"sb", &BinaryParams::sb},
                      Field{"lo", &BinaryParams::lo},
                      Field{"hi", &BinaryParams::hi},
                      Field{"a_element", &BinaryParams::a_element},
                      Field{"b_element", &BinaryParams::b_element},
                      Field{"out_element", &BinaryParams::out_element}};
  }
  bool operator==(const BinaryParams&) const = default;
};

void binary_ref(const BinaryParams&, const KernelArgs&, const Tile&);

}  // namespace graupel
