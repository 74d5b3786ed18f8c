// The model script's nms_postprocess as a request.
#pragma once

#include "compiler/detect_config.h"
#include "recipe/recipe.h"

namespace graupel {

/// The configuration file that the command names, else `stored` (the JSON that came with the model, or empty), with the
/// command's keywords over it. Paths start where the process does. Errors: those of reading; unsupported (meta_arch).
Result<DetectRequest> detect_request(const RecipeCommand& command, const std::string& stored);

}  // namespace graupel
