// Reductions over neighbouring axes as plain loops, compiled once per ISA. Internal linkage.
#pragma once

#include <cmath>
#include <type_traits>

#include "kernels/mean.h"
#include "kernels/reduce/reduce.h"

namespace graupel {
namespace {

constexpr int kRun = 64;  ///< neighbours that are reduced together

template <class T>
inline int32_t sum_line(const T* src, int n) {
  int32_t sum = 0;
  for (int k = 0; k < n; ++k) sum += src[k];
  return sum;
}

/// What is kept while codes of type T pass, and what becomes of it.
template <class T>
struct SumOf {
  using Kept = int32_t;
  static constexpr Kept kFirst = 0;
  static Kept joined(const ReduceParams&, Kept kept, T code) { return kept + code; }
  template <class Out>
  static Out result(const ReduceParams& p, Kept kept) {
    return mean_code<Out>(kept - p.n * p.in_zero_point, p.factor, p.zero_point);
  }
};
template <class T>
struct MaxOf {
  using Kept = T;
  static constexpr Kept kFirst = 0;
  static Kept joined(const ReduceParams&, Kept kept, T code) { return std::max(kept, code); }
  template <class Out>
  static Out result(const ReduceParams&, Kept kept) {
    return static_cast<Out>(kept);
  }
};
template <class T>
struct MinOf : MaxOf<T> {
  static constexpr T kFirst = std::numeric_limits<T>::max();
  static T joined(const ReduceParams&, T kept, T code) { return std::min(kept, code); }
};
template <class T, bool kRoot>
struct SquaresOf {
  using Kept = uint64_t;
  static constexpr Kept kFirst = 0;
  static Kept joined(const ReduceParams& p, Kept kept, T code) {
    const int64_t d = int64_t{code} - p.in_zero_point;
    return kept + static_cast<uint64_t>(d * d);
  }
  template <class Out>
  static Out result(const ReduceParams& p, Kept kept) {
    const auto squares = static_cast<float>(kept);
    return rounded_code<Out>((kRoot ? std::sqrt(squares) : squares) * p.factor, p.zero_point);
  }
};

/// `count` neighbours, each over n elements `stride` apart.
template <class How, class In, class Out>
inline void reduce_run(const ReduceParams& params, const In* __restrict src, Out* __restrict dst, int count) {
  typename How::Kept kept[kRun];
  for (int i = 0; i < count; ++i) kept[i] = How::kFirst;
  for (int k = 0; k < params.n; ++k, src += params.inner_stride)
    for (int i = 0; i < count; ++i) kept[i] = How::joined(params, kept[i], src[i]);
  for (int i = 0; i < count; ++i) dst[i] = How::template result<Out>(params, kept[i]);
}

template <class How, class In, class Out>
inline void reduce_by(const ReduceParams& params, const KernelArgs& args, const Tile& tile) {
  for (int o = tile.row_begin; o < tile.row_end; ++o) {
    const auto* src =
        reinterpret_cast<const In*>(args.src[0]) + static_cast<std::ptrdiff_t>(o) * params.n * params.inner_stride;
    auto* dst = reinterpret_cast<Out*>(args.dst) + static_cast<std::ptrdiff_t>(o) * params.inner;
    if constexpr (std::is_same_v<How, SumOf<In>>)
      if (params.inner == 1 && params.inner_stride == 1) {
        *dst = How::template result<Out>(params, sum_line(src, params.n));
        continue;
      }
    for (int first = 0; first < params.inner; first += kRun) {
      const int count = std::min(kRun, params.inner - first);
      if (count == kRun)
        reduce_run<How>(params, src + first, dst + first, kRun);
      else
        reduce_run<How>(params, src + first, dst + first, count);
    }
  }
}

template <class In, class Out>
inline void reduce_of(const ReduceParams& params, const KernelArgs& args, const Tile& tile, In, Out) {
  switch (params.kind) {
    case ReduceKind::kSum: return reduce_by<SumOf<In>, In, Out>(params, args, tile);
    case ReduceKind::kMax: return reduce_by<MaxOf<In>, In, Out>(params, args, tile);
    case ReduceKind::kMin: return reduce_by<MinOf<In>, In, Out>(params, args, tile);
    case ReduceKind::kLength: return reduce_by<SquaresOf<In, true>, In, Out>(params, args, tile);
    case ReduceKind::kSquares: return reduce_by<SquaresOf<In, false>, In, Out>(params, args, tile);
  }
}

inline void reduce_loops(const ReduceParams& params, const KernelArgs& args, const Tile& tile) {
  with_codes(params.in_element, [&](auto in) {
    with_codes(params.out_element, [&](auto out) { reduce_of(params, args, tile, in, out); });
  });
}

}  // namespace
}  // namespace graupel
