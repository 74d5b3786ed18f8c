// ONNX comparisons, logic and Where on computed tensors; truth is 1, falsehood 0.
#pragma once

#include "ops/import.h"

namespace graupel {

Result<> import_greater(ImportContext& context);
Result<> import_greater_or_equal(ImportContext& context);
Result<> import_less(ImportContext& context);
Result<> import_less_or_equal(ImportContext& context);
Result<> import_equal(ImportContext& context);
Result<> import_and(ImportContext& context);
Result<> import_or(ImportContext& context);
Result<> import_xor(ImportContext& context);
Result<> import_not(ImportContext& context);
Result<> import_where(ImportContext& context);
/// The lower or upper triangle of the two last extents: a product with a constant of zeros and ones.
Result<> import_trilu(ImportContext& context);

}  // namespace graupel
