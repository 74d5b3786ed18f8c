// ONNX files as protobuf messages. Internal to this folder.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "onnx/protobuf.h"

namespace graupel::onnx {

/// Errors: not_found, io, corrupt, unsupported (2 GiB or more).
Result<::onnx::ModelProto> read_proto(const std::string& path);

/// The same bytes for equal messages. Error: unsupported (2 GiB or more).
Result<Bytes> serialize(const ::onnx::ModelProto& proto);

}  // namespace graupel::onnx
