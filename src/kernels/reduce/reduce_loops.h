// Means over neighbouring axes as plain loops, compiled once per ISA. Internal linkage.
#pragma once

#include "kernels/mean.h"
#include "kernels/reduce/reduce.h"

namespace graupel {
namespace {

constexpr int kRun = 64;  ///< neighbours whose sums are kept together

/// Sums of n elements, `stride` apart, for `count` neighbours.
template <class T>
inline void sum_run(const T* __restrict src, int n, std::ptrdiff_t stride, int count, int32_t* __restrict sums) {
  for (int i = 0; i < count; ++i) sums[i] = 0;
  for (int k = 0; k < n; ++k, src += stride)
    for (int i = 0; i < count; ++i) sums[i] += src[i];
}

template <class T>
inline int32_t sum_line(const T* src, int n) {
  int32_t sum = 0;
  for (int k = 0; k < n; ++k) sum += src[k];
  return sum;
}

template <class In, class Out>
inline void reduce_of(const ReduceParams& params, const KernelArgs& args, const Tile& tile, In, Out) {
  const int32_t shift = params.n * params.in_zero_point;
  for (int o = tile.row_begin; o < tile.row_end; ++o) {
    const auto* src =
        reinterpret_cast<const In*>(args.src[0]) + static_cast<std::ptrdiff_t>(o) * params.n * params.inner_stride;
    auto* dst = reinterpret_cast<Out*>(args.dst) + static_cast<std::ptrdiff_t>(o) * params.inner;
    if (params.inner == 1 && params.inner_stride == 1) {
      *dst = mean_code<Out>(sum_line(src, params.n) - shift, params.factor, params.zero_point);
      continue;
    }
    for (int first = 0; first < params.inner; first += kRun) {
      const int count = std::min(kRun, params.inner - first);
      int32_t sums[kRun];
      if (count == kRun)
        sum_run(src + first, params.n, params.inner_stride, kRun, sums);
      else
        sum_run(src + first, params.n, params.inner_stride, count, sums);
      for (int i = 0; i < count; ++i)
        dst[first + i] = mean_code<Out>(sums[i] - shift, params.factor, params.zero_point);
    }
  }
}

inline void reduce_loops(const ReduceParams& params, const KernelArgs& args, const Tile& tile) {
  with_codes(params.in_element, [&](auto in) {
    with_codes(params.out_element, [&](auto out) { reduce_of(params, args, tile, in, out); });
  });
}

}  // namespace
}  // namespace graupel
