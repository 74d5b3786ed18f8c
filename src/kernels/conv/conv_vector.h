// What the vector convolution kernels do outside the innermost loops: bands of rows, segments of channels, tiles of
// pixels. `Vector` is a type local to one translation unit, so that nothing here is shared between instruction sets.
//
// Vector has
//   static constexpr ConvUnit kUnit;
//   static constexpr int max_pixels(int vectors), int stride_group(int vectors): pixels in a tile, and how many of them
//     are addressed from one base by their common distance (1: each has its own address);
//   struct Epilogue, constructed from (graupel::Epilogue, constants);
//   static void run(int pixels, int vectors, const ConvTile&, const Epilogue&).
#pragma once

#include "kernels/conv/conv_plan.h"

namespace graupel {

constexpr int kMaxTilePixels = 12;

/// Some pixels times one segment.
struct ConvTile {
  const ConvWalk* walk;
  const std::byte* segment;               ///< packed
  int channels;                           ///< of the segment
  std::ptrdiff_t pixel_step;              ///< bytes between pixels of one stride group
  const uint8_t* source[kMaxTilePixels];  ///< the first pixel of each stride group
  uint8_t* out;
  std::ptrdiff_t out_step;
  const uint8_t* residual;  ///< or null
  std::ptrdiff_t residual_step;
};

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
    band += group * (params_.in.c / params_.groups);
    const std::ptrdiff_t pixel = static_cast<std::ptrdiff_t>(y) * params_.out.w;
    ConvTile tile;
    tile.walk = &plan_.walk;
    tile.segment = args_.packed + segment.offset;
    tile.channels = segment.count;
    tile.pixel_step = plan_.pixel_step;
    tile.out_step = params_.out.pixel_stride;
    tile.out = reinterpret_cast<uint8_t*>(args_.dst) + pixel * tile.out_step + segment.first;
    tile.residual = nullptr;
    tile.residual_step = params_.epilogue.residual_pixel_stride;
    if (params_.epilogue.residual)
      tile.residual = reinterpret_cast<const uint8_t*>(args_.src[1]) + pixel * tile.residual_step + segment.first;

    const int width = params_.out.w;
    if (Vector::stride_group(segment.vectors) == 1) {
      run_addressed(tile, segment.vectors, band, rows * width);
    } else if (plan_.flat) {
      run_strided(tile, segment.vectors, band, rows * width);
    } else {
      for (int r = 0; r < rows; ++r) run_strided(tile, segment.vectors, band + r * plan_.row_step, width);
    }
  }

  /// Tiles that may continue in the next row: each pixel has its own address.
  void run_addressed(ConvTile& tile, int vectors, const uint8_t* row, int pixels) {
    int x = 0;
    for (int left = pixels; left > 0;) {
      const int count = share(left, Vector::max_pixels(vectors));
      for (int p = 0; p < count; ++p) {
        tile.source[p] = row + x * plan_.pixel_step;
        if (++x == params_.out.w) {
          x = 0;
          row += plan_.row_step;
        }
      }
      run_tile(tile, vectors, count);
      left -= count;
    }
  }

  /// Pixels at one distance.
  void run_strided(ConvTile& tile, int vectors, const uint8_t* source, int pixels) {
    const int group = Vector::stride_group(vectors);
    for (int left = pixels; left > 0;) {
      const int count = share(left, Vector::max_pixels(vectors));
      for (int p = 0; p < count; p += group) tile.source[p / group] = source + p * plan_.pixel_step;
      source += count * plan_.pixel_step;
      run_tile(tile, vectors, count);
      left -= count;
    }
  }

  void run_tile(ConvTile& tile, int vectors, int count) {
    Vector::run(count, vectors, tile, epilogue_);
    tile.out += count * tile.out_step;
    if (tile.residual != nullptr) tile.residual += count * tile.residual_step;
  }

  /// The next of as few tiles of as equal size as possible.
  static int share(int left, int most) {
    const int tiles = (left + most - 1) / most;
    return (left + tiles - 1) / tiles;
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
