// Convolution of 16-bit types in vectors of any width (N8.2): codes and weights are split into planes of bytes, whose
// products are summed apart in s32 and joined at the end; the sum is exact, so it is the reference's. The sources of
// some pixels are gathered first, so that one loop serves every window; requantization is the reference's own.
//
// `Vector` is a type of one instruction set, so that nothing here is shared between them. It has
//   static constexpr int kPixels: neighbours in a row that share each vector of weights;
//   static constexpr int kVectors, kVectorLanes: of output channels;
//   Ints: kVectorLanes of s32; Codes; Weights;
//   static Codes broadcast(const uint8_t*): four codes to every lane;
//   static Weights load(const std::byte*): four s8 for every lane;
//   static void dot(Ints& acc, const Codes&, const Weights&): adds the dot products of four, modulo 2^32.
#pragma once

#include <algorithm>
#include <cstring>

#include "kernels/conv/conv.h"
#include "kernels/epilogue_ref.h"
#include "kernels/repeat.h"

namespace graupel {
namespace {

constexpr int kMostTerms = 32768;  ///< a sum of two planes' products of bytes stays in s32

template <class Vector>
class WideConv {
 public:
  static bool accepts(const ConvParams& params) { return !is_narrow(params) && terms(params) <= kMostTerms; }

  static std::size_t packed_bytes(const ConvParams& params) {
    return segments_before(params, params.out.c) * segment_bytes(params);
  }

  static void pack(const ConvParams& params, const std::byte* constants, std::byte* packed) {
    std::memset(packed, 0, packed_bytes(params));
    for (int first = 0; first < params.out.c; packed += segment_bytes(params)) {
      const Segment segment = segment_at(params, first);
      auto* out = reinterpret_cast<int8_t*>(packed);
      if (params.weight == DType::kS16)
        pack_segment(params, at<int16_t>(constants, params.weights), segment, out);
      else
        pack_segment(params, at<int8_t>(constants, params.weights), segment, out);
      first = segment.end;
    }
  }

  /// Scratch: u8 [plane][pixel][4 * steps].
  static std::size_t scratch_bytes(const ConvParams& params) {
    return static_cast<std::size_t>(code_bytes(params.in.element)) * kPixels * steps(params) * 4;
  }

  static void run(const ConvParams& params, const KernelArgs& args, const Tile& tile) {
    const int group = params.out.c / params.groups;
    // Bytes behind the last product meet zero weights; they only must not change while they are read.
    std::memset(args.scratch, 0, scratch_bytes(params));
    const int begin = tile.block_begin * ConvParams::kBlock,
              end = std::min(tile.block_end * ConvParams::kBlock, params.out.c);
    with_linear_types(params, [&]<class Types>(Types) {
      for (int y = tile.row_begin; y < tile.row_end; ++y)
        for (int x = 0; x < params.out.w; x += kPixels)
          for (int first = begin; first < end; first = (first / group + 1) * group)
            run_strip<Types>(params, args, y, x, std::min(kPixels, params.out.w - x), first,
                             std::min(end, (first / group + 1) * group));
    });
  }

 private:
  static constexpr int kPixels = Vector::kPixels, kVectors = Vector::kVectors;
  static constexpr int kLanes = kVectors * Vector::kVectorLanes;

  template <class Types>
  static constexpr int kCodePlanes = sizeof(typename Types::In);
  template <class Types>
  static constexpr int kWeightPlanes = sizeof(typename Types::Weight);
  template <class Types>
  static constexpr int kShifts = kCodePlanes<Types> + kWeightPlanes<Types> - 1;
  /// [shift][pixel][channel]: of the products whose planes add up to `shift`.
  template <class Types>
  using Sums = int32_t[kShifts<Types>][kPixels][kLanes];

  static int planes_of_weights(const ConvParams& params) { return params.weight == DType::kS16 ? 2 : 1; }
  static int depth(const ConvParams& params) { return params.in.c / params.groups; }
  static int terms(const ConvParams& params) { return params.window.kernel_h * params.window.kernel_w * depth(params); }
  static int steps(const ConvParams& params) { return (terms(params) + 3) / 4; }

  /// Output channels [first, end) of one group, at most kLanes; segments lie one after another.
  struct Segment {
    int first = 0, end = 0;
  };
  static Segment segment_at(const ConvParams& params, int first) {
    const int group = params.out.c / params.groups;
    return {first, std::min({(first / kLanes + 1) * kLanes, (first / group + 1) * group, params.out.c})};
  }

  /// A packed segment: s8 [step][plane][kLanes][4].
  static std::size_t segment_bytes(const ConvParams& params) {
    return static_cast<std::size_t>(steps(params)) * planes_of_weights(params) * kLanes * 4;
  }

  static int segments_before(const ConvParams& params, int first) {
    int count = 0;
    for (int at = 0; at < first; at = segment_at(params, at).end) ++count;
    return count;
  }

  /// w = 256 * plane 1 + plane 0, both s8.
  template <class Weight>
  static void pack_segment(const ConvParams& params, const Weight* weights, const Segment& segment, int8_t* out) {
    const int planes = planes_of_weights(params);
    for (int k = 0; k < terms(params); ++k)
      for (int o = segment.first; o < segment.end; ++o) {
        const int32_t w = weights[static_cast<std::ptrdiff_t>(k) * params.out.c + o];
        int8_t* at_step =
            out + static_cast<std::ptrdiff_t>(k / 4) * planes * kLanes * 4 + (o - segment.first) * 4 + k % 4;
        const auto low = static_cast<int8_t>(w);
        at_step[0] = low;
        if (planes == 2) at_step[kLanes * 4] = static_cast<int8_t>((w - low) / 256);
      }
  }

  static void split(const uint8_t* from, int count, uint8_t* low, uint8_t*) { std::memcpy(low, from, count); }
  static void split(const uint16_t* from, int count, uint8_t* __restrict low, uint8_t* __restrict high) {
    for (int i = 0; i < count; ++i) {
      low[i] = static_cast<uint8_t>(from[i]);
      high[i] = static_cast<uint8_t>(from[i] >> 8);
    }
  }

  /// What output pixel (y, x) multiplies, in the order of the weights, in planes `plane` bytes apart.
  template <class In>
  static void gather(const ConvParams& params, const In* source, int y, int x, uint8_t* low, std::ptrdiff_t plane) {
    const View& in = params.in;
    const Window2d& window = params.window;
    const int count = depth(params), left = x * window.stride_w - window.pad_left;
    const bool together = window.dilation_w == 1 && in.pixel_stride == count && left >= 0 &&
                          left + window.kernel_w <= in.w;  // a kernel row's sources
    for (int ky = 0; ky < window.kernel_h; ++ky) {
      const int iy = y * window.stride_h - window.pad_top + ky * window.dilation_h;
      if (together && iy >= 0 && iy < in.h) {
        const int all = window.kernel_w * count;
        split(source + (static_cast<std::ptrdiff_t>(iy) * in.w + left) * count, all, low, low + plane);
        low += all;
        continue;
      }
      for (int kx = 0; kx < window.kernel_w; ++kx, low += count) {
        const int ix = left + kx * window.dilation_w;
        if (iy >= 0 && iy < in.h && ix >= 0 && ix < in.w) {
          split(source + (static_cast<std::ptrdiff_t>(iy) * in.w + ix) * in.pixel_stride, count, low, low + plane);
        } else {
          std::memset(low, params.in_zero_point & 255, static_cast<std::size_t>(count));
          if (sizeof(In) == 2) std::memset(low + plane, params.in_zero_point >> 8, static_cast<std::size_t>(count));
        }
      }
    }
  }

  template <class Types>
  static void multiply(const uint8_t* codes, const std::byte* weights, int count, Sums<Types>& sums) {
    constexpr int kWeights = kWeightPlanes<Types> * kVectors;
    typename Vector::Ints acc[kShifts<Types>][kPixels][kVectors];
    repeat<kShifts<Types> * kPixels * kVectors>([&](auto i) __attribute__((always_inline)) {
      acc[i / (kPixels * kVectors)][i / kVectors % kPixels][i % kVectors] = typename Vector::Ints{};
    });
    const std::ptrdiff_t pixel = std::ptrdiff_t{4} * count;
    for (int step = 0; step < count; ++step, codes += 4) {
      typename Vector::Weights w[kWeights];
      repeat<kWeights>([&](auto i) __attribute__((always_inline)) {
        w[i] = Vector::load(weights);
        weights += Vector::kVectorLanes * 4;
      });
      repeat<kCodePlanes<Types> * kPixels>([&](auto i) __attribute__((always_inline)) {
        constexpr int kPlane = i / kPixels, kPixel = i % kPixels;
        const typename Vector::Codes code = Vector::broadcast(codes + (kPlane * kPixels + kPixel) * pixel);
        repeat<kWeights>([&](auto j) __attribute__((always_inline)) {
          Vector::dot(acc[kPlane + j / kVectors][kPixel][j % kVectors], code, w[j]);
        });
      });
    }
    repeat<kShifts<Types> * kPixels>([&](auto i) __attribute__((always_inline)) {
      write_vectors(reinterpret_cast<std::byte*>(sums[i / kPixels][i % kPixels]), acc[i / kPixels][i % kPixels]);
    });
  }

  /// Pixels (y, [x, x + pixels)), channels of one group within [first, end).
  template <class Types>
  static void run_strip(const ConvParams& params, const KernelArgs& args, int y, int x, int pixels, int first,
                        int end) {
    const int group = first / (params.out.c / params.groups);
    const auto* source = reinterpret_cast<const typename Types::In*>(args.src[0]) + group * depth(params);
    auto* codes = reinterpret_cast<uint8_t*>(args.scratch);
    const std::ptrdiff_t pixel_bytes = std::ptrdiff_t{4} * steps(params), plane = kPixels * pixel_bytes;
    for (int p = 0; p < kPixels; ++p)
      gather(params, source, y, x + std::min(p, pixels - 1), codes + p * pixel_bytes, plane);
    const std::byte* weights = args.packed + segments_before(params, first) * segment_bytes(params);
    for (; first < end; weights += segment_bytes(params)) {
      const Segment segment = segment_at(params, first);
      Sums<Types> sums;
      multiply<Types>(codes, weights, steps(params), sums);
      for (int p = 0; p < pixels; ++p)
        finish<Types>(params, args, static_cast<std::ptrdiff_t>(y) * params.out.w + x + p, segment, p, sums);
      first = segment.end;
    }
  }

  template <class Types>
  static void finish(const ConvParams& params, const KernelArgs& args, std::ptrdiff_t pixel, const Segment& segment,
                     int p, const Sums<Types>& sums) {
    using Sum = typename Types::Sum;
    const auto* bias = at<typename Types::Bias>(args.constants, params.bias) + segment.first;
    const int count = segment.end - segment.first;
    Sum acc[kLanes];
    for (int o = 0; o < count; ++o) acc[o] = static_cast<Sum>(bias[o]);
    for (int shift = 0; shift < kShifts<Types>; ++shift)
      for (int o = 0; o < count; ++o) acc[o] += static_cast<Sum>(sums[shift][p][o]) << (8 * shift);
    finish_pixel_ref(params, args, pixel, segment.first, count, acc);
  }
};

}  // namespace
}  // namespace graupel
