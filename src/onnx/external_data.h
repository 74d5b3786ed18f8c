// Tensor data that lies in files beside the model.
#pragma once

#include <map>
#include <string>

#include "base/file.h"

namespace graupel::onnx {

/// Opens files of one folder, each once. Not thread-safe.
class ExternalData {
 public:
  explicit ExternalData(std::string folder) : folder_(std::move(folder)) {}

  /// `length` bytes from `offset` of file `location`, valid as long as this object. length -1: to the end of the file.
  /// Errors: invalid (a location that leaves the folder), corrupt (beyond the end), not_found, io.
  Result<ByteSpan> bytes(const std::string& location, int64_t offset, int64_t length) const;

 private:
  std::string folder_;
  mutable std::map<std::string, MappedFile> files_;
};

}  // namespace graupel::onnx
