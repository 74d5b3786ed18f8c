// Planning, packing and padding for the vector kernels of transposed convolution.
#include "kernels/deconv/deconv_plan.h"

#include <algorithm>
#include <cstring>

namespace graupel {
namespace {

constexpr std::size_t kBandBytes = 160 * 1024;
constexpr std::size_t kLineAlign = 64;
constexpr std::size_t kOverread = 64;  ///< the last tap of a band may end up to three bytes late

std::size_t round_up(std::size_t n, std::size_t unit) { return (n + unit - 1) / unit * unit; }

DeconvAxis plan_axis(int stride, int dilation, int pad, int taps, int extent) {
  DeconvAxis axis{.stride = stride, .dilation = dilation, .pad = pad, .taps = taps, .extent = extent};
  bool any = false;
  for (int phase = 0; phase < axis.phases(); ++phase)
    for (int k = 0; k < taps; ++k)
      if (axis.meets(phase, k)) {
        const int shift = axis.shift(phase, k);
        axis.first = any ? std::min(axis.first, shift) : shift;
        axis.last = any ? std::max(axis.last, shift) : shift;
        any = true;
      }
  return axis;
}

int taps_of(const DeconvPlan& plan, int ry, int rx) {
  int vertical = 0, horizontal = 0;
  for (int ky = 0; ky < plan.y.taps; ++ky) vertical += plan.y.meets(ry, ky);
  for (int kx = 0; kx < plan.x.taps; ++kx) horizontal += plan.x.meets(rx, kx);
  return vertical * horizontal;
}

/// The header of the packed form; returns the size of the form.
template <class Put>
std::size_t lay_out(const DeconvParams& params, const DeconvPlan& plan, Put&& put) {
  const int phases = plan.y.phases() * plan.x.phases();
  std::size_t offset = round_up(phases * sizeof(DeconvPhase), kLineAlign);
  for (int i = 0; i < phases; ++i) {
    const DeconvPhase phase = {offset, taps_of(plan, i / plan.x.phases(), i % plan.x.phases()) * plan.steps};
    put(i, phase);
    offset += packed_conv_bytes(channels_of(params), phase_plan(plan, phase.steps));
  }
  return offset;
}

/// The segment's bias, with what the taps outside the phase add (modulo 2^32, N1.4).
void fold_bias(const DeconvParams& params, const DeconvPlan& plan, int ry, int rx, const ConvSegment& segment,
               const std::byte* constants, uint32_t* bias) {
  const int depth = params.in.c / params.groups;
  const int8_t* weights = at<int8_t>(constants, params.weights) + segment.first;
  for (int c = 0; c < segment.count; ++c)
    bias[c] = static_cast<uint32_t>(at<int32_t>(constants, params.bias)[segment.first + c]);
  for (int ky = 0; ky < plan.y.taps; ++ky)
    for (int kx = 0; kx < plan.x.taps; ++kx) {
      if (plan.y.meets(ry, ky) && plan.x.meets(rx, kx)) continue;
      const int8_t* row = weights + (std::ptrdiff_t(ky) * plan.x.taps + kx) * depth * params.out.c;
      for (int i = 0; i < depth; ++i, row += params.out.c)
        for (int c = 0; c < segment.count; ++c) bias[c] += static_cast<uint32_t>(params.in_zero_point * row[c]);
    }
}

void pack_deconv_segment(const DeconvParams& params, const DeconvPlan& plan, const ConvPlan& phase, int ry, int rx,
                         const ConvSegment& segment, const std::byte* constants, std::byte* packed) {
  uint32_t bias[ConvParams::kBlock];
  fold_bias(params, plan, ry, rx, segment, constants, bias);
  std::byte* out = begin_segment(phase, segment, reinterpret_cast<const int32_t*>(bias),
                                 at<float>(constants, params.epilogue.scale) + segment.first, packed);
  const int depth = params.in.c / params.groups;
  const int8_t* weights = at<int8_t>(constants, params.weights) + segment.first;
  for (int ky = 0; ky < plan.y.taps; ++ky)
    for (int kx = 0; kx < plan.x.taps; ++kx) {
      if (!plan.y.meets(ry, ky) || !plan.x.meets(rx, kx)) continue;
      const std::ptrdiff_t tap = std::ptrdiff_t(ky) * plan.x.taps + kx;
      for (int step = 0; step < plan.steps; ++step) {
        const int8_t* row[4] = {};
        for (int j = 0; j < 4 && step * 4 + j < depth; ++j)
          row[j] = weights + (tap * depth + step * 4 + j) * params.out.c;
        out = pack_step(phase, segment, row, out);
      }
    }
}

void pack_offsets(const DeconvParams& params, const DeconvPlan& plan, int ry, int rx, int32_t* out) {
  for (int ky = 0; ky < plan.y.taps; ++ky)
    for (int kx = 0; kx < plan.x.taps; ++kx) {
      if (!plan.y.meets(ry, ky) || !plan.x.meets(rx, kx)) continue;
      const std::ptrdiff_t tap = (plan.y.shift(ry, ky) - plan.y.first) * std::ptrdiff_t(plan.line_bytes) +
                                 (plan.x.shift(rx, kx) - plan.x.first) * std::ptrdiff_t(params.in.c);
      for (int step = 0; step < plan.steps; ++step) *out++ = static_cast<int32_t>(tap + step * 4);
    }
}

/// One line of the band: input row `iy`, from column plan.x.first on, in_zero_point outside the image.
void fill_line(const DeconvParams& params, const DeconvPlan& plan, const uint8_t* source, int iy, uint8_t* line) {
  const View& in = params.in;
  const int left = iy < 0 || iy >= in.h ? plan.line_pixels : std::clamp(-plan.x.first, 0, plan.line_pixels);
  const int first = std::max(plan.x.first, 0), count = std::clamp(in.w - first, 0, plan.line_pixels - left);
  const auto pad = [&](int begin, int end) {
    std::memset(line + std::ptrdiff_t(begin) * in.c, params.in_zero_point, std::size_t(end - begin) * in.c);
  };
  pad(0, left);
  if (count > 0)
    copy_pixels(source + (std::ptrdiff_t(iy) * in.w + first) * in.pixel_stride, in.pixel_stride, count, in.c,
                line + std::ptrdiff_t(left) * in.c);
  pad(left + count, plan.line_pixels);
}

}  // namespace

DeconvPlan plan_deconv(const DeconvParams& params, const ConvUnit& unit) {
  const Window2d& w = params.window;
  DeconvPlan plan;
  plan.unit = unit;
  plan.y = plan_axis(w.stride_h, w.dilation_h, w.pad_top, w.kernel_h, params.out.h);
  plan.x = plan_axis(w.stride_w, w.dilation_w, w.pad_left, w.kernel_w, params.out.w);
  plan.steps = (params.in.c / params.groups + 3) / 4;
  plan.line_pixels = plan.x.count(0) + plan.x.last - plan.x.first;
  plan.line_bytes = round_up(std::size_t(plan.line_pixels) * params.in.c, kLineAlign);
  while (plan.band_rows < params.out.h && plan.lines(plan.band_rows + 1) * plan.line_bytes <= kBandBytes)
    ++plan.band_rows;
  return plan;
}

ConvParams channels_of(const DeconvParams& params) {
  ConvParams channels;
  channels.out = params.out;
  channels.groups = params.groups;
  return channels;
}

ConvPlan phase_plan(const DeconvPlan& plan, int steps) {
  ConvPlan phase;
  phase.unit = plan.unit;
  phase.walk.steps = steps;
  return phase;
}

bool plannable(const DeconvParams& params, const ConvUnit& unit) {
  const Window2d& w = params.window;
  const auto few = [](int stride, int taps, int dilation) { return stride <= 16 && int64_t{taps} * dilation <= 1024; };
  if (!few(w.stride_h, w.kernel_h, w.dilation_h) || !few(w.stride_w, w.kernel_w, w.dilation_w)) return false;
  return deconv_scratch_bytes(params, plan_deconv(params, unit)) <= std::size_t{1} << 30;
}

std::size_t packed_deconv_bytes(const DeconvParams& params, const DeconvPlan& plan) {
  return lay_out(params, plan, [](int, const DeconvPhase&) {});
}

std::size_t deconv_scratch_bytes(const DeconvParams&, const DeconvPlan& plan) {
  return plan.lines(plan.band_rows) * plan.line_bytes + kOverread;
}

void pack_deconv(const DeconvParams& params, const DeconvPlan& plan, const std::byte* constants, std::byte* packed) {
  const ConvParams channels = channels_of(params);
  lay_out(params, plan, [&](int i, const DeconvPhase& at_phase) {
    std::memcpy(packed + i * sizeof(DeconvPhase), &at_phase, sizeof at_phase);
    const int ry = i / plan.x.phases(), rx = i % plan.x.phases();
    std::byte* form = packed + at_phase.offset;
    pack_offsets(params, plan, ry, rx, reinterpret_cast<int32_t*>(form));
    const ConvPlan phase = phase_plan(plan, at_phase.steps);
    for (ConvSegment segment = first_segment(channels, phase); segment.first < params.out.c;
         segment = next_segment(channels, phase, segment))
      pack_deconv_segment(params, plan, phase, ry, rx, segment, constants, form);
  });
}

const uint8_t* prepare_deconv_rows(const DeconvParams& params, const DeconvPlan& plan, const KernelArgs& args, int y,
                                   int rows) {
  auto* band = reinterpret_cast<uint8_t*>(args.scratch);
  const int first = y / plan.y.stride + plan.y.first, last = (y + rows - 1) / plan.y.stride + plan.y.last;
  for (int iy = first; iy <= last; ++iy)
    fill_line(params, plan, reinterpret_cast<const uint8_t*>(args.src[0]), iy, band + (iy - first) * plan.line_bytes);
  return band;
}

}  // namespace graupel
