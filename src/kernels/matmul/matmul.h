// Products of two activations, batched (N4.3).
#pragma once

#include <array>

#include "kernels/kernel.h"

namespace graupel {

/// Where the matrices of an operand lie: element (i, j) of the one at batch index x is x . batch + i * row + j * column
/// elements from the operand's beginning.
struct MatrixView {
  std::array<int32_t, 3> batch = {};
  int32_t row = 1, column = 1;
  DType element = DType::kU8;  ///< u8 or u16 codes

  static constexpr auto fields() {
    return std::tuple{Field{"batch", &MatrixView::batch}, Field{"row", &MatrixView::row},
                      Field{"column", &MatrixView::column}, Field{"element", &MatrixView::element}};
  }
  bool operator==(const MatrixView&) const = default;
};

/// src[0]: matrices `a` of m x k; src[1]: matrices `b` of k x n; dst: matrices `out` of m x n, whose `column` is 1.
/// acc = sum over k of (a - a_zero_point)(b - b_zero_point), exact: in s32 when both are u8, else in s64; then the
/// epilogue, which has no residual and a scale for each of the n columns.
struct MatMulParams {
  static constexpr std::string_view kName = "matmul";
  std::array<int32_t, 3> batch = {1, 1, 1};  ///< extents
  int32_t m = 1, k = 1, n = 1;
  MatrixView a, b, out;
  int32_t a_zero_point = 0, b_zero_point = 0;
  Epilogue epilogue;

  static constexpr int32_t kBlock = 64;  ///< columns in one unit of work
  int32_t matrices() const { return batch[0] * batch[1] * batch[2]; }
  Work work() const { return {matrices(), (n - 1) / kBlock + 1}; }
  bool wide() const { return a.element == DType::kU16 || b.element == DType::kU16; }
  static constexpr auto fields() {
    return std::tuple{Field{"batch", &MatMulParams::batch},
                      Field{"m", &MatMulParams::m},
                      Field{"k", &MatMulParams::k},
                      Field{"n", &MatMulParams::n},
                      Field{"a", &MatMulParams::a},
                      Field{"b", &MatMulParams::b},
                      Field{"out", &MatMulParams::out},
                      Field{"a_zero_point", &MatMulParams::a_zero_point},
                      Field{"b_zero_point", &MatMulParams::b_zero_point},
                      Field{"epilogue", &MatMulParams::epilogue}};
  }
  bool operator==(const MatMulParams&) const = default;
};

void matmul_ref(const MatMulParams&, const KernelArgs&, const Tile&);

}  // namespace graupel
