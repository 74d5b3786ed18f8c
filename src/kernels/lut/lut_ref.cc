// The definition of table look-up (N3.1).
#include "kernels/lut/lut.h"

namespace graupel {

void lut_ref(const LutParams& params, const KernelArgs& args, const Tile& tile) {
  const auto* tables = at<uint8_t>(args.constants, params.table);
  const auto* src = reinterpret_cast<const uint8_t*>(args.src[0]);
  auto* dst = reinterpret_cast<uint8_t*>(args.dst);
  for (std::ptrdiff_t y = tile.row_begin; y < tile.row_end; ++y)
    for (std::ptrdiff_t x = 0; x < params.in.w; ++x) {
      const std::ptrdiff_t pixel = y * params.in.w + x;
      for (std::ptrdiff_t ch = 0; ch < params.in.c; ++ch) {
        const std::ptrdiff_t table = params.tables == 1 ? 0 : ch;
        dst[pixel * params.out.pixel_stride + ch] = tables[table * 256 + src[pixel * params.in.pixel_stride + ch]];
      }
    }
}

}  // namespace graupel
