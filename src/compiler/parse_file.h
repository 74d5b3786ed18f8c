// An ONNX file becomes a HAR: what is asked, found and recommended on the way.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/end_nodes.h"
#include "har/har.h"

namespace graupel {

/// What to do where end nodes are recommended and none were given.
enum class Advice : uint8_t {
  kIgnore,   ///< recommend nothing
  kMention,  ///< say so; parse the whole model, or fail with the recommendation in the error
  kFollow,   ///< end there; of a detector's heads, add nms_postprocess and its configuration
};

struct ParsedFile {
  Har har;
  std::optional<EndNodes> recommended;
  std::vector<std::string> messages;  ///< what the vendor's parser prints, line by line
};

/// `preprocess_path`: as load_model has it; none: no declaration is looked for. The HAR keeps what end nodes cut off as
/// an ONNX file. Errors: those of parse_model and of the declaration's reader.
Result<ParsedFile> parse_file(const std::string& path, ParseOptions options,
                              const std::optional<std::string>& preprocess_path, Advice advice);

}  // namespace graupel
