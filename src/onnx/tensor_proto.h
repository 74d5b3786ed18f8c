// ONNX tensors and element types → ours. Internal to this folder: it names protobuf.
#pragma once

#include <string>

#include "onnx/external_data.h"
#include "onnx/protobuf.h"
#include "tensor/tensor.h"

namespace graupel::onnx {

/// The name of ONNX element type number `type`, for messages.
std::string element_type_name(int type);

/// What we keep such elements as: all floats as f32, u32 and u64 as s64. Error: unsupported (strings, complex, 4-bit,
/// float8).
Result<DType> element_type(int type);

/// A tensor with its data, wherever that lies. Errors: corrupt (size differs from the extents), unsupported, and what
/// `external` returns.
Result<Tensor> read_tensor(const ::onnx::TensorProto& proto, const ExternalData& external);

/// Moves a tensor's data from a file beside the model into the message. Errors: what `external` returns.
Result<> embed_external(::onnx::TensorProto& proto, const ExternalData& external);

}  // namespace graupel::onnx
