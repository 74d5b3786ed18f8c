// Softmax as plain loops, compiled once per ISA. Internal linkage.
#pragma once

#include <algorithm>

#include "kernels/mean.h"
#include "kernels/softmax/softmax.h"

namespace graupel {
namespace {

constexpr int kRun = SoftmaxParams::kBlock;

/// Columns [0, count) of one plane of n rows, `inner` elements apart.
template <class In, class Out>
inline void softmax_columns(const In* src, Out* __restrict dst, int n, std::ptrdiff_t inner, int count,
                            const uint32_t* table) {
  constexpr float kMost = std::numeric_limits<Out>::max();
  In best[kRun] = {};
  uint64_t sum[kRun] = {};
  float inverse[kRun];
  for (int k = 0; k < n; ++k)
    for (int i = 0; i < count; ++i) best[i] = std::max(best[i], src[k * inner + i]);
  for (int k = 0; k < n; ++k)
    for (int i = 0; i < count; ++i) sum[i] += table[best[i] - src[k * inner + i]];
  for (int i = 0; i < count; ++i) inverse[i] = kMost / static_cast<float>(sum[i]);
  for (int k = 0; k < n; ++k)
    for (int i = 0; i < count; ++i) {
      const auto e = static_cast<float>(static_cast<int32_t>(table[best[i] - src[k * inner + i]]));
      dst[k * inner + i] = rounded_code<Out>(e * inverse[i], 0);
    }
}

/// One row of n neighbours.
template <class In, class Out>
inline void softmax_row(const In* src, Out* __restrict dst, int n, const uint32_t* table) {
  In best = 0;
  for (int k = 0; k < n; ++k) best = std::max(best, src[k]);
  uint64_t sum = 0;
  for (int k = 0; k < n; ++k) sum += table[best - src[k]];
  const float inverse = static_cast<float>(std::numeric_limits<Out>::max()) / static_cast<float>(sum);
  for (int k = 0; k < n; ++k)
    dst[k] = rounded_code<Out>(static_cast<float>(static_cast<int32_t>(table[best - src[k]])) * inverse, 0);
}

template <class In, class Out>
inline void softmax_of(const SoftmaxParams& params, const KernelArgs& args, const Tile& tile, In, Out) {
  const uint32_t* table = at<uint32_t>(args.constants, params.table);
  for (int o = tile.row_begin; o < tile.row_end; ++o) {
    const std::ptrdiff_t plane = static_cast<std::ptrdiff_t>(o) * params.n * params.inner;
    const auto* src = reinterpret_cast<const In*>(args.src[0]) + plane;
    auto* dst = reinterpret_cast<Out*>(args.dst) + plane;
    if (params.inner == 1) {
      softmax_row(src, dst, params.n, table);
      continue;
    }
    const int end = std::min(tile.block_end * kRun, params.inner);
    for (int first = tile.block_begin * kRun; first < end; first += kRun)
      softmax_columns(src + first, dst + first, params.n, params.inner, std::min(kRun, end - first), table);
  }
}

inline void softmax_loops(const SoftmaxParams& params, const KernelArgs& args, const Tile& tile) {
  with_codes(params.in_element, [&](auto in) {
    with_codes(params.out_element, [&](auto out) { softmax_of(params, args, tile, in, out); });
  });
}

}  // namespace
}  // namespace graupel
