// Depthwise convolution with AVX-512 VNNI, 64 channels at a time. Four vertical taps are interleaved byte by byte, so
// that one dword holds what one channel needs from a column; one vpdpbusd then adds a column of the kernel.
#include "kernels/depthwise/depthwise_kernels.h"

#if defined(__x86_64__)

#include <cstring>

#include "kernels/epilogue_avx512.h"
#include "kernels/repeat.h"

namespace graupel {
namespace {

constexpr int kLanes = 64;       ///< channels in a chunk
constexpr int kDepth = 4;        ///< taps in a dword
constexpr int kMaxUnrolled = 3;  ///< kernel width that is kept in registers

/// Channel order of the four accumulators of a chunk: the byte interleaving leaves channel 16 * l + 4 * j + i in lane
/// 4 * l + i of accumulator j, and the packing of the epilogue restores the order without a permutation.
int channel_of(int accumulator, int lane) { return lane / 4 * 16 + accumulator * 4 + lane % 4; }

int chunks(const DepthwiseParams& params) { return (params.out.c + kLanes - 1) / kLanes; }
int depth_groups(const DepthwiseParams& params) { return (params.window.kernel_h + kDepth - 1) / kDepth; }

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
      const int channel = chunk * kLanes + channel_of(slot / 16, slot % 16);
      if (channel >= params.out.c) continue;
      std::memcpy(packed + slot * 4, bias + channel, 4);
      std::memcpy(packed + 256 + slot * 4, scale + channel, 4);
      for (int ky = 0; ky < window.kernel_h; ++ky)
        for (int kx = 0; kx < window.kernel_w; ++kx)
          std::memcpy(packed + 512 + (ky / kDepth * window.kernel_w + kx) * 256 + slot * 4 + ky % kDepth,
                      weights + (std::ptrdiff_t(ky) * window.kernel_w + kx) * params.out.c + channel, 1);
    }
}

/// What four kernel rows read from one input column: row bases, null in the padding.
struct Rows {
  const uint8_t* base[kDepth];
};

/// One chunk of one output row.
struct Strip {
  const DepthwiseParams* params;
  const std::byte* packed;
  __mmask64 mask;   ///< the chunk's channels
  __m512i padding;  ///< in_zero_point everywhere
  int y, width;
  const uint8_t* source;    ///< the chunk's first channel in pixel (0, 0)
  uint8_t* out;             ///< the same of output pixel (y, 0)
  const uint8_t* residual;  ///< or null
};

/// The four kernel rows of group `group` under output row strip.y.
Rows rows_of(const Strip& strip, int group) {
  const DepthwiseParams& params = *strip.params;
  const Window2d& window = params.window;
  Rows rows;
  for (int j = 0; j < kDepth; ++j) {
    const int ky = group * kDepth + j;
    const int iy = strip.y * window.stride_h - window.pad_top + ky * window.dilation_h;
    const bool inside = ky < window.kernel_h && iy >= 0 && iy < params.in.h;
    rows.base[j] = inside ? strip.source + std::ptrdiff_t(iy) * params.in.w * params.in.pixel_stride : nullptr;
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

/// Input column `ix` under the rows. kDepthUsed rows exist; the others meet zero weights.
template <int kDepthUsed>
[[gnu::always_inline]] inline void load_column(const Strip& strip, const Rows& rows, int ix, __m512i (&column)[4]) {
  const bool inside = ix >= 0 && ix < strip.params->in.w;
  const std::ptrdiff_t offset = inside ? std::ptrdiff_t(ix) * strip.params->in.pixel_stride : 0;
  __m512i tap[kDepth];
  repeat<kDepth>([&](auto j) __attribute__((always_inline)) {
    if constexpr (j >= kDepthUsed) {
      tap[j] = strip.padding;
    } else {
      tap[j] = inside && rows.base[j] != nullptr ? _mm512_maskz_loadu_epi8(strip.mask, rows.base[j] + offset)
                                                 : strip.padding;
    }
  });
  interleave(tap[0], tap[1], tap[2], tap[3], column);
}

[[gnu::always_inline]] inline void store(__mmask64 mask, uint8_t* out, __m512i codes) {
  if (mask == ~__mmask64{0}) return _mm512_storeu_si512(out, codes);
  _mm512_mask_storeu_epi8(out, mask, codes);
}

/// Requantizes and stores output pixel x of the strip.
template <bool kResidual>
[[gnu::always_inline]] inline void finish(const Strip& strip, const EpilogueAvx512& epilogue, int x,
                                          const __m512i (&acc)[4]) {
  const std::byte* scale = strip.packed + 256;
  __m512i v[4];
  if constexpr (kResidual) {
    const __m512i codes = _mm512_maskz_loadu_epi8(
        strip.mask, strip.residual + std::ptrdiff_t(x) * strip.params->epilogue.residual_pixel_stride);
    const __m512i zero = _mm512_setzero_si512();
    __m512i wide[4];
    interleave(codes, zero, zero, zero, wide);
    repeat<4>([&](auto j) __attribute__((always_inline)) {
      v[j] = added_avx512(epilogue, acc[j], _mm512_loadu_ps(scale + j * 64), wide[j]);
    });
  } else {
    repeat<4>([&](auto j)
                  __attribute__((always_inline)) { v[j] = scaled_avx512(acc[j], _mm512_loadu_ps(scale + j * 64)); });
  }
  const __m512i codes = finish_avx512(epilogue, pack_avx512(epilogue, v[0], v[1], v[2], v[3]));
  store(strip.mask, strip.out + std::ptrdiff_t(x) * strip.params->out.pixel_stride, codes);
}

/// Any window: one output pixel after the other.
template <bool kResidual>
void run_general(const Strip& strip, const EpilogueAvx512& epilogue) {
  const Window2d& window = strip.params->window;
  const int groups = depth_groups(*strip.params);
  for (int x = 0; x < strip.width; ++x) {
    __m512i acc[4];
    repeat<4>([&](auto j) { acc[j] = _mm512_loadu_si512(strip.packed + j * 64); });
    const std::byte* weights = strip.packed + 512;
    for (int group = 0; group < groups; ++group) {
      const Rows rows = rows_of(strip, group);
      for (int kx = 0; kx < window.kernel_w; ++kx, weights += 256) {
        __m512i column[4];
        load_column<kDepth>(strip, rows, x * window.stride_w - window.pad_left + kx * window.dilation_w, column);
        repeat<4>([&](auto j) { dot_avx512(acc[j], column[j], _mm512_loadu_si512(weights + j * 64)); });
      }
    }
    finish<kResidual>(strip, epilogue, x, acc);
  }
}

/// Windows 3 wide, up to 4 high, without dilation: each column is interleaved once and given to the outputs it touches,
/// whose accumulators rotate through registers.
template <int kStride, int kHeight, bool kResidual>
void run_width3(const Strip& strip, const EpilogueAvx512& shared) {
  const EpilogueAvx512 epilogue = shared;
  const Rows rows = rows_of(strip, 0);
  const int left = -strip.params->window.pad_left;
  __m512i weights[12], column[4];
  repeat<12>([&](auto i) { weights[i] = _mm512_loadu_si512(strip.packed + 512 + i * 64); });
  const auto begin = [&](__m512i(&acc)[4]) __attribute__((always_inline)) {
    repeat<4>([&](auto j) __attribute__((always_inline)) { acc[j] = _mm512_loadu_si512(strip.packed + j * 64); });
  };
  const auto add = [&](__m512i(&acc)[4], auto kx) __attribute__((always_inline)) {
    repeat<4>([&](auto j) __attribute__((always_inline)) { dot_avx512(acc[j], column[j], weights[kx * 4 + j]); });
  };
  using std::integral_constant;
  constexpr integral_constant<int, 0> kFirst;
  constexpr integral_constant<int, 1> kSecond;
  constexpr integral_constant<int, 2> kThird;
  if constexpr (kStride == 1) {
    __m512i oldest[4], middle[4], newest[4];
    begin(oldest), begin(middle);
    load_column<kHeight>(strip, rows, left, column);
    add(oldest, kFirst);
    load_column<kHeight>(strip, rows, left + 1, column);
    add(oldest, kSecond), add(middle, kFirst);
    for (int x = 0; x < strip.width; ++x) {
      load_column<kHeight>(strip, rows, left + x + 2, column);
      begin(newest);
      add(oldest, kThird), add(middle, kSecond), add(newest, kFirst);
      finish<kResidual>(strip, epilogue, x, oldest);
      repeat<4>([&](auto j) __attribute__((always_inline)) {
        oldest[j] = middle[j];
        middle[j] = newest[j];
      });
    }
  } else {
    __m512i now[4], next[4];
    begin(now);
    load_column<kHeight>(strip, rows, left, column);
    add(now, kFirst);
    for (int x = 0; x < strip.width; ++x) {
      load_column<kHeight>(strip, rows, left + 2 * x + 1, column);
      add(now, kSecond);
      load_column<kHeight>(strip, rows, left + 2 * x + 2, column);
      begin(next);
      add(now, kThird), add(next, kFirst);
      finish<kResidual>(strip, epilogue, x, now);
      repeat<4>([&](auto j) __attribute__((always_inline)) { now[j] = next[j]; });
    }
  }
}

using StripFunction = void (*)(const Strip&, const EpilogueAvx512&);

template <bool kResidual>
StripFunction choose(const Window2d& w) {
  const bool narrow = w.kernel_w == 3 && w.kernel_h <= kDepth && w.dilation_w == 1;
  if (narrow && w.stride_w == 1) return w.kernel_h == 3 ? run_width3<1, 3, kResidual> : run_width3<1, 4, kResidual>;
  if (narrow && w.stride_w == 2) return w.kernel_h == 3 ? run_width3<2, 3, kResidual> : run_width3<2, 4, kResidual>;
  return run_general<kResidual>;
}

void run(const DepthwiseParams& params, const KernelArgs& args, const Tile& tile) {
  const EpilogueAvx512 epilogue(params.epilogue, args.constants);
  const StripFunction function = epilogue.residual ? choose<true>(params.window) : choose<false>(params.window);
  Strip strip;
  strip.params = &params;
  strip.padding = _mm512_set1_epi8(static_cast<int8_t>(params.in_zero_point));
  strip.width = params.out.w;
  for (int y = tile.row_begin; y < tile.row_end; ++y) {
    const std::ptrdiff_t pixel = std::ptrdiff_t(y) * params.out.w;
    strip.y = y;
    for (int chunk = 0; chunk < chunks(params); ++chunk) {
      const int first = chunk * kLanes, count = params.out.c - first;
      strip.packed = args.packed + chunk * chunk_bytes(params);
      strip.mask = count >= kLanes ? ~__mmask64{0} : (__mmask64{1} << count) - 1;
      strip.source = reinterpret_cast<const uint8_t*>(args.src[0]) + first;
      strip.out = reinterpret_cast<uint8_t*>(args.dst) + pixel * params.out.pixel_stride + first;
      strip.residual = nullptr;
      if (epilogue.residual)
        strip.residual =
            reinterpret_cast<const uint8_t*>(args.src[1]) + pixel * params.epilogue.residual_pixel_stride + first;
      function(strip, epilogue);
    }
  }
}

}  // namespace

const Kernel<DepthwiseParams> kDepthwiseAvx512 = {
    .name = "avx512", .isa = Isa::kAvx512, .run = run, .packed_bytes = packed_bytes, .pack = pack};

}  // namespace graupel

#endif
