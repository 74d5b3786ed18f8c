// Depthwise convolution with AVX2 under 3x3 windows, 16 channels at a time: two taps are interleaved byte by byte,
// widened to u16, and multiplied and added by vpmaddwd, which is exact. The wide kernel takes other windows.
#include "kernels/depthwise/depthwise_kernels.h"

#if defined(__x86_64__)

#include <cstring>

#include "kernels/epilogue_avx2.h"

namespace graupel {
namespace {

constexpr int kLanes = 16;    ///< channels in a chunk
constexpr int kHeader = 128;  ///< bytes of a packed chunk before its weights: s32 bias[16], f32 scale[16]
constexpr int kTaps = 9;

bool accepts(const DepthwiseParams& params) {
  const Window2d& w = params.window;
  return is_narrow(params) && w.kernel_w == 3 && w.kernel_h == 3 && w.dilation_w == 1 && w.stride_w <= 2;
}

int chunks(const DepthwiseParams& params) { return (params.out.c + kLanes - 1) / kLanes; }

/// The place of a tap among the pairs: rows 0 and 1 of a column, then row 2 alone.
int place(int tap) { return tap % 3 * 4 + tap / 3; }

/// The header, then s16 [pair of taps][16 channels][2 taps]; a missing tap has zero weights.
constexpr std::size_t kChunkBytes = kHeader + 6 * 64;

std::size_t packed_bytes(const DepthwiseParams& params) { return chunks(params) * kChunkBytes; }

void pack(const DepthwiseParams& params, const std::byte* constants, std::byte* packed) {
  std::memset(packed, 0, packed_bytes(params));
  const auto* bias = at<int32_t>(constants, params.bias);
  const auto* scale = at<float>(constants, params.epilogue.scale);
  const auto* weights = at<int8_t>(constants, params.weights);
  for (int channel = 0; channel < params.out.c; ++channel) {
    std::byte* chunk = packed + channel / kLanes * kChunkBytes;
    const int lane = channel % kLanes;
    std::memcpy(chunk + lane * 4, bias + channel, 4);
    std::memcpy(chunk + 64 + lane * 4, scale + channel, 4);
    for (int tap = 0; tap < kTaps; ++tap) {
      const int16_t weight = weights[std::ptrdiff_t(tap) * params.out.c + channel];
      const int at_pair = place(tap);
      std::memcpy(chunk + kHeader + at_pair / 2 * 64 + lane * 4 + at_pair % 2 * 2, &weight, 2);
    }
  }
}

[[gnu::always_inline]] inline __m256i load(const std::byte* bytes) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes));
}

/// A pixel of in_zero_point, for the padding.
std::size_t scratch_bytes(const DepthwiseParams& params) { return static_cast<std::size_t>(params.in.c); }

/// 16 channels of one output row, under a 3x3 window.
struct Strip {
  const std::byte* packed;
  int count;  ///< channels
  const uint8_t* row[3];
  std::ptrdiff_t step[3];  ///< 0 in the padding, whose row is `padding`
  const uint8_t* padding;
  int width, in_width, left;  ///< `left`: the column under output pixel 0
  uint8_t* out;
  std::ptrdiff_t out_step;
  const uint8_t* residual;  ///< or null
  std::ptrdiff_t residual_step;
};

/// Each column is widened once and given to the outputs that it touches, whose accumulators rotate through registers.
template <int kStride, bool kFull>
struct Columns {
  using Sums = __m256i[2];
  using Column = __m256i[4];  ///< rows 0 and 1 of channels 0-7 and 8-15, then row 2
  const Strip& strip;
  const EpilogueAvx2& epilogue;

  [[gnu::always_inline]] int count() const { return kFull ? kLanes : strip.count; }

  [[gnu::always_inline]] void load_column(int ix, Column& column) const {
    const bool inside = static_cast<unsigned>(ix) < static_cast<unsigned>(strip.in_width);
    const auto row = [&](int j) {
      return load_avx2(inside ? strip.row[j] + ix * strip.step[j] : strip.padding, count());
    };
    const __m128i first = row(0), second = row(1), third = row(2);
    column[0] = _mm256_cvtepu8_epi16(_mm_unpacklo_epi8(first, second));
    column[1] = _mm256_cvtepu8_epi16(_mm_unpackhi_epi8(first, second));
    column[2] = _mm256_cvtepu8_epi32(third);
    column[3] = _mm256_cvtepu8_epi32(_mm_srli_si128(third, 8));
  }

  [[gnu::always_inline]] void begin(Sums& sums) const {
    sums[0] = load(strip.packed);
    sums[1] = load(strip.packed + 32);
  }

  template <int kx>
  [[gnu::always_inline]] void add(Sums& sums, const Column& column) const {
    const std::byte* weights = strip.packed + kHeader + kx * 128;
    for (int half = 0; half < 2; ++half) {
      sums[half] = _mm256_add_epi32(sums[half], _mm256_madd_epi16(column[half], load(weights + half * 32)));
      sums[half] = _mm256_add_epi32(sums[half], _mm256_madd_epi16(column[2 + half], load(weights + 64 + half * 32)));
    }
  }

  [[gnu::always_inline]] void finish(int x, const Sums& sums) const {
    finish_avx2(epilogue, sums[0], sums[1], reinterpret_cast<const float*>(strip.packed + 64), count(),
                epilogue.residual ? strip.residual + x * strip.residual_step : nullptr, strip.out + x * strip.out_step);
  }

  /// The columns that end output x; `next` are those that it shares with the outputs after it.
  [[gnu::always_inline]] void step(int x, Sums& now, Sums& next, Sums& newest) const {
    Column column;
    if constexpr (kStride == 1) {
      load_column(strip.left + x + 2, column);
      add<2>(now, column);
      add<1>(next, column);
      begin(newest);
      add<0>(newest, column);
    } else {
      load_column(strip.left + 2 * x + 1, column);
      add<1>(now, column);
      load_column(strip.left + 2 * x + 2, column);
      add<2>(now, column);
      begin(next);
      add<0>(next, column);
    }
    finish(x, now);
  }

  static void run(const Strip& shared, const EpilogueAvx2& epilogue) {
    const Strip strip = shared;
    const Columns self = {strip, epilogue};
    Sums a, b, c;
    Column column;
    self.begin(a);
    self.load_column(strip.left, column);
    self.template add<0>(a, column);
    if constexpr (kStride == 1) {
      self.begin(b);
      self.load_column(strip.left + 1, column);
      self.template add<1>(a, column);
      self.template add<0>(b, column);
    }
    int x = 0;
    for (; x + 3 <= strip.width; x += 3) {
      self.step(x, a, b, c);
      self.step(x + 1, b, c, a);
      self.step(x + 2, c, a, b);
    }
    if (x < strip.width) self.step(x, a, b, c);
    if (x + 1 < strip.width) self.step(x + 1, b, c, a);
  }
};

void run_columns(const DepthwiseParams& params, const KernelArgs& args, const EpilogueAvx2& epilogue,
                 const uint8_t* padding, int y) {
  const Window2d& window = params.window;
  const std::ptrdiff_t pixel = std::ptrdiff_t(y) * params.out.w;
  for (int first = 0; first < params.out.c; first += kLanes) {
    Strip strip;
    strip.packed = args.packed + first / kLanes * kChunkBytes;
    strip.count = params.out.c - first < kLanes ? params.out.c - first : kLanes;
    for (int ky = 0; ky < 3; ++ky) {
      const int iy = y * window.stride_h - window.pad_top + ky * window.dilation_h;
      const bool inside = iy >= 0 && iy < params.in.h;
      const auto* source = reinterpret_cast<const uint8_t*>(args.src[0]) + first;
      strip.row[ky] = inside ? source + std::ptrdiff_t(iy) * params.in.w * params.in.pixel_stride : padding;
      strip.step[ky] = inside ? params.in.pixel_stride : 0;
    }
    strip.padding = padding;
    strip.width = params.out.w;
    strip.in_width = params.in.w;
    strip.left = -window.pad_left;
    strip.out_step = params.out.pixel_stride;
    strip.out = reinterpret_cast<uint8_t*>(args.dst) + pixel * strip.out_step + first;
    strip.residual = nullptr;
    strip.residual_step = params.epilogue.residual_pixel_stride;
    if (epilogue.residual)
      strip.residual = reinterpret_cast<const uint8_t*>(args.src[1]) + pixel * strip.residual_step + first;
    const bool full = strip.count == kLanes;
    if (window.stride_w == 1) {
      (full ? Columns<1, true>::run : Columns<1, false>::run)(strip, epilogue);
    } else {
      (full ? Columns<2, true>::run : Columns<2, false>::run)(strip, epilogue);
    }
  }
}

void run(const DepthwiseParams& params, const KernelArgs& args, const Tile& tile) {
  const EpilogueAvx2 epilogue(params.epilogue, args.constants);
  auto* padding = reinterpret_cast<uint8_t*>(args.scratch);
  std::memset(padding, params.in_zero_point, params.in.c);
  for (int y = tile.row_begin; y < tile.row_end; ++y) run_columns(params, args, epilogue, padding, y);
}

}  // namespace

const Kernel<DepthwiseParams> kDepthwiseAvx2 = {.name = "avx2",
                                                .isa = Isa::kAvx2,
                                                .run = run,
                                                .accepts = accepts,
                                                .packed_bytes = packed_bytes,
                                                .pack = pack,
                                                .scratch_bytes = scratch_bytes};

}  // namespace graupel

#endif
