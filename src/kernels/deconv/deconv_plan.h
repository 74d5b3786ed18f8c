// How the vector kernels walk a transposed convolution. Output pixels whose coordinates are equal modulo the strides
// meet the same taps: each such phase is a convolution of stride 1 over the input, for which the tiles of the family
// conv serve. Independent of the instruction set.
#pragma once

#include "kernels/conv/conv_plan.h"
#include "kernels/deconv/deconv.h"

namespace graupel {

/// One axis. Output coordinate o = i * stride + r reads, through tap k of its phase r, input coordinate i + shift(r,
/// k).
struct DeconvAxis {
  int stride, dilation, pad, taps, extent;  ///< `extent` of the output
  int first = 0, last = 0;                  ///< the least and the greatest shift of any tap

  /// Whether tap k belongs to the phase; shift() is defined if so.
  bool meets(int phase, int k) const { return (phase + pad - k * dilation) % stride == 0; }
  int shift(int phase, int k) const { return (phase + pad - k * dilation) / stride; }
  int phases() const { return stride < extent ? stride : extent; }
  /// Output coordinates of the phase.
  int count(int phase) const { return (extent - phase + stride - 1) / stride; }
};

struct DeconvPlan {
  ConvUnit unit;
  DeconvAxis y, x;
  int steps = 1;  ///< dwords of one tap
  int band_rows = 1;
  int line_pixels = 0;
  std::size_t line_bytes = 0;

  int lines(int rows) const { return (rows + y.stride - 2) / y.stride + 1 + y.last - y.first; }
};

/// Where a phase lies in the packed form; the form begins with one of these for each phase, the vertical one outside.
struct DeconvPhase {
  std::size_t offset;
  int32_t steps;
};

DeconvPlan plan_deconv(const DeconvParams& params, const ConvUnit& unit);

/// What segments of the packed form depend on, in the terms of conv: the output channels, and a phase of so many steps.
ConvParams channels_of(const DeconvParams& params);
ConvPlan phase_plan(const DeconvPlan& plan, int steps);

/// Whether phases are few and offsets in the band fit: anything that a network does.
bool plannable(const DeconvParams& params, const ConvUnit& unit);

std::size_t packed_deconv_bytes(const DeconvParams& params, const DeconvPlan& plan);
std::size_t deconv_scratch_bytes(const DeconvParams& params, const DeconvPlan& plan);

/// Packs, for each phase, what pack_conv packs for a convolution. A phase's bias contains what the taps of the other
/// phases add, which read the input's zero point (N1.3).
void pack_deconv(const DeconvParams& params, const DeconvPlan& plan, const std::byte* constants, std::byte* packed);

/// Fills the band for `rows` output rows from y on: lines of input, the first for input row y / stride + plan.y.first,
/// pixels from column plan.x.first on.
const uint8_t* prepare_deconv_rows(const DeconvParams& params, const DeconvPlan& plan, const KernelArgs& args, int y,
                                   int rows);

}  // namespace graupel
