// The matmul kernels that an instruction set has of its own, each equal to the reference bit for bit, and what all of
// them share.
#pragma once

#include <cstddef>

#include "kernels/matmul/matmul.h"

namespace graupel {

extern const Kernel<MatMulParams> kMatMulAvx2;
extern const Kernel<MatMulParams> kMatMulAvx512;

namespace {  // internal linkage: compiled per ISA

/// Elements from the beginning of an operand to its matrix `number`, the last batch extent running fastest.
[[maybe_unused]] inline std::ptrdiff_t matrix_offset(const MatMulParams& params, const MatrixView& view, int number) {
  std::ptrdiff_t offset = 0;
  for (std::size_t i = 3; i-- > 0; number /= params.batch[i])
    offset += static_cast<std::ptrdiff_t>(number % params.batch[i]) * view.batch[i];
  return offset;
}

/// Whether a kernel of bytes alone may take it.
[[maybe_unused]] inline bool is_narrow_matmul(const MatMulParams& params) {
  return !params.wide() && params.out.element == DType::kU8 && params.epilogue.hi <= 255 &&
         params.epilogue.zero_point <= 255 && params.epilogue.table.size <= 256;
}

constexpr int kMatMulRows = 48;  ///< of `a` that are made ready together

/// Steps of four products over k.
[[maybe_unused]] inline int matmul_steps(const MatMulParams& params) { return (params.k + 3) / 4; }

/// Whether rows of `a` can be read where they lie, four bytes at a time.
[[maybe_unused]] inline bool reads_rows_in_place(const MatMulParams& params) {
  return params.a.column == 1 && params.k % 4 == 0;
}

/// Copies `rows` rows of k bytes from `source` to `out`, `steps` * 4 bytes apart, zeros behind them.
[[maybe_unused]] inline void copy_rows(const MatMulParams& params, const uint8_t* source, int rows, uint8_t* out) {
  const int k = params.k, length = 4 * matmul_steps(params);
  for (int r = 0; r < rows; ++r, out += length) {
    const uint8_t* from = source + static_cast<std::ptrdiff_t>(r) * params.a.row;
    if (params.a.column == 1)
      for (int i = 0; i < k; ++i) out[i] = from[i];
    else
      for (int i = 0; i < k; ++i) out[i] = from[static_cast<std::ptrdiff_t>(i) * params.a.column];
    for (int i = k; i < length; ++i) out[i] = 0;
  }
}

}  // namespace
}  // namespace graupel
