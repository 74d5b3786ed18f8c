// ONNX nodes of two operands: how operands are read, brought to one layout and combined.
#pragma once

#include <optional>

#include "ops/image_import.h"

namespace graupel {

/// A node's input as it comes: a constant in ONNX order, or a value of the graph.
struct BinaryOperand {
  std::optional<Tensor> constant;
  ImportValue value;

  const Shape& shape() const { return constant ? constant->type.shape : value.shape; }
};

/// Input `i`; a constant as f32. Errors: unsupported (an element type, an empty constant).
Result<BinaryOperand> binary_operand(ImportContext& context, std::size_t i);

/// `a` kind `b`, broadcast: with a constant scalar or one per channel an Affine, else a Binary.
Result<ImportValue> combine(ImportContext& context, Binary::Kind kind, const BinaryOperand& a, const BinaryOperand& b);

}  // namespace graupel
