// Depthwise convolution with AVX-512 VNNI, 64 channels at a time. Four vertical taps are interleaved byte by byte, so
// that one dword holds what one channel needs from a column; one vpdpbusd then adds a column of the kernel.
#include "kernels/depthwise/depthwise_kernels.h"

#if defined(__x86_64__)

#include <cstring>

#include "kernels/epilogue_avx512.h"
#include "kernels/repeat.h"

namespace graupel {
namespace {

constexpr int kLanes = 64;  ///< channels in a chunk
constexpr int kDepth = 4;   ///< taps in a dword

/// What the 64 lanes of a chunk are.
enum class Lanes {
  kFull,    ///< 64 channels
  kMasked,  ///< fewer channels; the other lanes idle
  kPair,    ///< at most 32 channels of two output rows
};

/// Channel order of the four accumulators of a chunk: the byte interleaving leaves channel 16 * l + 4 * j + i in lane
/// 4 * l + i of accumulator j, and the packing of the epilogue restores the order without a permutation.
int channel_of(int accumulator, int lane) { return lane / 4 * 16 + accumulator * 4 + lane % 4; }

int chunks(const DepthwiseParams& params) { return (params.out.c + kLanes - 1) / kLanes; }
int depth_groups(const DepthwiseParams& params) { return (params.window.kernel_h + kDepth - 1) / kDepth; }

/// Lanes of a chunk before they repeat: a last chunk of at most 32 channels holds them twice, for two rows.
int lanes(const DepthwiseParams& params, int chunk) {
  return params.out.c - chunk * kLanes <= kLanes / 2 ? kLanes / 2 : kLanes;
}

/// A packed chunk: s32 bias[4][16], f32 scale[4][16], then for each group of four kernel rows and each kernel column
/// s8 [4 accumulators][16 lanes][4 rows].
std::size_t chunk_bytes(const DepthwiseParams& params) {
  return 512 + std::size_t(depth_groups(params)) * params.window.kernel_w * 256;
}

std::size_t packed_bytes(const DepthwiseParams& params) { return chunks(params) * chunk_bytes(params); }

void pack(const DepthwiseParams& params, const std::byte* constants, std::byte* packed) {
  const Window2d& window = params.window;
  std::memset(packed, 0, packed_bytes(params));
  const auto* bias = at<int32_t>(constants, params.bias);
  const auto* scale = at<float>(constants, params.epilogue.scale);
  const auto* weights = at<int8_t>(constants, params.weights);
  for (int chunk = 0; chunk < chunks(params); ++chunk, packed += chunk_bytes(params))
    for (int slot = 0; slot < kLanes; ++slot) {
      const int channel = chunk * kLanes + channel_of(slot / 16, slot % 16) % lanes(params, chunk);
      if (channel >= params.out.c) continue;
      std::memcpy(packed + slot * 4, bias + channel, 4);
      std::memcpy(packed + 256 + slot * 4, scale + channel, 4);
      for (int ky = 0; ky < window.kernel_h; ++ky)
        for (int kx = 0; kx < window.kernel_w; ++kx)
          std::memcpy(packed + 512 + (ky / kDepth * window.kernel_w + kx) * 256 + slot * 4 + ky % kDepth,
                      weights + (std::ptrdiff_t(ky) * window.kernel_w + kx) * params.out.c + channel, 1);
    }
}

/// What four kernel rows read: row bases at the chunk's first channel. In the padding `step` is 0 and the base is a
/// vector of in_zero_point.
struct Rows {
  const uint8_t* base[kDepth];
  std::ptrdiff_t step[kDepth];
};

/// One chunk of one output row, or of two.
struct Strip {
  const std::byte* packed;
  __mmask64 mask;          ///< the chunk's channels
  const uint8_t* padding;  ///< 64 times in_zero_point
  int width, in_width;
  uint8_t* out;  ///< the chunk's first channel of output pixel 0
  std::ptrdiff_t out_step, out_row;
  const uint8_t* residual;  ///< or null
  std::ptrdiff_t residual_step, residual_row;
  const Rows* rows;  ///< for each group of four kernel rows: those of the output row, then those of the next
};

Rows rows_of(const DepthwiseParams& params, const uint8_t* source, const uint8_t* padding, int y, int group) {
  const Window2d& window = params.window;
  Rows rows;
  for (int j = 0; j < kDepth; ++j) {
    const int ky = group * kDepth + j;
    const int iy = y * window.stride_h - window.pad_top + ky * window.dilation_h;
    const bool inside = ky < window.kernel_h && iy >= 0 && iy < params.in.h;
    rows.base[j] = inside ? source + std::ptrdiff_t(iy) * params.in.w * params.in.pixel_stride : padding;
    rows.step[j] = inside ? params.in.pixel_stride : 0;
  }
  return rows;
}

/// Interleaves four taps; channels in the order of channel_of.
[[gnu::always_inline]] inline void interleave(__m512i a, __m512i b, __m512i c, __m512i d, __m512i (&column)[4]) {
  const __m512i ab_low = _mm512_unpacklo_epi8(a, b), ab_high = _mm512_unpackhi_epi8(a, b);
  const __m512i cd_low = _mm512_unpacklo_epi8(c, d), cd_high = _mm512_unpackhi_epi8(c, d);
  column[0] = _mm512_unpacklo_epi16(ab_low, cd_low);
  column[1] = _mm512_unpackhi_epi16(ab_low, cd_low);
  column[2] = _mm512_unpacklo_epi16(ab_high, cd_high);
  column[3] = _mm512_unpackhi_epi16(ab_high, cd_high);
}

/// The chunk's codes of one pixel, or of a pixel in each row.
template <Lanes kWhat>
[[gnu::always_inline]] inline __m512i load(__mmask64 mask, const uint8_t* codes, const uint8_t* next) {
  if constexpr (kWhat == Lanes::kFull) return _mm512_loadu_si512(codes);
  if constexpr (kWhat == Lanes::kMasked) return _mm512_maskz_loadu_epi8(mask, codes);
  const auto half = static_cast<__mmask32>(mask);
  return _mm512_inserti64x4(_mm512_castsi256_si512(_mm256_maskz_loadu_epi8(half, codes)),
                            _mm256_maskz_loadu_epi8(half, next), 1);
}

/// Input column `ix` under the rows, of which the first kHeight exist; the others meet zero weights.
template <int kHeight, Lanes kWhat>
[[gnu::always_inline]] inline void load_column(const Strip& strip, const Rows* rows, int ix, __m512i (&column)[4]) {
  __m512i tap[kDepth];
  const bool inside = static_cast<unsigned>(ix) < static_cast<unsigned>(strip.in_width);
  repeat<kDepth>([&](auto j) __attribute__((always_inline)) {
    if constexpr (j >= kHeight) {
      tap[j] = _mm512_setzero_si512();
    } else {
      const uint8_t* codes = inside ? rows[0].base[j] + ix * rows[0].step[j] : strip.padding;
      const uint8_t* next = codes;
      if constexpr (kWhat == Lanes::kPair) next = inside ? rows[1].base[j] + ix * rows[1].step[j] : strip.padding;
      tap[j] = load<kWhat>(strip.mask, codes, next);
    }
  });
  interleave(tap[0], tap[1], tap[2], tap[3], column);
}

/// Requantizes and stores output pixel x of the strip.
template <bool kResidual, Lanes kWhat>
[[gnu::always_inline]] inline void finish(const Strip& strip, const EpilogueAvx512& epilogue, int x,
                                          const __m512i (&acc)[4]) {
  const std::byte* scale = strip.packed + 256;
  __m512i v[4];
  if constexpr (kResidual) {
    const __m512i zero = _mm512_setzero_si512();
    const uint8_t* residual = strip.residual + x * strip.residual_step;
    __m512i wide[4];
    interleave(load<kWhat>(strip.mask, residual, residual + strip.residual_row), zero, zero, zero, wide);
    repeat<4>([&](auto j) __attribute__((always_inline)) {
      v[j] = added_avx512(epilogue, acc[j], _mm512_loadu_ps(scale + j * 64), wide[j]);
    });
  } else {
    repeat<4>([&](auto j)
                  __attribute__((always_inline)) { v[j] = scaled_avx512(acc[j], _mm512_loadu_ps(scale + j * 64)); });
  }
  const __m512i codes = finish_avx512(epilogue, pack_avx512(epilogue, v[0], v[1], v[2], v[3]));
  uint8_t* out = strip.out + x * strip.out_step;
  if constexpr (kWhat == Lanes::kFull) {
    _mm512_storeu_si512(out, codes);
  } else if constexpr (kWhat == Lanes::kMasked) {
    _mm512_mask_storeu_epi8(out, strip.mask, codes);
  } else {
    const auto half = static_cast<__mmask32>(strip.mask);
    _mm256_mask_storeu_epi8(out, half, _mm512_castsi512_si256(codes));
    _mm256_mask_storeu_epi8(out + strip.out_row, half, _mm512_extracti64x4_epi64(codes, 1));
  }
}

/// Any window: kPixels neighbours share each load of weights.
template <bool kResidual, Lanes kWhat>
struct General {
  static constexpr int kPixels = 4;

  template <int kCount>
  [[gnu::always_inline]] static void tile(const Strip& strip, const EpilogueAvx512& epilogue, const Window2d& window,
                                          int x) {
    __m512i acc[kCount][4];
    repeat<kCount * 4>([&](auto i) __attribute__((always_inline)) {
      acc[i / 4][i % 4] = _mm512_loadu_si512(strip.packed + i % 4 * 64);
    });
    const std::byte* weights = strip.packed + 512;
    for (int group = 0; group * kDepth < window.kernel_h; ++group)
      for (int kx = 0; kx < window.kernel_w; ++kx, weights += 256) {
        const int ix = x * window.stride_w - window.pad_left + kx * window.dilation_w;
        __m512i w[4];
        repeat<4>([&](auto j) __attribute__((always_inline)) { w[j] = _mm512_loadu_si512(weights + j * 64); });
        repeat<kCount>([&](auto p) __attribute__((always_inline)) {
          __m512i column[4];
          load_column<kDepth, kWhat>(strip, strip.rows + group * 2, ix + p * window.stride_w, column);
          repeat<4>([&](auto j) __attribute__((always_inline)) { dot_avx512(acc[p][j], column[j], w[j]); });
        });
      }
    repeat<kCount>([&](auto p)
                       __attribute__((always_inline)) { finish<kResidual, kWhat>(strip, epilogue, x + p, acc[p]); });
  }

  static void run(const Strip& shared, const EpilogueAvx512& shared_epilogue, const Window2d& window) {
    const Strip strip = shared;
    const EpilogueAvx512 epilogue = shared_epilogue;
    int x = 0;
    for (; x + kPixels <= strip.width; x += kPixels) tile<kPixels>(strip, epilogue, window, x);
    for (; x < strip.width; ++x) tile<1>(strip, epilogue, window, x);
  }
};

/// Windows 3 wide, up to 4 high, without dilation: each column is interleaved once and given to the outputs it touches,
/// whose accumulators rotate through registers.
template <int kStride, int kHeight, bool kResidual, Lanes kWhat>
struct Width3 {
  const Strip& strip;
  const EpilogueAvx512& epilogue;
  const Rows* rows;
  __m512i weights[12];

  [[gnu::always_inline]] void begin(__m512i (&acc)[4]) const {
    repeat<4>([&](auto j) __attribute__((always_inline)) { acc[j] = _mm512_loadu_si512(strip.packed + j * 64); });
  }
  template <int kx>
  [[gnu::always_inline]] void add(__m512i (&acc)[4], const __m512i (&column)[4]) const {
    repeat<4>([&](auto j) __attribute__((always_inline)) { dot_avx512(acc[j], column[j], weights[kx * 4 + j]); });
  }

  /// Stride 1: the column completes output x, and is the middle of the next and the first of the one after.
  [[gnu::always_inline]] void step(int ix, int x, __m512i (&oldest)[4], __m512i (&middle)[4],
                                   __m512i (&newest)[4]) const {
    __m512i column[4];
    load_column<kHeight, kWhat>(strip, rows, ix, column);
    add<2>(oldest, column);
    finish<kResidual, kWhat>(strip, epilogue, x, oldest);
    add<1>(middle, column);
    begin(newest);
    add<0>(newest, column);
  }

  /// Stride 2: one column for output x alone, and one that it shares with the next.
  [[gnu::always_inline]] void step(int ix, int x, __m512i (&now)[4], __m512i (&next)[4]) const {
    __m512i column[4];
    load_column<kHeight, kWhat>(strip, rows, ix, column);
    add<1>(now, column);
    load_column<kHeight, kWhat>(strip, rows, ix + 1, column);
    add<2>(now, column);
    finish<kResidual, kWhat>(strip, epilogue, x, now);
    begin(next);
    add<0>(next, column);
  }

  static void run(const Strip& shared, const EpilogueAvx512& shared_epilogue, const Window2d& window) {
    const Strip strip = shared;
    const EpilogueAvx512 epilogue = shared_epilogue;
    Rows rows[2] = {strip.rows[0], {}};
    if constexpr (kWhat == Lanes::kPair) rows[1] = strip.rows[1];
    Width3 self = {strip, epilogue, rows, {}};
    repeat<12>([&](auto i) __attribute__((always_inline)) {
      self.weights[i] = _mm512_loadu_si512(strip.packed + 512 + i * 64);
    });
    const int width = strip.width, left = -window.pad_left;
    __m512i a[4], b[4], c[4], column[4];
    self.begin(a);
    load_column<kHeight, kWhat>(strip, rows, left, column);
    self.template add<0>(a, column);
    int x = 0;
    if constexpr (kStride == 1) {
      self.begin(b);
      load_column<kHeight, kWhat>(strip, rows, left + 1, column);
      self.template add<1>(a, column);
      self.template add<0>(b, column);
      const int ahead = left + 2;
      for (; x + 3 <= width; x += 3) {
        self.step(ahead + x, x, a, b, c);
        self.step(ahead + x + 1, x + 1, b, c, a);
        self.step(ahead + x + 2, x + 2, c, a, b);
      }
      if (x < width) self.step(ahead + x, x, a, b, c);
      if (x + 1 < width) self.step(ahead + x + 1, x + 1, b, c, a);
    } else {
      const int ahead = left + 1;
      for (; x + 2 <= width; x += 2) {
        self.step(ahead + 2 * x, x, a, b);
        self.step(ahead + 2 * x + 2, x + 1, b, a);
      }
      if (x < width) self.step(ahead + 2 * x, x, a, b);
    }
  }
};

using StripFunction = void (*)(const Strip&, const EpilogueAvx512&, const Window2d&);

template <bool kResidual, Lanes kWhat>
StripFunction choose(const Window2d& w) {
  const bool narrow = w.kernel_w == 3 && w.kernel_h <= kDepth && w.dilation_w == 1;
  if (narrow && w.stride_w == 1)
    return w.kernel_h == 3 ? Width3<1, 3, kResidual, kWhat>::run : Width3<1, 4, kResidual, kWhat>::run;
  if (narrow && w.stride_w == 2)
    return w.kernel_h == 3 ? Width3<2, 3, kResidual, kWhat>::run : Width3<2, 4, kResidual, kWhat>::run;
  return General<kResidual, kWhat>::run;
}

template <bool kResidual>
StripFunction choose(const Window2d& window, Lanes what) {
  if (what == Lanes::kFull) return choose<kResidual, Lanes::kFull>(window);
  return what == Lanes::kPair ? choose<kResidual, Lanes::kPair>(window) : choose<kResidual, Lanes::kMasked>(window);
}

/// The vector of in_zero_point, then the Rows of every group, for two output rows.
std::size_t scratch_bytes(const DepthwiseParams& params) { return kLanes + depth_groups(params) * 2 * sizeof(Rows); }

/// Output row y of a chunk; with kPair also the next.
void run_chunk(const DepthwiseParams& params, const KernelArgs& args, const EpilogueAvx512& epilogue, int y, int chunk,
               Lanes what) {
  const auto* padding = reinterpret_cast<const uint8_t*>(args.scratch);
  auto* rows = reinterpret_cast<Rows*>(args.scratch + kLanes);
  const int first = chunk * kLanes, count = params.out.c - first;
  const auto* source = reinterpret_cast<const uint8_t*>(args.src[0]) + first;
  for (int group = 0; group < depth_groups(params); ++group) {
    rows[group * 2] = rows_of(params, source, padding, y, group);
    if (what == Lanes::kPair) rows[group * 2 + 1] = rows_of(params, source, padding, y + 1, group);
  }
  const std::ptrdiff_t pixel = std::ptrdiff_t(y) * params.out.w;
  Strip strip;
  strip.packed = args.packed + chunk * chunk_bytes(params);
  strip.mask = count >= kLanes ? ~__mmask64{0} : (__mmask64{1} << count) - 1;
  strip.padding = padding;
  strip.width = params.out.w;
  strip.in_width = params.in.w;
  strip.out_step = params.out.pixel_stride;
  strip.out_row = strip.out_step * strip.width;
  strip.out = reinterpret_cast<uint8_t*>(args.dst) + pixel * strip.out_step + first;
  strip.residual = nullptr;
  strip.residual_step = params.epilogue.residual_pixel_stride;
  strip.residual_row = strip.residual_step * strip.width;
  if (epilogue.residual)
    strip.residual = reinterpret_cast<const uint8_t*>(args.src[1]) + pixel * strip.residual_step + first;
  strip.rows = rows;
  const auto function = epilogue.residual ? choose<true>(params.window, what) : choose<false>(params.window, what);
  function(strip, epilogue, params.window);
}

void run(const DepthwiseParams& params, const KernelArgs& args, const Tile& tile) {
  const EpilogueAvx512 epilogue(params.epilogue, args.constants);
  std::memset(args.scratch, params.in_zero_point, kLanes);
  for (int y = tile.row_begin; y < tile.row_end; ++y)
    for (int chunk = 0; chunk < chunks(params); ++chunk) {
      const bool second = (y - tile.row_begin) % 2 == 1, pairs = lanes(params, chunk) < kLanes;
      if (pairs && second) continue;  // with the row before
      const bool full = params.out.c - chunk * kLanes >= kLanes;
      run_chunk(params, args, epilogue, y, chunk,
                full                            ? Lanes::kFull
                : pairs && y + 1 < tile.row_end ? Lanes::kPair
                                                : Lanes::kMasked);
    }
}

}  // namespace

const Kernel<DepthwiseParams> kDepthwiseAvx512 = {
    .name = "avx512",
    .isa = Isa::kAvx512,
    .run = run,
    .accepts = [](const DepthwiseParams& params) { return is_narrow(params); },
    .packed_bytes = packed_bytes,
    .pack = pack,
    .scratch_bytes = scratch_bytes};

}  // namespace graupel

#endif
