// Argmax as plain loops, compiled once per ISA. Internal linkage.
#pragma once

#include <algorithm>

#include "kernels/argmax/argmax.h"

namespace graupel {
namespace {

constexpr int kLanes = 64;  ///< neighbours that are searched together

/// A code is mapped to a rank that grows with how much it is wanted; `last` prefers equal ranks that come later.
template <class In, class Out>
inline void search(const In* __restrict src, int n, std::ptrdiff_t stride, int count, int32_t flip, bool last,
                   Out* __restrict dst) {
  int32_t best[kLanes], where[kLanes];
  for (int i = 0; i < count; ++i) best[i] = src[i] ^ flip, where[i] = 0;
  for (int k = 1; k < n; ++k) {
    const In* __restrict row = src + k * stride;
    for (int i = 0; i < count; ++i) {
      const int32_t rank = row[i] ^ flip;
      const bool better = (rank > best[i]) | (last & (rank == best[i]));
      best[i] = better ? rank : best[i];
      where[i] = better ? k : where[i];
    }
  }
  for (int i = 0; i < count; ++i) dst[i] = static_cast<Out>(where[i]);
}

template <class In, class Out>
inline void argmax_of(const ArgMaxParams& params, const KernelArgs& args, const Tile& tile, In, Out) {
  const int32_t flip = params.smallest ? most_code(params.in_element) : 0;
  const auto plane = static_cast<std::ptrdiff_t>(params.n) * params.inner;
  for (int o = tile.row_begin; o < tile.row_end; ++o) {
    const auto* src = reinterpret_cast<const In*>(args.src[0]) + o * plane;
    auto* dst = reinterpret_cast<Out*>(args.dst) + static_cast<std::ptrdiff_t>(o) * params.inner;
    for (int first = 0; first < params.inner; first += kLanes)
      search(src + first, params.n, params.inner, std::min(kLanes, params.inner - first), flip, params.last,
             dst + first);
  }
}

inline void argmax_loops(const ArgMaxParams& params, const KernelArgs& args, const Tile& tile) {
  with_codes(params.in_element, [&](auto in) {
    with_codes(params.out_element, [&](auto out) { argmax_of(params, args, tile, in, out); });
  });
}

}  // namespace
}  // namespace graupel
