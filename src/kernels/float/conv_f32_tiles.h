// Direct float convolution over a vector type `Vec`, shared by the files that bring one (N10.1: bits of conv_f32_ref).
//
// Output channels are cut into panels of at most kPanel channels of one group; a panel's weights are packed as
// [kernel_h * kernel_w * group_in][vecs * lanes]. A register tile holds `pixels` x `vecs` accumulators of neighbours in
// a row and walks K in segments (stretches that are contiguous in the source). When the weights exceed L1, K is walked
// in chunks over all pixels of a row group and the accumulators rest in dst: the order of each output's steps stays.
// Windows that reach outside the image read rows copied with their zeros to scratch.
#pragma once

#include <algorithm>
#include <array>
#include <cstring>
#include <type_traits>
#include <utility>

#include "kernels/float/float.h"

namespace graupel {

/// f(0), f(1), … f(kCount - 1) with each index a compile-time constant.
template <int kCount, class F>
[[gnu::always_inline]] inline void unrolled(const F& f) {
  [&]<int... kIndex>(std::integer_sequence<int, kIndex...>) __attribute__((always_inline)) {
    (f(std::integral_constant<int, kIndex>{}), ...);
  }
  (std::make_integer_sequence<int, kCount>{});
}

/// How many equal parts of at most `most` cover `count`, and where part `index` begins.
static inline int32_t parts(int32_t count, int32_t most) { return (count + most - 1) / most; }
static inline int32_t part_begin(int32_t count, int32_t part_count, int32_t index) {
  return static_cast<int32_t>(int64_t{count} * index / part_count);
}

template <class Vec>
struct DirectConvF32 {
  using Reg = typename Vec::Reg;
  static constexpr int kLanes = Vec::kLanes;
  static constexpr int kMaxVecs = Vec::kMaxVecs;
  static constexpr int32_t kPanel = kLanes * kMaxVecs;
  static constexpr int kMaxPixels = *std::max_element(Vec::kPixels.begin(), Vec::kPixels.end());
  static constexpr int32_t kSegment = 96;
  static constexpr int32_t kWeightBytes = 24 << 10;   // of one chunk: half of L1
  static constexpr int64_t kSourceBytes = 256 << 10;  // of one row group: a part of L2

  struct Segment {
    int64_t offset;  // floats from the first tap of a pixel
    int64_t count;
  };

  struct Panel {
    int32_t channel, count, group, vecs;
    std::size_t weights;  // floats from the start of packed
  };

  struct Step {
    const Segment* segments;
    const Segment* segments_end;
    const float* src;
    int64_t src_step;  // bytes from pixel to pixel
    const float* weights;
    const float* bias;  // null: resume from dst
    const float* residual;
    float* dst;
    int64_t dst_step;  // floats
    bool finish;
    int tail;  // channels in the last vector
    float lo, hi;
  };

  struct Plan {
    bool padded, flat, dense;
    int32_t rows, in_rows, in_width;
    int64_t pixel_pitch, row_pitch;  // floats, of what the tiles read
    std::size_t segment_bytes, scratch_bytes;
  };

  static Plan plan(const ConvF32Params& p) {
    const Window2d& w = p.window;
    Plan plan{};
    const int32_t reach_h = (w.kernel_h - 1) * w.dilation_h + 1;
    plan.in_width = (p.out.w - 1) * w.stride_w + (w.kernel_w - 1) * w.dilation_w + 1;
    plan.padded =
        w.pad_top > 0 || w.pad_left > 0 || plan.in_width > p.in.w || (p.out.h - 1) * w.stride_h + reach_h > p.in.h;
    plan.flat =
        !plan.padded && w.kernel_h == 1 && w.kernel_w == 1 && w.stride_h == 1 && w.stride_w == 1 && p.in.w == p.out.w;
    plan.pixel_pitch = plan.padded ? p.in.c : p.in.pixel_stride;
    plan.row_pitch = plan.pixel_pitch * (plan.padded ? plan.in_width : p.in.w);
    plan.dense = p.groups == 1 && w.dilation_w == 1 && plan.pixel_pitch == p.in.c;
    const int64_t row_bytes = plan.row_pitch * w.stride_h * int64_t{sizeof(float)};
    plan.rows = static_cast<int32_t>(std::clamp<int64_t>(kSourceBytes / row_bytes, 1, p.out.h));
    plan.in_rows = (plan.rows - 1) * w.stride_h + reach_h;
    const int32_t group_in = p.in.c / p.groups;
    plan.segment_bytes =
        sizeof(Segment) * static_cast<std::size_t>(int64_t{w.kernel_h} * w.kernel_w * parts(group_in, kSegment));
    plan.segment_bytes = (plan.segment_bytes + 63) / 64 * 64;
    plan.scratch_bytes = plan.segment_bytes;
    if (plan.padded) plan.scratch_bytes += static_cast<std::size_t>(plan.row_pitch * plan.in_rows) * sizeof(float);
    return plan;
  }

  static int64_t depth(const ConvF32Params& p) {
    return int64_t{p.window.kernel_h} * p.window.kernel_w * (p.in.c / p.groups);
  }

  /// Calls f for the panels of the blocks in order.
  template <class F>
  static void for_panels(const ConvF32Params& p, int32_t block_begin, int32_t block_end, const F& f) {
    constexpr int32_t kBlock = ConvF32Params::kBlock;
    const int32_t group_out = p.out.c / p.groups;
    std::size_t weights = 0;
    for (int32_t channel = 0; channel < p.out.c;) {
      const int32_t group = channel / group_out;
      const int32_t end =
          std::min({p.out.c, (group + 1) * group_out, (channel / kBlock + 1) * kBlock, channel + kPanel});
      const int32_t vecs = parts(end - channel, kLanes);
      if (channel / kBlock >= block_begin && channel / kBlock < block_end)
        f(Panel{channel, end - channel, group, vecs, weights});
      weights += static_cast<std::size_t>(depth(p) * vecs * kLanes);
      channel = end;
    }
  }

  static std::size_t packed_bytes(const ConvF32Params& p) {
    std::size_t floats = 0;
    for_panels(p, 0, p.work().blocks,
               [&](const Panel& panel) { floats += static_cast<std::size_t>(depth(p) * panel.vecs * kLanes); });
    return floats * sizeof(float);
  }

  static void pack(const ConvF32Params& p, const float* weights, float* packed) {
    for_panels(p, 0, p.work().blocks, [&](const Panel& panel) {
      float* to = packed + panel.weights;
      for (int64_t k = 0; k < depth(p); ++k, to += panel.vecs * kLanes) {
        const float* from = weights + k * p.out.c + panel.channel;
        zero(copy(to, from, panel.count), panel.vecs * kLanes - panel.count);
      }
    });
  }

  static std::size_t scratch_bytes(const ConvF32Params& p) { return plan(p).scratch_bytes; }

  static const Segment* list_segments(const ConvF32Params& p, const Plan& plan, Segment* to) {
    const Window2d& w = p.window;
    const int32_t group_in = p.in.c / p.groups;
    const int32_t runs = plan.dense ? 1 : w.kernel_w;
    const int32_t length = plan.dense ? w.kernel_w * group_in : group_in;
    for (int32_t ky = 0; ky < w.kernel_h; ++ky) {
      for (int32_t run = 0; run < runs; ++run) {
        const int64_t offset = ky * w.dilation_h * plan.row_pitch + run * w.dilation_w * plan.pixel_pitch;
        const int32_t pieces = parts(length, kSegment);
        for (int32_t piece = 0; piece < pieces; ++piece) {
          const int32_t begin = part_begin(length, pieces, piece);
          *to++ = {offset + begin, part_begin(length, pieces, piece + 1) - begin};
        }
      }
    }
    return to;
  }

  // memcpy and memset, not std::copy and std::fill: their instances could be this file's instructions in a lesser ISA's
  // code.
  static float* copy(float* to, const float* from, int64_t count) {
    std::memcpy(to, from, sizeof(float) * static_cast<std::size_t>(count));
    return to + count;
  }
  static float* zero(float* to, int64_t count) {
    std::memset(to, 0, sizeof(float) * static_cast<std::size_t>(count));
    return to + count;
  }

  /// Copies the input rows that the output rows from `row` on read, zeros where they leave the image.
  static void copy_rows(const ConvF32Params& p, const Plan& plan, const float* src, int32_t row, float* to) {
    const int64_t left = std::min(p.window.pad_left, plan.in_width);
    const int64_t inside = std::min<int64_t>(p.in.w, plan.in_width - left);
    const int64_t right = plan.in_width - left - inside;
    for (int32_t r = 0; r < plan.in_rows; ++r, to += plan.row_pitch) {
      const int32_t iy = row * p.window.stride_h - p.window.pad_top + r;
      if (iy < 0 || iy >= p.in.h) {
        zero(to, plan.row_pitch);
        continue;
      }
      const float* from = src + int64_t{iy} * p.in.w * p.in.pixel_stride;
      float* at = zero(to, left * p.in.c);
      if (p.in.pixel_stride == p.in.c) {
        at = copy(at, from, inside * p.in.c);
      } else {
        for (int64_t x = 0; x < inside; ++x) at = copy(at, from + x * p.in.pixel_stride, p.in.c);
      }
      zero(at, right * p.in.c);
    }
  }

  template <int kVecs>
  [[gnu::always_inline]] static Reg load(const float* from, int v, int tail) {
    return v + 1 == kVecs ? Vec::load_tail(from + v * kLanes, tail) : Vec::load(from + v * kLanes);
  }

  /// The accumulators before a stretch of K: the bias, or what the last stretch left in dst.
  template <int kVecs, int kPixels>
  [[gnu::always_inline]] static void start(const Step& s, Reg (&acc)[kPixels][kVecs]) {
    if (s.bias != nullptr) {
      unrolled<kVecs>([&](auto v) {
        const Reg bias = load<kVecs>(s.bias, v, s.tail);
        unrolled<kPixels>([&](auto x) { acc[x][v] = bias; });
      });
    } else {
      unrolled<kPixels>([&](auto x) {
        const float* from = s.dst + x * s.dst_step;
        unrolled<kVecs>([&](auto v) { acc[x][v] = load<kVecs>(from, v, s.tail); });
      });
    }
  }

  template <int kVecs, int kPixels>
  [[gnu::always_inline]] static void finish(const Step& s, Reg (&acc)[kPixels][kVecs]) {
    if (s.finish && s.residual != nullptr) {
      unrolled<kPixels>([&](auto x) {
        const float* from = s.residual + x * s.dst_step;
        unrolled<kVecs>([&](auto v) { acc[x][v] = Vec::add(acc[x][v], load<kVecs>(from, v, s.tail)); });
      });
    }
    if (s.finish) {
      const Reg lo = Vec::set(s.lo), hi = Vec::set(s.hi);
      unrolled<kPixels>([&](auto x) { unrolled<kVecs>([&](auto v) { acc[x][v] = Vec::clamp(acc[x][v], lo, hi); }); });
    }
    float* to = s.dst;
    const int64_t to_step = s.dst_step;
    const int tail = s.tail;
    unrolled<kPixels>([&](auto x) {
      unrolled<kVecs>([&](auto v) {
        if (v + 1 == kVecs)
          Vec::store_tail(to + v * kLanes, acc[x][v], tail);
        else
          Vec::store(to + v * kLanes, acc[x][v]);
      });
      to += to_step;
    });
  }

  /// One register tile. Kept out of line so that the register allocator sees one loop nest.
  template <int kVecs, int kPixels>
  [[gnu::noinline]] static void tile(const Step& s) {
    Reg acc[kPixels][kVecs];
    start(s, acc);
    // Pixels are addressed as one of kPixels / 8 bases plus 0, 1, 2, 4 x {1, 3, 5, 7} steps.
    const int64_t step1 = s.src_step, step3 = 3 * step1, step5 = 5 * step1, step7 = 7 * step1;
    const float* weights = s.weights;
    for (const Segment* segment = s.segments; segment != s.segments_end; ++segment) {
      const char* base0 = reinterpret_cast<const char*>(s.src + segment->offset);
      const char* base1 = base0 + 8 * step1;
      for (int64_t k = segment->count; k > 0; --k) {
        Reg w[kVecs];
        unrolled<kVecs>([&](auto v) { w[v] = Vec::load(weights + v * kLanes); });
        unrolled<kPixels>([&](auto x) {
          constexpr int kIndex = x % 8;
          const char* base = x < 8 ? base0 : base1;
          const int64_t offset = kIndex == 0   ? 0
                                 : kIndex == 1 ? step1
                                 : kIndex == 2 ? step1 * 2
                                 : kIndex == 3 ? step3
                                 : kIndex == 4 ? step1 * 4
                                 : kIndex == 5 ? step5
                                 : kIndex == 6 ? step3 * 2
                                               : step7;
          const Reg value = Vec::broadcast(reinterpret_cast<const float*>(base + offset));
          unrolled<kVecs>([&](auto v) { Vec::fma(acc[x][v], value, w[v]); });
        });
        base0 += sizeof(float);
        base1 += sizeof(float);
        weights += kVecs * kLanes;
        asm("" : "+r"(base0), "+r"(base1));  // keeps the compiler from one pointer per pixel
      }
    }
    finish(s, acc);
  }

  using TileFn = void (*)(const Step&);
  using TileRow = std::array<TileFn, kMaxPixels + 1>;

  template <int kVecs>
  static constexpr TileRow tile_row() {
    return []<int... kIndex>(std::integer_sequence<int, kIndex...>) {
      TileRow row{};
      ((row[kIndex + 1] = tile<kVecs, kIndex + 1>), ...);
      return row;
    }
    (std::make_integer_sequence<int, Vec::kPixels[kVecs]>{});
  }

  static constexpr std::array<TileRow, kMaxVecs + 1> kTiles = []<int... kIndex>(std::integer_sequence<int, kIndex...>) {
    return std::array<TileRow, kMaxVecs + 1>{TileRow{}, tile_row<kIndex + 1>()...};
  }
  (std::make_integer_sequence<int, kMaxVecs>{});

  /// All pixels of `lines` rows of `width` pixels, for the stretch of K in `step`.
  static void run_chunk(Step step, int32_t vecs, int32_t lines, int32_t width, int64_t src_row, int64_t dst_row) {
    const int32_t tiles = parts(width, Vec::kPixels[vecs]);
    const float* src = step.src;
    const float* residual = step.residual;
    float* dst = step.dst;
    for (int32_t line = 0; line < lines; ++line) {
      for (int32_t t = 0; t < tiles; ++t) {
        const int32_t x = part_begin(width, tiles, t);
        const int32_t pixels = part_begin(width, tiles, t + 1) - x;
        step.src = src + line * src_row + x * (step.src_step / int64_t{sizeof(float)});
        step.dst = dst + line * dst_row + x * step.dst_step;
        if (residual != nullptr) step.residual = residual + line * dst_row + x * step.dst_step;
        kTiles[vecs][pixels](step);
      }
    }
  }

  static void run_panel(const ConvF32Params& p, const Plan& plan, const ConvF32Args& args, const Panel& panel,
                        const Segment* segments, const Segment* segments_end, const float* src, int32_t row,
                        int32_t rows) {
    const int32_t lines = plan.flat ? 1 : rows;
    const int32_t width = plan.flat ? rows * p.out.w : p.out.w;
    const int64_t first = int64_t{row} * p.out.w * p.out.pixel_stride + panel.channel;
    Step step{};
    step.src = src + panel.group * (p.in.c / p.groups);
    step.src_step = plan.pixel_pitch * p.window.stride_w * int64_t{sizeof(float)};
    step.weights = args.packed + panel.weights;
    step.bias = args.bias + panel.channel;
    step.residual = p.residual ? args.residual + first : nullptr;
    step.dst = args.dst + first;
    step.dst_step = p.out.pixel_stride;
    step.tail = panel.count - (panel.vecs - 1) * kLanes;
    step.lo = p.lo;
    step.hi = p.hi;
    const bool one_tile = lines == 1 && width <= Vec::kPixels[panel.vecs];
    const int64_t chunk = one_tile ? depth(p) : kWeightBytes / (panel.vecs * kLanes * int64_t{sizeof(float)});
    for (const Segment* segment = segments; segment != segments_end;) {
      step.segments = segment;
      int64_t steps = 0;
      do steps += segment++->count;
      while (segment != segments_end && steps + segment->count <= chunk);
      step.segments_end = segment;
      step.finish = segment == segments_end;
      run_chunk(step, panel.vecs, lines, width, p.window.stride_h * plan.row_pitch,
                int64_t{p.out.w} * p.out.pixel_stride);
      step.bias = nullptr;
      step.weights += steps * panel.vecs * kLanes;
    }
  }

  static void run(const ConvF32Params& p, const ConvF32Args& args, const Tile& tile) {
    const Plan plan = DirectConvF32::plan(p);
    Segment* segments = reinterpret_cast<Segment*>(args.scratch);
    const Segment* segments_end = list_segments(p, plan, segments);
    float* lines = reinterpret_cast<float*>(args.scratch + plan.segment_bytes);
    for (int32_t row = tile.row_begin; row < tile.row_end; row += plan.rows) {
      const float* src = args.src + row * p.window.stride_h * plan.row_pitch;
      if (plan.padded) {
        copy_rows(p, plan, args.src, row, lines);
        src = lines;
      }
      const int32_t rows = std::min(plan.rows, tile.row_end - row);
      for_panels(p, tile.block_begin, tile.block_end,
                 [&](const Panel& panel) { run_panel(p, plan, args, panel, segments, segments_end, src, row, rows); });
    }
  }

  static constexpr ConvF32Kernel kernel(std::string_view name, Isa isa) {
    return {name, isa, run, nullptr, packed_bytes, pack, scratch_bytes};
  }
};

}  // namespace graupel
