// ONNX operators that are products with constant matrices along an axis.
#pragma once

#include "ops/image_import.h"

namespace graupel {

/// `x` with its elements along ONNX axis `axis` as rows times `matrix` [extent, new extent], plus `bias` [new extent].
Result<ImportValue> times_matrix(ImportContext& context, const ImportValue& x, int64_t axis, const Tensor& matrix,
                                 const Tensor& bias);

/// Sums up to each element: a product with a triangle of ones, which adds in order.
Result<> import_cum_sum(ImportContext& context);

}  // namespace graupel
