// Softmax as plain loops, compiled once per ISA. Internal linkage.
#pragma once

#include <algorithm>

#include "kernels/mean.h"
#include "kernels/softmax/softmax.h"

namespace graupel {
namespace {

constexpr int kRun = SoftmaxParams::kBlock;

/// Columns [0, count) of one plane of n rows, `inner` elements apart.
inline void softmax_columns(const uint8_t* src, uint8_t* __restrict dst, int n, std::ptrdiff_t inner, int count,
                            const uint32_t* table) {
  uint8_t best[kRun] = {};
  uint64_t sum[kRun] = {};
  float inverse[kRun];
  for (int k = 0; k < n; ++k)
    for (int i = 0; i < count; ++i) best[i] = std::max(best[i], src[k * inner + i]);
  for (int k = 0; k < n; ++k)
    for (int i = 0; i < count; ++i) sum[i] += table[best[i] - src[k * inner + i]];
  for (int i = 0; i < count; ++i) inverse[i] = 255.0f / static_cast<float>(sum[i]);
  for (int k = 0; k < n; ++k)
    for (int i = 0; i < count; ++i) {
      const auto e = static_cast<float>(static_cast<int32_t>(table[best[i] - src[k * inner + i]]));
      dst[k * inner + i] = rounded_code(e * inverse[i], 0);
    }
}

/// One row of n neighbours.
inline void softmax_row(const uint8_t* src, uint8_t* __restrict dst, int n, const uint32_t* table) {
  uint8_t best = 0;
  for (int k = 0; k < n; ++k) best = std::max(best, src[k]);
  uint64_t sum = 0;
  for (int k = 0; k < n; ++k) sum += table[best - src[k]];
  const float inverse = 255.0f / static_cast<float>(sum);
  for (int k = 0; k < n; ++k)
    dst[k] = rounded_code(static_cast<float>(static_cast<int32_t>(table[best - src[k]])) * inverse, 0);
}

inline void softmax_loops(const SoftmaxParams& params, const KernelArgs& args, const Tile& tile) {
  const uint32_t* table = at<uint32_t>(args.constants, params.table);
  for (int o = tile.row_begin; o < tile.row_end; ++o) {
    const std::ptrdiff_t plane = static_cast<std::ptrdiff_t>(o) * params.n * params.inner;
    const auto* src = reinterpret_cast<const uint8_t*>(args.src[0]) + plane;
    auto* dst = reinterpret_cast<uint8_t*>(args.dst) + plane;
    if (params.inner == 1) {
      softmax_row(src, dst, params.n, table);
      continue;
    }
    const int end = std::min(tile.block_end * kRun, params.inner);
    for (int first = tile.block_begin * kRun; first < end; first += kRun)
      softmax_columns(src + first, dst + first, params.n, params.inner, std::min(kRun, end - first), table);
  }
}

}  // namespace
}  // namespace graupel
