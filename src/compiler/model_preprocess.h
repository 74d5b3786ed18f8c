// How pictures are prepared for a model, as a file beside it declares.
#pragma once

#include <optional>
#include <string>

#include "eval/preprocess_file.h"
#include "ir/graph.h"

namespace graupel {

/// `path` with its extension replaced ("m.onnx", ".har" → "m.har").
std::string with_extension(const std::string& path, const std::string& extension);

/// The declaration for a model at `path`: `given`; else `<stem>.yaml` beside it, if there is one.
Result<std::optional<PreprocessFile>> find_preprocess(const std::string& path, const std::string& given);

/// Checks the declaration against the picture inputs and takes it from the others.
Result<> apply_preprocess(const PreprocessFile& file, Graph& graph);

}  // namespace graupel
