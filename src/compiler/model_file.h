// A model from a file of any of the three kinds, recognised by its content.
#pragma once

#include <optional>
#include <string>

#include "compiler/model_preprocess.h"
#include "compiler/parse_file.h"
#include "har/har.h"
#include "hef/hef.h"

namespace graupel {

enum class ModelKind : uint8_t { kOnnx, kHar, kHef };
std::string_view to_string(ModelKind kind);

struct ModelFile {
  ModelKind kind = ModelKind::kOnnx;
  std::string path;
  std::string hash;        ///< XXH3 of the file's bytes, as hex
  std::optional<Har> har;  ///< of an ONNX file: its parsed graph
  std::optional<Hef> hef;
};

/// `preprocess_path`: the YAML to use for an ONNX file; empty: `<stem>.yaml` beside it, if there is one. The
/// declaration is checked against every picture input. Errors: those of the readers; corrupt when the file is of no
/// known kind.
Result<ModelFile> load_model(const std::string& path, ParseOptions options = {},
                             const std::string& preprocess_path = {});

/// Parses `path` as ONNX whatever its content, with the preprocess as load_model finds it.
Result<Har> parse_har(const std::string& path, ParseOptions options, const std::string& preprocess_path);

}  // namespace graupel
