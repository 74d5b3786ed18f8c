// Planning, packing and padding for the vector convolution kernels.
#include "kernels/conv/conv_plan.h"

#include <algorithm>
#include <cstring>

namespace graupel {
namespace {

constexpr std::size_t kBandBytes = 160 * 1024;  ///< leaves most of a second-level cache to the weights
constexpr std::size_t kLineAlign = 64;
constexpr std::size_t kOverread = 64;  ///< the last run of a band may end up to three bytes late

int band_lines(const ConvParams& params, int rows) {
  return (rows - 1) * params.window.stride_h + (params.window.kernel_h - 1) * params.window.dilation_h + 1;
}

std::size_t round_up(std::size_t n, std::size_t unit) { return (n + unit - 1) / unit * unit; }

bool reads_padding(const ConvParams& params) {
  const Window2d& w = params.window;
  return w.pad_top != 0 || w.pad_left != 0 ||
         (params.out.h - 1) * w.stride_h + (w.kernel_h - 1) * w.dilation_h >= params.in.h ||
         (params.out.w - 1) * w.stride_w + (w.kernel_w - 1) * w.dilation_w >= params.in.w;
}

/// As many rows as keep the lines they read within kBandBytes.
int choose_band_rows(const ConvParams& params, std::size_t line_bytes) {
  int rows = 1;
  while (rows < params.out.h && band_lines(params, rows + 1) * line_bytes <= kBandBytes) ++rows;
  return rows;
}

/// One line of the band: input row `iy`, from column -pad_left on, in_zero_point outside the image.
void fill_line(const ConvParams& params, const ConvPlan& plan, const uint8_t* source, int iy, uint8_t* line) {
  const View& in = params.in;
  const auto pad = [&](uint8_t* begin, int pixels) {
    std::memset(begin, params.in_zero_point, static_cast<std::size_t>(pixels) * in.c);
  };
  if (iy < 0 || iy >= in.h) return pad(line, plan.line_pixels);
  const int left = std::clamp(params.window.pad_left, 0, plan.line_pixels);
  const int first = std::max(-params.window.pad_left, 0);
  const int count = std::clamp(in.w - first, 0, plan.line_pixels - left);
  if (left > 0) pad(line, left);
  if (count > 0)
    copy_pixels(source + (static_cast<std::ptrdiff_t>(iy) * in.w + first) * in.pixel_stride, in.pixel_stride, count,
                in.c, line + static_cast<std::ptrdiff_t>(left) * in.c);
  if (left + count < plan.line_pixels)
    pad(line + static_cast<std::ptrdiff_t>(left + count) * in.c, plan.line_pixels - left - count);
}

std::size_t segment_bytes(const ConvPlan& plan, int vectors) {
  const std::size_t lanes = static_cast<std::size_t>(vectors) * plan.unit.lanes;
  return round_up(lanes * (sizeof(int32_t) + sizeof(float)) +
                      static_cast<std::size_t>(plan.walk.all_steps()) * lanes * 4 * plan.unit.weight_bytes,
                  64);
}

void pack_conv_segment(const ConvParams& params, const ConvPlan& plan, const ConvSegment& segment,
                       const std::byte* constants, std::byte* packed) {
  std::byte* out = begin_segment(plan, segment, at<int32_t>(constants, params.bias) + segment.first,
                                 at<float>(constants, params.epilogue.scale) + segment.first, packed);
  const int run_rows = params.in.c / params.groups * (params.window.kernel_w / plan.walk.taps_w);
  const int8_t* weights = at<int8_t>(constants, params.weights) + segment.first;
  for (int run = 0; run < plan.walk.taps_h * plan.walk.taps_w; ++run)
    for (int step = 0; step < plan.walk.steps; ++step) {
      const int8_t* row[4] = {};
      for (int j = 0; j < 4 && step * 4 + j < run_rows; ++j)
        row[j] = weights + (static_cast<std::ptrdiff_t>(run) * run_rows + step * 4 + j) * params.out.c;
      out = pack_step(plan, segment, row, out);
    }
}

}  // namespace

ConvPlan plan_conv(const ConvParams& params, const ConvUnit& unit) {
  const View& in = params.in;
  const Window2d& window = params.window;
  const int group_channels = in.c / params.groups;
  const bool padded = reads_padding(params);
  // A kernel row is one run when its pixels touch; a band is dense, so there only dilation and groups separate them.
  const auto joined = [&](bool dense) {
    return window.kernel_w == 1 || (dense && window.dilation_w == 1 && params.groups == 1);
  };
  const auto run_bytes = [&](bool dense) { return group_channels * (joined(dense) ? window.kernel_w : 1); };

  ConvPlan plan;
  plan.unit = unit;
  const bool dense_source = in.pixel_stride == in.c;
  plan.in_place = !padded && run_bytes(dense_source) % 4 == 0;
  const bool dense = plan.in_place ? dense_source : true;
  plan.line_pixels = (params.out.w - 1) * window.stride_w + (window.kernel_w - 1) * window.dilation_w + 1;
  const std::size_t pixel_bytes = plan.in_place ? in.pixel_stride : in.c;
  plan.line_bytes = plan.in_place ? static_cast<std::size_t>(in.w) * in.pixel_stride
                                  : round_up(static_cast<std::size_t>(plan.line_pixels) * in.c, kLineAlign);
  plan.walk.taps_h = window.kernel_h;
  plan.walk.taps_w = joined(dense) ? 1 : window.kernel_w;
  plan.walk.steps = (run_bytes(dense) + 3) / 4;
  plan.walk.tap_y = static_cast<std::ptrdiff_t>(window.dilation_h * plan.line_bytes);
  plan.walk.tap_x = static_cast<std::ptrdiff_t>(window.dilation_w * pixel_bytes);
  plan.pixel_step = static_cast<std::ptrdiff_t>(window.stride_w * pixel_bytes);
  plan.row_step = static_cast<std::ptrdiff_t>(window.stride_h * plan.line_bytes);
  plan.flat = plan.row_step == plan.pixel_step * params.out.w;
  plan.band_rows = choose_band_rows(params, plan.line_bytes);
  return plan;
}

void copy_pixels(const uint8_t* source, std::ptrdiff_t stride, int count, int bytes, uint8_t* out) {
  if (stride == bytes) {
    std::memcpy(out, source, static_cast<std::size_t>(count) * bytes);
    return;
  }
  for (int p = 0; p < count; ++p, source += stride, out += bytes) {
    int i = 0;
    for (; i + 16 <= bytes; i += 16) std::memcpy(out + i, source + i, 16);
    for (; i < bytes; ++i) out[i] = source[i];
  }
}

ConvSegment first_segment(const ConvParams& params, const ConvPlan& plan) {
  ConvSegment none;
  none.offset = round_up(plan.walk.all_steps() * sizeof(int32_t), kLineAlign);
  return next_segment(params, plan, none);
}

ConvSegment next_segment(const ConvParams& params, const ConvPlan& plan, const ConvSegment& segment) {
  ConvSegment next;
  next.first = segment.first + segment.count;
  next.offset = segment.offset + (segment.count > 0 ? segment_bytes(plan, segment.vectors) : 0);
  const int size = plan.unit.lanes * plan.unit.max_vectors, group = params.out.c / params.groups;
  const int end = std::min({(next.first / size + 1) * size, (next.first / group + 1) * group, params.out.c});
  next.count = end - next.first;
  next.vectors = (next.count + plan.unit.lanes - 1) / plan.unit.lanes;
  return next;
}

std::byte* begin_segment(const ConvPlan& plan, const ConvSegment& segment, const int32_t* bias, const float* scale,
                         std::byte* packed) {
  std::byte* out = packed + segment.offset;
  const std::size_t lanes = static_cast<std::size_t>(segment.vectors) * plan.unit.lanes, count = segment.count;
  std::memset(out, 0, segment_bytes(plan, segment.vectors));
  std::memcpy(out, bias, count * sizeof(int32_t));
  std::memcpy(out + lanes * sizeof(int32_t), scale, count * sizeof(float));
  return out + lanes * (sizeof(int32_t) + sizeof(float));
}

std::byte* pack_step(const ConvPlan& plan, const ConvSegment& segment, const int8_t* const* row, std::byte* out) {
  const ConvUnit& unit = plan.unit;
  for (int c = 0; c < segment.count; ++c) {
    int8_t w[4];
    for (int j = 0; j < 4; ++j) w[j] = row[j] != nullptr ? row[j][c] : int8_t{0};
    if (unit.weight_bytes == 1) {
      std::memcpy(out + c * 4, w, 4);
    } else {
      const int16_t even[2] = {w[0], w[2]}, odd[2] = {w[1], w[3]};
      std::byte* vector = out + c / unit.lanes * unit.lanes * 8;
      std::memcpy(vector + c % unit.lanes * 4, even, 4);
      std::memcpy(vector + (unit.lanes + c % unit.lanes) * 4, odd, 4);
    }
  }
  return out + static_cast<std::ptrdiff_t>(segment.vectors) * unit.lanes * 4 * unit.weight_bytes;
}

std::size_t packed_conv_bytes(const ConvParams& params, const ConvPlan& plan) {
  ConvSegment segment = first_segment(params, plan);
  while (segment.first < params.out.c) segment = next_segment(params, plan, segment);
  return segment.offset;
}

std::size_t conv_scratch_bytes(const ConvParams& params, const ConvPlan& plan) {
  return plan.in_place ? 0 : band_lines(params, plan.band_rows) * plan.line_bytes + kOverread;
}

void pack_conv(const ConvParams& params, const ConvPlan& plan, const std::byte* constants, std::byte* packed) {
  const ConvWalk& walk = plan.walk;
  auto* offset = reinterpret_cast<int32_t*>(packed);
  for (int ty = 0; ty < walk.taps_h; ++ty)
    for (int tx = 0; tx < walk.taps_w; ++tx)
      for (int step = 0; step < walk.steps; ++step)
        *offset++ = static_cast<int32_t>(ty * walk.tap_y + tx * walk.tap_x + step * 4);
  for (ConvSegment segment = first_segment(params, plan); segment.first < params.out.c;
       segment = next_segment(params, plan, segment))
    pack_conv_segment(params, plan, segment, constants, packed);
}

const uint8_t* prepare_rows(const ConvParams& params, const ConvPlan& plan, const KernelArgs& args, int y, int rows) {
  const auto* source = reinterpret_cast<const uint8_t*>(args.src[0]);
  if (plan.in_place) return source + y * plan.row_step;
  auto* band = reinterpret_cast<uint8_t*>(args.scratch);
  const int top = y * params.window.stride_h - params.window.pad_top;
  for (int line = 0; line < band_lines(params, rows); ++line)
    fill_line(params, plan, source, top + line, band + line * plan.line_bytes);
  return band;
}

}  // namespace graupel
