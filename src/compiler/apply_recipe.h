// What the commands of a model script do: calls of passes, and options of passes and quantizer.
#pragma once

#include <map>

#include "compiler/verbs.h"
#include "recipe/recipe.h"

namespace graupel {

/// Names that a script binds → the layers they are.
using BoundNames = std::map<std::string, std::string>;

struct AppliedModifications {
  std::vector<Modification> list;  ///< in the order of the script
  std::vector<std::string> warnings;
  std::vector<std::string> messages;  ///< what was changed on the way, for people
  std::string nms_config;             ///< what nms_postprocess came to, as JSON, or empty
  BoundNames bound;
};

/// Carries out the modification commands on a parsed graph, in the order of the script. `nms_config`: the JSON that
/// came with the model, for an nms_postprocess that names no file; may be empty. Errors name line and column.
Result<AppliedModifications> apply_modifications(const Recipe& recipe, const std::string& nms_config, Graph& graph);

/// Sets the options that decide how the full-precision passes run.
Result<> apply_full_precision_commands(const Recipe& recipe, PassOptions& options);
/// Equalizes an optimized graph where the script asks for it. `parsed` has the layers that scripts name.
Result<> apply_equalization(const Recipe& recipe, const Graph& parsed, const std::vector<Modification>& modifications,
                            Graph& optimized);

/// Sets the options that decide how the HAR's optimized graph is quantized; sentences for the user go to `warnings`.
Result<> apply_quantization_commands(const Recipe& recipe, const Har& har, OptimizeOptions& options,
                                     std::vector<std::string>& warnings);

/// False for a command that only switches off what is not there.
bool asks_for_something(const RecipeCommand& command);

}  // namespace graupel
