// Broadcasting of two shapes as NumPy's: the shape that results, and how each operand walks through it.
#pragma once

#include "base/result.h"
#include "tensor/tensor.h"

namespace graupel {

/// Extents are aligned at the end; equal ones and ones of 1 go together. Errors: invalid, naming both shapes.
Result<Shape> broadcast_shape(const Shape& a, const Shape& b);

/// One extent of the result and how many elements each dense operand goes on per index; 0 repeats.
struct BroadcastAxis {
  int64_t extent = 1, a = 0, b = 0;
};

/// The result's extents, outermost first, none of 1 but the last; the last is the result's own, those before are merged
/// where `merge` and both operands walk on alike. At least one.
std::vector<BroadcastAxis> broadcast_axes(const Shape& a, const Shape& b, const Shape& out, bool merge);

}  // namespace graupel
