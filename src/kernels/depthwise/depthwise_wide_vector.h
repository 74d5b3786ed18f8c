// Depthwise convolution of any types, in vectors of any width (N4.1, N8.2, N8.3). The columns under an
// output row are brought into one form first: codes of two kernel rows side by side, u16 less 2^15 so that they are
// s16. One multiply-add of s16 pairs then serves every window. 16-bit weights are split into planes of bytes, whose
// sums are exact in s32 and joined in binary64.
//
// `Vector` is a type of one instruction set, so that nothing here is shared between them. It has
//   static constexpr int kLanes: channels in a vector of u16; half as many s32 or binary32, a quarter of binary64;
//   static constexpr int pixels(int planes): neighbours in a row that share each vector of weights;
//   Ints, Floats, Doubles;
//   static Ints load(const uint8_t* or const uint16_t*, int count): the first `count` codes as u16;
//   static void store(uint8_t* or uint16_t*, Ints codes, int count);
//   static Ints fill16(int), fill32(int), add32(Ints, Ints), flip(Ints, Ints): exclusive or;
//   static void interleave(Ints a, Ints b, Ints (&)[2]): pairs of u16, in the order of channel_of();
//   static Ints pack(Ints, Ints): s32 in that order to u16 in the order of channels, saturated;
//   static Ints clamp(Ints u16, Ints lo, Ints hi);
//   static void dot(Ints& acc, Ints codes, Ints weights): adds the products of s16 pairs to s32, modulo 2^32;
//   static Doubles low(Ints), high(Ints); static Ints rounded(Doubles low, Doubles high);
//   static Floats floats(Ints); static Ints rounded(Floats).
#pragma once

#include <cstring>

#include "kernels/depthwise/depthwise.h"
#include "kernels/epilogue_ref.h"
#include "kernels/repeat.h"

namespace graupel {
namespace {

template <class Vector>
class WideDepthwise {
 public:
  static bool accepts(const DepthwiseParams& params) {
    return int64_t{params.window.kernel_h} * params.window.kernel_w <= most_taps(params) &&
           scratch_bytes(params) <= kMostScratch;
  }

  static std::size_t packed_bytes(const DepthwiseParams& params) { return chunks(params) * chunk_bytes(params); }

  static void pack(const DepthwiseParams& params, const std::byte* constants, std::byte* packed) {
    std::memset(packed, 0, packed_bytes(params));
    with_linear_types(params, [&]<class Types>(Types) {
      for (int chunk = 0; chunk < chunks(params); ++chunk)
        for (int slot = 0; slot < kLanes; ++slot)
          if (const int channel = chunk * kLanes + channel_of(slot); channel < params.out.c)
            pack_channel<Types>(params, constants, channel, slot, packed + chunk * chunk_bytes(params));
    });
  }

  /// The columns under one output row, for every pair of kernel rows.
  static std::size_t scratch_bytes(const DepthwiseParams& params) {
    return static_cast<std::size_t>(pairs(params)) * columns(params) * kColumnBytes;
  }

  static void run(const DepthwiseParams& params, const KernelArgs& args, const Tile& tile) {
    with_linear_types(params, [&]<class Types>(Types) {
      for (int y = tile.row_begin; y < tile.row_end; ++y)
        for (int chunk = 0; chunk < chunks(params); ++chunk) run_chunk<Types>(params, args, y, chunk);
    });
  }

 private:
  using Ints = typename Vector::Ints;

  static constexpr int kLanes = Vector::kLanes;
  static constexpr int kColumnBytes = kLanes * 4;
  static constexpr int kHeader = kLanes * 16;  ///< bytes of a packed chunk before its weights
  static constexpr std::size_t kMostScratch = std::size_t{4} << 20;

  template <class Types>
  static constexpr int kPlanes = sizeof(typename Types::Weight);
  /// Exclusive or with this makes codes signed.
  template <class Types>
  static constexpr int kFlip = sizeof(typename Types::In) == 2 ? 0x8000 : 0;
  /// What bias and scale are packed as.
  template <class Types>
  using BiasOf = std::conditional_t<Types::kWide, double, int32_t>;
  template <class Types>
  using ScaleOf = std::conditional_t<Types::kWide, double, float>;

  static int chunks(const DepthwiseParams& params) { return (params.out.c + kLanes - 1) / kLanes; }
  /// Products of a code and a plane are at most 2^15 for u8, else 2^22; sums of them stay in s32.
  static int64_t most_taps(const DepthwiseParams& params) { return params.in.element == DType::kU8 ? 65535 : 511; }
  static int pairs(const DepthwiseParams& params) { return (params.window.kernel_h + 1) / 2; }
  static int64_t columns(const DepthwiseParams& params) {
    const Window2d& window = params.window;
    return int64_t{params.out.w - 1} * window.stride_w + int64_t{window.kernel_w - 1} * window.dilation_w + 1;
  }

  /// The channel of a slot: interleaving leaves channel 8 * l + 4 * j + i in s32 lane 4 * l + i of vector j.
  static int channel_of(int slot) {
    const int vector = slot / (kLanes / 2), lane = slot % (kLanes / 2);
    return lane / 4 * 8 + vector * 4 + lane % 4;
  }

  /// A packed chunk: bias and scale of kLanes slots, behind each other in kHeader / 2 bytes each, then s16 [pair of
  /// kernel rows][kernel column][plane][slot][row of the pair].
  static std::size_t chunk_bytes(const DepthwiseParams& params) {
    const int planes = params.weight == DType::kS16 ? 2 : 1;
    return kHeader + static_cast<std::size_t>(pairs(params)) * params.window.kernel_w * planes * kColumnBytes;
  }

  template <class Types>
  static void pack_channel(const DepthwiseParams& params, const std::byte* constants, int channel, int slot,
                           std::byte* packed) {
    const Window2d& window = params.window;
    const auto* weights = at<typename Types::Weight>(constants, params.weights) + channel;
    int64_t sum = 0;
    for (int ky = 0; ky < window.kernel_h; ++ky)
      for (int kx = 0; kx < window.kernel_w; ++kx, weights += params.out.c) {
        const int weight = *weights;
        const int16_t plane[2] = {static_cast<int8_t>(weight),
                                  static_cast<int16_t>((weight - static_cast<int8_t>(weight)) / 256)};
        for (int p = 0; p < kPlanes<Types>; ++p)
          std::memcpy(packed + kHeader + ((ky / 2 * window.kernel_w + kx) * kPlanes<Types> + p) * kColumnBytes +
                          slot * 4 + ky % 2 * 2,
                      plane + p, 2);
        sum += weight;
      }
    const auto bias = static_cast<BiasOf<Types>>(at<typename Types::Bias>(constants, params.bias)[channel] +
                                                 static_cast<typename Types::Bias>(kFlip<Types> * sum));
    const ScaleOf<Types> scale = at<float>(constants, params.epilogue.scale)[channel];
    std::memcpy(packed + slot * sizeof bias, &bias, sizeof bias);
    std::memcpy(packed + kHeader / 2 + slot * sizeof scale, &scale, sizeof scale);
  }

  /// One chunk of one output row.
  struct Strip {
    const DepthwiseParams& params;
    const std::byte* packed;
    const std::byte* columns;
    int count;  ///< channels
    std::byte* out;
    const std::byte* residual;  ///< or null
    const std::byte* table;     ///< or null
    Ints zero_point, lo, hi, residual_zero_point;
  };

  template <class Types>
  static void run_chunk(const DepthwiseParams& params, const KernelArgs& args, int y, int chunk) {
    const Epilogue& epilogue = params.epilogue;
    const int first = chunk * kLanes, rest = params.out.c - first, count = rest < kLanes ? rest : kLanes;
    const auto* source = reinterpret_cast<const typename Types::In*>(args.src[0]) + first;
    for (int pair = 0; pair < pairs(params); ++pair)
      fill_columns<Types>(params, source, y, pair, count, args.scratch + pair * columns(params) * kColumnBytes);
    const std::ptrdiff_t pixel = static_cast<std::ptrdiff_t>(y) * params.out.w;
    Strip strip{params,
                args.packed + chunk * chunk_bytes(params),
                args.scratch,
                count,
                nullptr,
                {},
                {},
                Vector::fill32(epilogue.zero_point),
                Vector::fill16(epilogue.lo),
                Vector::fill16(epilogue.hi),
                Vector::fill32(-epilogue.residual_zero_point)};
    strip.out = args.dst + (pixel * params.out.pixel_stride + first) * code_bytes(params.out.element);
    if (epilogue.residual)
      strip.residual =
          args.src[1] + (pixel * epilogue.residual_pixel_stride + first) * code_bytes(epilogue.residual_element);
    if (epilogue.table) strip.table = at<std::byte>(args.constants, epilogue.table);
    run_strip<Types>(strip);
  }

  /// The columns under output row y for one pair of kernel rows, the padding's among them.
  template <class Types>
  static void fill_columns(const DepthwiseParams& params, const typename Types::In* source, int y, int pair, int count,
                           std::byte* to) {
    const Window2d& window = params.window;
    const View& in = params.in;
    const typename Types::In* rows[2] = {};  // null in the padding, and where weights are zero
    for (int j = 0; j < 2; ++j) {
      const int ky = pair * 2 + j, iy = y * window.stride_h - window.pad_top + ky * window.dilation_h;
      if (ky < window.kernel_h && iy >= 0 && iy < in.h)
        rows[j] = source + static_cast<std::ptrdiff_t>(iy) * in.w * in.pixel_stride;
    }
    const Ints flip = Vector::fill16(kFlip<Types>), padding = Vector::fill16(params.in_zero_point ^ kFlip<Types>);
    const int end = static_cast<int>(columns(params)) - window.pad_left;
    for (int ix = -window.pad_left; ix < end; ++ix, to += kColumnBytes) {
      const bool inside = ix >= 0 && ix < in.w;
      Ints codes[2], column[2];
      repeat<2>([&](auto j) __attribute__((always_inline)) {
        codes[j] = padding;
        if (inside && rows[j] != nullptr)
          codes[j] = Vector::flip(Vector::load(rows[j] + std::ptrdiff_t{ix} * in.pixel_stride, count), flip);
      });
      Vector::interleave(codes[0], codes[1], column);
      write_vectors(to, column);
    }
  }

  template <class Types>
  static void run_strip(const Strip& shared) {
    const Strip strip = shared;
    constexpr int kPixels = Vector::pixels(kPlanes<Types>);
    int x = 0;
    for (; x + kPixels <= strip.params.out.w; x += kPixels) tile<Types, kPixels>(strip, x);
    for (; x < strip.params.out.w; ++x) tile<Types, 1>(strip, x);
  }

  template <class Types, int kPixels>
  [[gnu::always_inline]] static void tile(const Strip& strip, int x) {
    constexpr int kVectors = kPlanes<Types> * 2;
    const Window2d& window = strip.params.window;
    Ints acc[kPixels][kVectors];
    repeat<kPixels>([&](auto p) __attribute__((always_inline)) {
      if constexpr (Types::kWide)
        repeat<kVectors>([&](auto i) __attribute__((always_inline)) { acc[p][i] = Vector::fill32(0); });
      else
        read_vectors(acc[p], strip.packed);
    });
    const std::byte* weights = strip.packed + kHeader;
    const std::byte* row = strip.columns + std::ptrdiff_t{x} * window.stride_w * kColumnBytes;
    for (int pair = 0; pair < pairs(strip.params); ++pair, row += columns(strip.params) * kColumnBytes)
      for (int kx = 0; kx < window.kernel_w; ++kx, weights += kPlanes<Types> * kColumnBytes) {
        Ints w[kVectors];
        read_vectors(w, weights);
        const std::byte* column = row + std::ptrdiff_t{kx} * window.dilation_w * kColumnBytes;
        repeat<kPixels>([&](auto p) __attribute__((always_inline)) {
          Ints codes[2];
          read_vectors(codes, column + std::ptrdiff_t{p} * window.stride_w * kColumnBytes);
          repeat<kVectors>([&](auto i) __attribute__((always_inline)) { Vector::dot(acc[p][i], codes[i % 2], w[i]); });
        });
      }
    repeat<kPixels>([&](auto p) __attribute__((always_inline)) { finish<Types>(strip, x + p, acc[p]); });
  }

  /// Requantizes and stores output pixel x of the strip.
  template <class Types>
  [[gnu::always_inline]] static void finish(const Strip& strip, int x, const Ints (&acc)[kPlanes<Types> * 2]) {
    const Epilogue& epilogue = strip.params.epilogue;
    Ints offset[2] = {};
    if (strip.residual != nullptr)
      with_codes(
          epilogue.residual_element, [&]<class T>(T) __attribute__((always_inline)) {
            const T* codes =
                reinterpret_cast<const T*>(strip.residual) + std::ptrdiff_t{x} * epilogue.residual_pixel_stride;
            Vector::interleave(Vector::load(codes, strip.count), Vector::fill16(0), offset);
            for (Ints& o : offset) o = Vector::add32(o, strip.residual_zero_point);
          });
    Ints integer[2];
    repeat<2>([&](auto j) __attribute__((always_inline)) {
      integer[j] = Vector::add32(scaled<Types, j>(strip, acc, offset[j]), strip.zero_point);
    });
    const Ints codes = Vector::clamp(Vector::pack(integer[0], integer[1]), strip.lo, strip.hi);
    with_codes(
        strip.params.out.element, [&]<class T>(T) __attribute__((always_inline)) {
          T* out = reinterpret_cast<T*>(strip.out) + std::ptrdiff_t{x} * strip.params.out.pixel_stride;
          if (strip.table == nullptr) return Vector::store(out, codes, strip.count);
          uint16_t code[kLanes];
          std::memcpy(code, &codes, sizeof code);
          const T* table = reinterpret_cast<const T*>(strip.table);
          for (int c = 0, count = strip.count; c < count; ++c) out[c] = table[code[c]];
        });
  }

  /// The nearest integers to the scaled accumulators of vector j, with the residual's offset.
  template <class Types, int j>
  [[gnu::always_inline]] static Ints scaled(const Strip& strip, const Ints (&acc)[kPlanes<Types> * 2], Ints offset) {
    const float residual_scale = strip.params.epilogue.residual_scale;
    const std::byte *bias = strip.packed, *scale = strip.packed + kHeader / 2;
    if constexpr (Types::kWide) {
      typename Vector::Doubles real[2] = {Vector::low(acc[j]), Vector::high(acc[j])}, b[2], s[2];
      if constexpr (kPlanes<Types> == 2) {
        real[0] = real[0] + Vector::low(acc[2 + j]) * 256.0;
        real[1] = real[1] + Vector::high(acc[2 + j]) * 256.0;
      }
      read_vectors(b, bias + j * sizeof b);
      read_vectors(s, scale + j * sizeof s);
      for (int h = 0; h < 2; ++h) real[h] = (real[h] + b[h]) * s[h];
      if (strip.residual != nullptr) {
        real[0] = real[0] + Vector::low(offset) * double{residual_scale};
        real[1] = real[1] + Vector::high(offset) * double{residual_scale};
      }
      return Vector::rounded(real[0], real[1]);
    } else {
      typename Vector::Floats s;
      std::memcpy(&s, scale + j * sizeof s, sizeof s);
      typename Vector::Floats real = Vector::floats(acc[j]) * s;
      if (strip.residual != nullptr) real = real + Vector::floats(offset) * residual_scale;
      return Vector::rounded(real);
    }
  }
};

}  // namespace
}  // namespace graupel
