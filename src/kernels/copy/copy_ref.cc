// The definition of moving and filling codes (N5.3).
#include "kernels/copy/copy.h"

namespace graupel {
namespace {

template <class T>
void copy_elements(const CopyParams& params, const T* src, T* dst, const Tile& tile) {
  const auto& e = params.extent;
  for (int row = tile.row_begin; row < tile.row_end; ++row) {
    const int outer[3] = {row / e[2] / e[1], row / e[2] % e[1], row % e[2]};
    std::ptrdiff_t from = params.src_offset, to = params.dst_offset;
    for (std::size_t d = 0; d < 3; ++d) {
      from += static_cast<std::ptrdiff_t>(outer[d]) * params.src_stride[d];
      to += static_cast<std::ptrdiff_t>(outer[d]) * params.dst_stride[d];
    }
    for (std::ptrdiff_t i = 0; i < e[3]; ++i)
      for (std::ptrdiff_t j = 0; j < e[4]; ++j)
        for (std::ptrdiff_t k = 0; k < e[5]; ++k)
          dst[to + i * params.dst_stride[3] + j * params.dst_stride[4] + k * params.dst_stride[5]] =
              src[from + i * params.src_stride[3] + j * params.src_stride[4] + k * params.src_stride[5]];
  }
}

}  // namespace

void copy_ref(const CopyParams& params, const KernelArgs& args, const Tile& tile) {
  with_codes(params.element, [&]<class T>(T) {
    copy_elements(params, reinterpret_cast<const T*>(args.src[0]), reinterpret_cast<T*>(args.dst), tile);
  });
}

void fill_ref(const FillParams& params, const KernelArgs& args, const Tile& tile) {
  with_codes(params.element, [&]<class T>(T) {
    T* dst = reinterpret_cast<T*>(args.dst);
    for (std::ptrdiff_t run = tile.row_begin; run < tile.row_end; ++run)
      for (std::ptrdiff_t i = 0; i < params.count; ++i) dst[run * params.stride + i] = static_cast<T>(params.value);
  });
}

}  // namespace graupel
