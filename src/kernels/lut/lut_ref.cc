// The definition of table look-up (N3.1, N8.4).
#include "kernels/lut/lut.h"

namespace graupel {
namespace {

template <class In, class Out>
void look_up(const LutParams& params, const KernelArgs& args, const Tile& tile, In, Out) {
  const std::ptrdiff_t codes = std::ptrdiff_t{most_code(params.in.element)} + 1;
  const auto* tables = at<Out>(args.constants, params.table);
  const auto* src = reinterpret_cast<const In*>(args.src[0]);
  auto* dst = reinterpret_cast<Out*>(args.dst);
  for (std::ptrdiff_t y = tile.row_begin; y < tile.row_end; ++y)
    for (std::ptrdiff_t x = 0; x < params.in.w; ++x) {
      const std::ptrdiff_t pixel = y * params.in.w + x;
      for (std::ptrdiff_t ch = 0; ch < params.in.c; ++ch) {
        const std::ptrdiff_t table = params.tables == 1 ? 0 : ch;
        dst[pixel * params.out.pixel_stride + ch] = tables[table * codes + src[pixel * params.in.pixel_stride + ch]];
      }
    }
}

}  // namespace

void lut_ref(const LutParams& params, const KernelArgs& args, const Tile& tile) {
  with_codes(params.in.element,
             [&](auto in) { with_codes(params.out.element, [&](auto out) { look_up(params, args, tile, in, out); }); });
}

}  // namespace graupel
