// What the vector convolution kernels do outside the innermost loops: bands of rows, segments of channels, tiles of
// pixels. `Vector` is a type of one instruction set, so that nothing here is shared between them.
//
// Vector has
//   static constexpr ConvUnit kUnit;
//   static constexpr int max_pixels(int vectors): pixels in a tile;
//   static constexpr bool crosses_rows(int vectors): whether a tile may continue in the next row;
//   struct Epilogue, constructed from (graupel::Epilogue, constants);
//   static void run(int pixels, int vectors, const ConvStrip&, const Epilogue&).
#pragma once

#include "kernels/conv/conv_plan.h"

namespace graupel {

constexpr int kMaxTilePixels = 12;

/// A row of `tiles` tiles of equally many pixels, for one segment of channels.
struct ConvStrip {
  const int32_t* offsets;  ///< of the steps, from a pixel's first byte
  int steps;
  const std::byte* segment;  ///< packed
  int channels;              ///< of the segment
  int tiles;
  const uint8_t* row;  ///< pixel 0 of the row in which the strip begins
  int x, width;        ///< the first pixel; behind pixel width - 1 the next row begins
  std::ptrdiff_t pixel_step, row_step;
  uint8_t* out;
  std::ptrdiff_t out_step;
  const uint8_t* residual;  ///< or null
  std::ptrdiff_t residual_step;
};

/// `tiles` tiles of `size` pixels; moves the strip on.
template <class Vector>
void run_tiles(ConvStrip& strip, int vectors, int size, int tiles, const typename Vector::Epilogue& epilogue) {
  strip.tiles = tiles;
  Vector::run(size, vectors, strip, epilogue);
  const int pixels = size * tiles;
  strip.x += pixels;
  strip.row += strip.x / strip.width * strip.row_step;
  strip.x %= strip.width;
  strip.out += pixels * strip.out_step;
  if (strip.residual != nullptr) strip.residual += pixels * strip.residual_step;
}

/// `pixels` pixels in as few tiles as possible, of two sizes that differ by one.
template <class Vector>
void run_strip(ConvStrip& strip, int vectors, int pixels, const typename Vector::Epilogue& epilogue) {
  const int most = Vector::max_pixels(vectors), tiles = (pixels + most - 1) / most;
  const int size = (pixels + tiles - 1) / tiles, larger = pixels - tiles * (size - 1);
  run_tiles<Vector>(strip, vectors, size, larger, epilogue);
  if (tiles > larger) run_tiles<Vector>(strip, vectors, size - 1, tiles - larger, epilogue);
}

template <class Vector>
class ConvDriver {
 public:
  ConvDriver(const ConvParams& params, const KernelArgs& args)
      : params_(params),
        args_(args),
        plan_(plan_conv(params, Vector::kUnit)),
        epilogue_(params.epilogue, args.constants) {}

  void run(const Tile& tile) {
    for (int y = tile.row_begin; y < tile.row_end; y += plan_.band_rows) {
      const int rows = plan_.band_rows < tile.row_end - y ? plan_.band_rows : tile.row_end - y;
      const uint8_t* band = prepare_rows(params_, plan_, args_, y, rows);
      ConvSegment segment = first_segment(params_, plan_);
      while (segment.first < params_.out.c && segment.first < tile.block_end * ConvParams::kBlock) {
        if (segment.first >= tile.block_begin * ConvParams::kBlock) run_segment(segment, band, y, rows);
        segment = next_segment(params_, plan_, segment);
      }
    }
  }

 private:
  void run_segment(const ConvSegment& segment, const uint8_t* band, int y, int rows) {
    const int group = segment.first / (params_.out.c / params_.groups);
    const std::ptrdiff_t pixel = static_cast<std::ptrdiff_t>(y) * params_.out.w;
    const int width = params_.out.w;
    ConvStrip strip;
    strip.offsets = reinterpret_cast<const int32_t*>(args_.packed);
    strip.steps = plan_.walk.all_steps();
    strip.segment = args_.packed + segment.offset;
    strip.channels = segment.count;
    strip.row = band + group * (params_.in.c / params_.groups);
    strip.x = 0;
    strip.width = plan_.flat ? rows * width : width;
    strip.pixel_step = plan_.pixel_step;
    strip.row_step = plan_.row_step;
    strip.out_step = params_.out.pixel_stride;
    strip.out = reinterpret_cast<uint8_t*>(args_.dst) + pixel * strip.out_step + segment.first;
    strip.residual = nullptr;
    strip.residual_step = params_.epilogue.residual_pixel_stride;
    if (params_.epilogue.residual)
      strip.residual = reinterpret_cast<const uint8_t*>(args_.src[1]) + pixel * strip.residual_step + segment.first;

    if (Vector::crosses_rows(segment.vectors) || plan_.flat) {
      run_strip<Vector>(strip, segment.vectors, rows * width, epilogue_);
    } else {
      for (int r = 0; r < rows; ++r) {
        run_strip<Vector>(strip, segment.vectors, width, epilogue_);
        strip.row = band + group * (params_.in.c / params_.groups) + (r + 1) * plan_.row_step;
        strip.x = 0;
      }
    }
  }

  const ConvParams& params_;
  const KernelArgs& args_;
  ConvPlan plan_;
  typename Vector::Epilogue epilogue_;
};

/// The functions of the table row.
template <class Vector>
struct ConvRow {
  static void run(const ConvParams& params, const KernelArgs& args, const Tile& tile) {
    ConvDriver<Vector>(params, args).run(tile);
  }
  static std::size_t packed_bytes(const ConvParams& params) {
    return packed_conv_bytes(params, plan_conv(params, Vector::kUnit));
  }
  static void pack(const ConvParams& params, const std::byte* constants, std::byte* packed) {
    pack_conv(params, plan_conv(params, Vector::kUnit), constants, packed);
  }
  static std::size_t scratch_bytes(const ConvParams& params) {
    return conv_scratch_bytes(params, plan_conv(params, Vector::kUnit));
  }
};

}  // namespace graupel
