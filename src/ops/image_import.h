// ONNX operators on images: operands brought to NHWC (1-D ones as height 1) and constants as f32.
#pragma once

#include "ops/ops.h"

namespace graupel {

/// An activation as a rank-4 value stored N, H, W, C.
struct ImageOperand {
  ImportValue value;
  bool flat = false;  ///< was N, C, L: height 1 was added

  /// The spatial extents the ONNX operator speaks of: {H, W}, or {L}.
  std::vector<int64_t> extents() const;
  int64_t channels() const { return value.shape[1]; }
};

/// Input `i`, of rank 4 or 3. Errors: unsupported (another rank).
Result<ImageOperand> image_operand(ImportContext& context, std::size_t i);
/// Appends `op` over the image (and `rest`) and gives the node's first output its value, with the added height taken
/// off.
Result<> finish_image(ImportContext& context, const ImageOperand& image, const AnyOp& op,
                      const std::vector<ImportValue>& rest = {});

/// The constant of input `i` as f32, in ONNX order. Errors: unsupported when it is computed at run time, naming `what`.
Result<Tensor> constant_f32(const ImportContext& context, std::size_t i, std::string_view what);

/// An f32 constant of shape [count] filled with `value`.
Tensor filled(int64_t count, float value);

/// Errors: unsupported when the node produces output `index`, naming `what`.
Result<> refuse_output(const ImportContext& context, std::size_t index, std::string_view what);

/// Appends a single-input `op` that keeps rank and layout: the result is stored in the input's order.
Result<> finish_same_order(ImportContext& context, const ImportValue& in, const AnyOp& op,
                           const std::vector<ImportValue>& rest = {});

/// The stored extent that holds ONNX axis `axis`.
int32_t stored_axis(const ImportValue& value, int64_t axis);

/// `axis` with negatives counted from the end. Errors: invalid when it is not one of `rank`.
Result<int64_t> checked_axis(int64_t axis, std::size_t rank);

}  // namespace graupel
