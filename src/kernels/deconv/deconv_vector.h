// What the vector kernels of transposed convolution do outside the tiles of conv, whose `Vector` they take: see
// conv_vector.h.
#pragma once

#include "kernels/conv/conv_vector.h"
#include "kernels/deconv/deconv_plan.h"

namespace graupel {

template <class Vector>
class DeconvDriver {
 public:
  DeconvDriver(const DeconvParams& params, const KernelArgs& args)
      : params_(params),
        args_(args),
        channels_(channels_of(params)),
        plan_(plan_deconv(params, Vector::kUnit)),
        epilogue_(params.epilogue, args.constants) {}

  void run(const Tile& tile) {
    for (int y = tile.row_begin; y < tile.row_end; y += plan_.band_rows) {
      const int rows = plan_.band_rows < tile.row_end - y ? plan_.band_rows : tile.row_end - y;
      const uint8_t* band = prepare_deconv_rows(params_, plan_, args_, y, rows);
      const int stride = plan_.y.stride, top = y / stride;
      // Rows of one phase after each other, so that their weights stay in the cache.
      for (int ry = 0; ry < plan_.y.phases(); ++ry)
        for (int rx = 0; rx < plan_.x.phases(); ++rx)
          for (int row = y + (ry + stride - y % stride) % stride; row < y + rows; row += stride)
            run_row(band + (row / stride - top) * static_cast<std::ptrdiff_t>(plan_.line_bytes), row, rx);
    }
  }

 private:
  /// The pixels of phase rx in output row y, whose first line is `line`.
  void run_row(const uint8_t* line, int y, int rx) {
    const int ry = y % plan_.y.stride;
    const auto& phase = reinterpret_cast<const DeconvPhase*>(args_.packed)[ry * plan_.x.phases() + rx];
    const ConvPlan plan = phase_plan(plan_, phase.steps);
    const int group_outputs = params_.out.c / params_.groups, group_inputs = params_.in.c / params_.groups;
    const std::ptrdiff_t pixel = static_cast<std::ptrdiff_t>(y) * params_.out.w + rx;
    const int count = plan_.x.count(rx);
    for (ConvSegment segment = first_segment(channels_, plan); segment.first < params_.out.c;
         segment = next_segment(channels_, plan, segment)) {
      ConvStrip strip{};
      strip.offsets = reinterpret_cast<const int32_t*>(args_.packed + phase.offset);
      strip.steps = phase.steps;
      strip.segment = args_.packed + phase.offset + segment.offset;
      strip.channels = segment.count;
      strip.row = line + segment.first / group_outputs * group_inputs;
      strip.width = count;
      strip.pixel_step = params_.in.c;
      strip.out_step = static_cast<std::ptrdiff_t>(params_.out.pixel_stride) * plan_.x.stride;
      strip.out = reinterpret_cast<uint8_t*>(args_.dst) + pixel * params_.out.pixel_stride + segment.first;
      strip.residual_step = static_cast<std::ptrdiff_t>(params_.epilogue.residual_pixel_stride) * plan_.x.stride;
      if (params_.epilogue.residual)
        strip.residual = reinterpret_cast<const uint8_t*>(args_.src[1]) +
                         pixel * params_.epilogue.residual_pixel_stride + segment.first;
      run_strip<Vector>(strip, segment.vectors, count, epilogue_);
    }
  }

  const DeconvParams& params_;
  const KernelArgs& args_;
  ConvParams channels_;
  DeconvPlan plan_;
  typename Vector::Epilogue epilogue_;
};

/// The functions of the table row.
template <class Vector>
struct DeconvRow {
  static void run(const DeconvParams& params, const KernelArgs& args, const Tile& tile) {
    DeconvDriver<Vector>(params, args).run(tile);
  }
  static bool accepts(const DeconvParams& params) { return is_narrow(params) && plannable(params, Vector::kUnit); }
  static std::size_t packed_bytes(const DeconvParams& params) {
    return packed_deconv_bytes(params, plan_deconv(params, Vector::kUnit));
  }
  static void pack(const DeconvParams& params, const std::byte* constants, std::byte* packed) {
    pack_deconv(params, plan_deconv(params, Vector::kUnit), constants, packed);
  }
  static std::size_t scratch_bytes(const DeconvParams& params) {
    return deconv_scratch_bytes(params, plan_deconv(params, Vector::kUnit));
  }
};

}  // namespace graupel
