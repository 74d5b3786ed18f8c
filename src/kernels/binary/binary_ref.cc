// The definition of element-wise operators (N5.1 to N5.3, N8.4).
#include <algorithm>

#include "kernels/binary/binary.h"

namespace graupel {
namespace {

/// R(x) for |x| <= 2^20, where everything saturates anyway; NaN, which no valid scale makes, goes down.
int32_t round_even(float x) {
  constexpr float kBound = 0x1p20f, kMagic = 0x1.8p23f;
  const float low = x > -kBound ? x : -kBound;
  const float inside = low < kBound ? low : kBound;
  return static_cast<int32_t>((inside + kMagic) - kMagic);
}

int32_t wrap(uint32_t x) { return static_cast<int32_t>(x); }

/// The code before it is clamped. Integers wrap like the vector instructions; valid parameters never make them.
int32_t combine(const BinaryParams& p, int32_t a, int32_t b) {
  switch (p.kind) {
    case BinaryKind::kAddInteger: {
      const uint32_t products = static_cast<uint32_t>(a) * static_cast<uint32_t>(p.ma) +
                                static_cast<uint32_t>(b) * static_cast<uint32_t>(p.mb);
      return wrap(products + static_cast<uint32_t>(p.c)) >> (p.shift & 31);
    }
    case BinaryKind::kAddFloat: {
      const float x = static_cast<float>(a - p.za) * p.sa;
      const float y = static_cast<float>(b - p.zb) * p.sb;
      return round_even(x + y) + p.z;
    }
    case BinaryKind::kMul: {
      const int64_t product = int64_t{a - p.za} * (b - p.zb);
      return round_even(static_cast<float>(product) * p.sa) + p.z;
    }
    case BinaryKind::kMin: return std::min(a, b);
    case BinaryKind::kMax: return std::max(a, b);
  }
  return 0;
}

template <class A, class B, class Out>
void combine_tile(const BinaryParams& params, const KernelArgs& args, const Tile& tile, A, B, Out) {
  const auto& e = params.extent;
  const auto* a = reinterpret_cast<const A*>(args.src[0]);
  const auto* b = reinterpret_cast<const B*>(args.src[1]);
  auto* dst = reinterpret_cast<Out*>(args.dst);
  for (std::ptrdiff_t row = tile.row_begin; row < tile.row_end; ++row)
    for (std::ptrdiff_t i2 = 0; i2 < e[2]; ++i2)
      for (std::ptrdiff_t i3 = 0; i3 < e[3]; ++i3) {
        const std::ptrdiff_t index[4] = {row / e[1], row % e[1], i2, i3};
        std::ptrdiff_t from_a = 0, from_b = 0;
        for (std::size_t d = 0; d < 4; ++d) {
          from_a += index[d] * params.a_stride[d];
          from_b += index[d] * params.b_stride[d];
        }
        const int32_t code = combine(params, a[from_a], b[from_b]);
        dst[(row * e[2] + i2) * params.out_stride + i3] =
            static_cast<Out>(std::min(std::max(code, params.lo), params.hi));
      }
}

}  // namespace

void binary_ref(const BinaryParams& params, const KernelArgs& args, const Tile& tile) {
  with_codes(params.a_element, [&](auto a) {
    with_codes(params.b_element, [&](auto b) {
      with_codes(params.out_element, [&](auto out) { combine_tile(params, args, tile, a, b, out); });
    });
  });
}

}  // namespace graupel
