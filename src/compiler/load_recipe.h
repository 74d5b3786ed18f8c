// A model script and its HAR: loading, checking, showing.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "har/har.h"
#include "recipe/layer_names.h"
#include "recipe/recipe.h"

namespace graupel {

/// Makes `text` the HAR's model script, or the rest of it with `append`. `folder` is where relative paths in it start;
/// empty: from the working directory. What a script changes happens when the HAR is optimized; on a HAR that already
/// is, those commands are kept and not applied again. Returns sentences for the user: patterns that match
/// nothing, what has no effect here, what comes too late. Errors: invalid, with line and column: the text; layers that
/// the model does not have, with the nearest names. The HAR stays as it was on error.
Result<std::vector<std::string>> load_recipe(Har& har, const std::string& text, const std::string& folder, bool append);

/// The same from a file, whose folder then is `folder`. Errors also: io.
Result<std::vector<std::string>> load_recipe_file(Har& har, const std::string& path, bool append);

/// The script as commands, with paths made absolute: one command per line, no comments. Errors: those of parse_recipe.
Result<Recipe> effective_recipe(const Har& har);
/// What the script says calibration should use, if it says so. Errors: those of parse_recipe.
Result<std::optional<int>> calibration_frames(const Har& har);

/// What a script may name in `graph`: inputs, layers, output_layer1 ….
LayerNames layer_names(const Graph& graph);

}  // namespace graupel
