// Normalization as plain loops, compiled once per ISA. Internal linkage.
#pragma once

#include <cmath>

#include "kernels/mean.h"
#include "kernels/norm/norm.h"

namespace graupel {
namespace {

/// Exact sums of codes and of their squares.
struct CodeSums {
  uint64_t plain = 0, squared = 0;
};

/// What turns a code of one group into d * r.
struct Standardizer {
  int32_t factor = 1, offset = 0;  ///< d = factor * x - offset
  float inverse = 0;
};

// Squares of this many u8 codes sum to less than 2^32.
constexpr int kExactRun = 1 << 16;

inline void add_line(const uint8_t* src, int count, CodeSums& sums) {
  for (int first = 0; first < count; first += kExactRun) {
    uint32_t plain = 0, squared = 0;
    for (int i = first; i < std::min(count, first + kExactRun); ++i) {
      plain += src[i];
      squared += static_cast<uint32_t>(src[i]) * src[i];
    }
    sums.plain += plain;
    sums.squared += squared;
  }
}

inline void add_line(const uint16_t* src, int count, CodeSums& sums) {
  uint64_t squared = 0;
  uint32_t plain = 0;  // n * the largest code < 2^31
  for (int i = 0; i < count; ++i) {
    const uint32_t x = src[i];
    plain += x;
    squared += x * x;
  }
  sums.plain += plain;
  sums.squared += squared;
}

inline Standardizer standardizer(const NormParams& params, const CodeSums& sums) {
  const int64_t n = int64_t{params.rows} * params.channels;
  const auto s1 = static_cast<int64_t>(sums.plain), s2 = static_cast<int64_t>(sums.squared);
  const int64_t z = params.in_zero_point;
  const int64_t v = params.centred ? n * s2 - s1 * s1 : s2 - 2 * z * s1 + n * z * z;
  const float inverse = 1.0f / std::sqrt(static_cast<float>(v) + params.epsilon);
  if (params.centred) return {static_cast<int32_t>(n), static_cast<int32_t>(s1), inverse};
  return {1, params.in_zero_point, inverse};
}

/// kCount elements, all of one group: a number that the compiler knows, since lines are often short.
template <int kCount, class In, class Out>
inline void standardize_run(const Standardizer& by, const In* src, const float* scale, const float* shift,
                            Out* __restrict dst, int32_t zero_point) {
  for (int i = 0; i < kCount; ++i) {
    const auto d = static_cast<float>(by.factor * src[i] - by.offset);
    dst[i] = rounded_code<Out>(d * by.inverse * scale[i] + shift[i], zero_point);
  }
}

template <class In, class Out>
inline void standardize(const Standardizer& by, const In* src, const float* scale, const float* shift, Out* dst,
                        int count, int32_t zero_point) {
  int i = 0;
  for (; i + 32 <= count; i += 32) standardize_run<32>(by, src + i, scale + i, shift + i, dst + i, zero_point);
  for (; i + 8 <= count; i += 8) standardize_run<8>(by, src + i, scale + i, shift + i, dst + i, zero_point);
  for (; i < count; ++i) standardize_run<1>(by, src + i, scale + i, shift + i, dst + i, zero_point);
}

/// The tensors around one outer index, and the constants.
template <class In, class Out>
struct NormPlane {
  const In* src;
  Out* dst;
  const float* scale;
  const float* shift;
};

/// One group, a line of `channels` elements at a time.
template <class In, class Out>
inline void normalize_lines(const NormParams& params, const NormPlane<In, Out>& plane, int group) {
  const std::ptrdiff_t first = static_cast<std::ptrdiff_t>(group) * params.channels;
  CodeSums sums;
  for (int row = 0; row < params.rows; ++row)
    add_line(plane.src + row * static_cast<std::ptrdiff_t>(params.in_stride) + first, params.channels, sums);
  const Standardizer by = standardizer(params, sums);
  for (int row = 0; row < params.rows; ++row)
    standardize(by, plane.src + row * static_cast<std::ptrdiff_t>(params.in_stride) + first, plane.scale + first,
                plane.shift + first, plane.dst + row * static_cast<std::ptrdiff_t>(params.out_stride) + first,
                params.channels, params.zero_point);
}

/// Sums over `rows` rows for each of `lanes` neighbours.
template <class In>
inline void sum_lanes(const In* src, int rows, std::ptrdiff_t stride, int lanes, CodeSums* sums) {
  constexpr int kMost = NormParams::kLanes;
  constexpr int kRows = sizeof(In) == 1 ? kExactRun : 1;
  for (int first = 0; first < rows; first += kRows) {
    uint32_t plain[kMost] = {}, squared[kMost] = {};
    for (int row = first; row < std::min(rows, first + kRows); ++row)
      for (int i = 0; i < lanes; ++i) {
        const uint32_t x = src[row * stride + i];
        plain[i] += x;
        squared[i] += x * x;
      }
    for (int i = 0; i < lanes; ++i) {
      sums[i].plain += plain[i];
      sums[i].squared += squared[i];
    }
  }
}

/// Groups [first, first + count) side by side.
template <class In, class Out>
inline void normalize_lanes(const NormParams& params, const NormPlane<In, Out>& plane, int first, int count) {
  constexpr int kMost = NormParams::kLanes;
  const int lanes = count * params.channels;
  const std::ptrdiff_t begin = static_cast<std::ptrdiff_t>(first) * params.channels;
  CodeSums sums[kMost];
  sum_lanes(plane.src + begin, params.rows, params.in_stride, lanes, sums);
  int32_t offset[kMost];
  float inverse[kMost];
  for (int group = 0; group < count; ++group) {
    CodeSums all;
    for (int i = group * params.channels; i < (group + 1) * params.channels; ++i) {
      all.plain += sums[i].plain;
      all.squared += sums[i].squared;
    }
    const Standardizer by = standardizer(params, all);
    for (int i = group * params.channels; i < (group + 1) * params.channels; ++i) {
      offset[i] = by.offset;
      inverse[i] = by.inverse;
    }
  }
  const int32_t factor = params.centred ? params.rows * params.channels : 1;
  for (int row = 0; row < params.rows; ++row) {
    const In* src = plane.src + row * static_cast<std::ptrdiff_t>(params.in_stride) + begin;
    Out* dst = plane.dst + row * static_cast<std::ptrdiff_t>(params.out_stride) + begin;
    for (int i = 0; i < lanes; ++i) {
      const auto d = static_cast<float>(factor * src[i] - offset[i]);
      dst[i] = rounded_code<Out>(d * inverse[i] * plane.scale[begin + i] + plane.shift[begin + i], params.zero_point);
    }
  }
}

template <class In, class Out>
inline void norm_of(const NormParams& params, const KernelArgs& args, const Tile& tile, In, Out) {
  const int at_once = params.groups_at_once();
  for (int o = tile.row_begin; o < tile.row_end; ++o) {
    const std::ptrdiff_t row = static_cast<std::ptrdiff_t>(o) * params.rows;
    const NormPlane<In, Out> plane{reinterpret_cast<const In*>(args.src[0]) + row * params.in_stride,
                                   reinterpret_cast<Out*>(args.dst) + row * params.out_stride,
                                   at<float>(args.constants, params.scale), at<float>(args.constants, params.shift)};
    for (int block = tile.block_begin; block < tile.block_end; ++block) {
      const int first = block * at_once;
      if (at_once == 1)
        normalize_lines(params, plane, first);
      else
        normalize_lanes(params, plane, first, std::min(at_once, params.groups - first));
    }
  }
}

inline void norm_loops(const NormParams& params, const KernelArgs& args, const Tile& tile) {
  with_codes(params.in_element,
             [&](auto in) { with_codes(params.out_element, [&](auto out) { norm_of(params, args, tile, in, out); }); });
}

}  // namespace
}  // namespace graupel
