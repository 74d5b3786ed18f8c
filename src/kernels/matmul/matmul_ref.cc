// The definition of the product of two activations (N4.3): plain loops, vectorizable over neighbouring columns.
#include <algorithm>

#include "kernels/epilogue_ref.h"
#include "kernels/matmul/matmul_kernels.h"

namespace graupel {
namespace {

constexpr int kColumns = MatMulParams::kBlock;

/// acc[j] += a * (b[j] - zero_point); modulo 2^32 for bytes (N1.4), else exact.
template <class Sum, class B>
void add_products(Sum* __restrict acc, int32_t a, const B* b, std::ptrdiff_t column, int32_t zero_point, int count) {
  const auto product = [&](int32_t code) {
    if constexpr (sizeof(Sum) == 4)
      return static_cast<Sum>(a * (code - zero_point));
    else
      return static_cast<Sum>(a) * (code - zero_point);
  };
  if (column == 1) {
    for (int j = 0; j < count; ++j) acc[j] += product(b[j]);
  } else {
    for (int j = 0; j < count; ++j) acc[j] += product(b[j * column]);
  }
}

template <class A, class B>
void multiply(const MatMulParams& params, const KernelArgs& args, const Tile& tile) {
  using Sum = std::conditional_t<sizeof(A) == 1 && sizeof(B) == 1, uint32_t, int64_t>;
  const int end = std::min(tile.block_end * kColumns, params.n);
  for (int number = tile.row_begin; number < tile.row_end; ++number) {
    const A* a = reinterpret_cast<const A*>(args.src[0]) + matrix_offset(params, params.a, number);
    const B* b = reinterpret_cast<const B*>(args.src[1]) + matrix_offset(params, params.b, number);
    const std::ptrdiff_t out = matrix_offset(params, params.out, number);
    for (int i = 0; i < params.m; ++i) {
      const A* row = a + static_cast<std::ptrdiff_t>(i) * params.a.row;
      for (int first = tile.block_begin * kColumns; first < end; first += kColumns) {
        const int count = std::min(kColumns, end - first);
        Sum acc[kColumns] = {};
        for (int k = 0; k < params.k; ++k)
          add_products(
              acc, row[static_cast<std::ptrdiff_t>(k) * params.a.column] - params.a_zero_point,
              b + static_cast<std::ptrdiff_t>(k) * params.b.row + static_cast<std::ptrdiff_t>(first) * params.b.column,
              params.b.column, params.b_zero_point, count);
        const std::ptrdiff_t at = out + static_cast<std::ptrdiff_t>(i) * params.out.row + first;
        requantize_ref(params.epilogue, args.constants, first, count, acc, nullptr, params.out.element,
                       args.dst + at * code_bytes(params.out.element));
      }
    }
  }
}

}  // namespace

void matmul_ref(const MatMulParams& params, const KernelArgs& args, const Tile& tile) {
  with_codes(params.a.element, [&]<class A>(A) {
    with_codes(params.b.element, [&]<class B>(B) { multiply<A, B>(params, args, tile); });
  });
}

}  // namespace graupel
