// Softmax over one axis (N7.1).
#pragma once

#include "kernels/kernel.h"

namespace graupel {

/// The tensor is dense [outer, n, inner]; normalizes over n. d = max - q; e = table[d] (u32 of at most 2^20, the first
/// above 0; 256 of u8 codes, 65536 of u16); S = exact u64 sum; inv = fl(largest code of the output / fl(S));
/// q = R(fl(fl32(e) * inv)).
struct SoftmaxParams {
  static constexpr std::string_view kName = "softmax";
  int32_t outer = 1, n = 1, inner = 1;
  ConstRef table;
  DType in_element = DType::kU8, out_element = DType::kU8;

  static constexpr int32_t kBlock = 64;  ///< neighbouring columns in one unit of work
  Work work() const { return {outer, (inner - 1) / kBlock + 1}; }
  static constexpr auto fields() {
    return std::tuple{
        Field{"outer", &SoftmaxParams::outer},           Field{"n", &SoftmaxParams::n},
        Field{"inner", &SoftmaxParams::inner},           Field{"table", &SoftmaxParams::table},
        Field{"in_element", &SoftmaxParams::in_element}, Field{"out_element", &SoftmaxParams::out_element}};
  }
  bool operator==(const SoftmaxParams&) const = default;
};

void softmax_ref(const SoftmaxParams&, const KernelArgs&, const Tile&);

}  // namespace graupel
