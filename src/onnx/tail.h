// The end of a model that is cut off, as an ONNX file of its own.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "onnx/model.h"

namespace graupel::onnx {

/// What the model in file `path` still computes when tensors `cuts` are given: the nodes that its outputs depend on,
/// going no further back than `cuts`. The file's inputs are those of `cuts` that are read (in that order, with their
/// extents, as floats unless the model says otherwise), then the model's inputs that are still read; its outputs, the
/// model's that are not themselves cuts. Empty when no output is left. Everything else (operators that Graupel does not
/// know, sub-graphs, metadata) is kept as it is. Equal models give equal bytes.
/// Errors: those of reading the file; not_found (a cut that the model does not have).
Result<Bytes> tail_of(const std::string& path, const std::vector<ValueInfo>& cuts);

}  // namespace graupel::onnx
