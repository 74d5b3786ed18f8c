// Integer operands of ONNX nodes: shapes, axes, starts, repeats.
#pragma once

#include "ops/import.h"

namespace graupel {

/// The constant of input `i` (s64 or s32) as a list. Errors: unsupported when it is computed at run time, naming
/// `what`.
Result<std::vector<int64_t>> constant_integers(const ImportContext& context, std::size_t i, std::string_view what);

/// The constant of input `i`, of floats, integers or truth values, as f32. Errors: unsupported (computed at run time,
/// another element type).
Result<Tensor> constant_number(const ImportContext& context, std::size_t i, std::string_view what);
/// Attribute `key`, or where the node has none, input `i` if given, or an empty list.
Result<std::vector<int64_t>> attribute_or_input(const ImportContext& context, const char* key, std::size_t i);

/// The node's axes as 0 .. rank - 1; all of them, in order, when `axes` is empty. Errors: invalid (out of range,
/// twice).
Result<std::vector<int64_t>> checked_axes(std::vector<int64_t> axes, std::size_t rank);

/// Identity, as ImportValue::order.
std::vector<int> onnx_order(std::size_t rank);

}  // namespace graupel
