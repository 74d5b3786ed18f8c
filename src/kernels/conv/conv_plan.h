// How the vector kernels walk a convolution: which bytes of the source lie together, which rows are copied to a padded
// band in scratch, and how weights are packed. Independent of the instruction set.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/conv/conv.h"

namespace graupel {

/// The vector shape of a kernel.
struct ConvUnit {
  int lanes = 16;        ///< output channels in one vector
  int max_vectors = 4;   ///< vectors that share each source byte; lanes * max_vectors divides ConvParams::kBlock
  int weight_bytes = 1;  ///< size of a packed weight
};

/// The bytes under one output pixel: taps_h * taps_w runs of `steps` dwords, `tap_y` and `tap_x` bytes apart. A run
/// whose length is no multiple of four ends in bytes that meet zero weights.
struct ConvWalk {
  int taps_h = 1, taps_w = 1;
  int steps = 1;
  std::ptrdiff_t tap_y = 0, tap_x = 0;
  int all_steps() const { return taps_h * taps_w * steps; }
};

struct ConvPlan {
  ConvUnit unit;
  ConvWalk walk;
  bool in_place = false;          ///< the source is read where it lies; else through a band in scratch
  bool flat = false;              ///< neighbouring rows continue each other: pixel (y, x) is pixel y * out.w + x
  int band_rows = 1;              ///< output rows computed between two fills of the band
  std::ptrdiff_t pixel_step = 0;  ///< bytes between the sources of horizontal neighbours
  std::ptrdiff_t row_step = 0;    ///< bytes between the sources of vertical neighbours
  int line_pixels = 0;            ///< pixels of a line of the band
  std::size_t line_bytes = 0;
};

/// Output channels [first, first + count) of one group and one block: what one set of accumulators covers.
struct ConvSegment {
  int first = 0, count = 0, vectors = 0;
  std::size_t offset = 0;  ///< of its packed form: s32 bias, f32 scale (lanes * vectors each), weights
};

ConvPlan plan_conv(const ConvParams& params, const ConvUnit& unit);

/// The segment that begins at channel 0; then the one after `segment`. At the end `first` is out.c.
ConvSegment first_segment(const ConvParams& params, const ConvPlan& plan);
ConvSegment next_segment(const ConvParams& params, const ConvPlan& plan, const ConvSegment& segment);

std::size_t packed_conv_bytes(const ConvParams& params, const ConvPlan& plan);
std::size_t conv_scratch_bytes(const ConvParams& params, const ConvPlan& plan);

/// Packs the byte offset of every step (s32), then bias, scale and weights of every segment. weight_bytes 1:
/// [step][vector][lane][4] s8. weight_bytes 2: [step][vector][even, odd][lane][2] s16, the even and the odd bytes of
/// the four.
void pack_conv(const ConvParams& params, const ConvPlan& plan, const std::byte* constants, std::byte* packed);

/// The parts of pack_conv: bias and scale (of the segment's channels) into a segment that they zero first; then the
/// weights of one step, four rows of the segment's channels, null for zeros. Both return where the next step goes.
std::byte* begin_segment(const ConvPlan&, const ConvSegment&, const int32_t* bias, const float* scale,
                         std::byte* packed);
std::byte* pack_step(const ConvPlan&, const ConvSegment&, const int8_t* const* row, std::byte* out);

/// Copies `count` pixels of `bytes`, `stride` apart, to `out`, close together.
void copy_pixels(const uint8_t* source, std::ptrdiff_t stride, int count, int bytes, uint8_t* out);

/// Where output pixel (y, 0) finds its first byte: in the source, or in the band that this call fills for `rows` output
/// rows from y on.
const uint8_t* prepare_rows(const ConvParams& params, const ConvPlan& plan, const KernelArgs& args, int y, int rows);

}  // namespace graupel
