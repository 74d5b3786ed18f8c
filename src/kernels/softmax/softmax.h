// Softmax over one axis (N7.1).
#pragma once

#include "kernels/kernel.h"

namespace graupel {

/// The tensor is dense [outer, n, inner]; normalizes over n. d = max - q; e = table[d] (u32[256] of at most 2^20, the
/// first above 0); S = exact u64 sum; inv = fl(255 / fl(S)); q = R(fl(fl32(e) * inv)).
struct SoftmaxParams {
  static constexpr std::string_view kName = "softmax";
  int32_t outer = 1, n = 1, inner = 1;
  ConstRef table;

  static constexpr int32_t kBlock = 64;  ///< neighbouring columns in one unit of work
  Work work() const { return {outer, (inner - 1) / kBlock + 1}; }
  static constexpr auto fields() {
    return std::tuple{Field{"outer", &SoftmaxParams::outer}, Field{"n", &SoftmaxParams::n},
                      Field{"inner", &SoftmaxParams::inner}, Field{"table", &SoftmaxParams::table}};
  }
  bool operator==(const SoftmaxParams&) const = default;
};

void softmax_ref(const SoftmaxParams&, const KernelArgs&, const Tile&);

}  // namespace graupel
