// Fits a command as written to its row of the command table.
#pragma once

#include "recipe/commands.h"
#include "recipe/recipe.h"

namespace graupel {

/// Sets the rows of `command` and its arguments. Errors: invalid, with line and column: an unknown command, feature,
/// argument or value (with the nearest names), a missing or repeated argument.
Result<> bind_command(RecipeCommand& command);

/// Errors: invalid, with line and column, when `value` is not what `row` asks for.
Result<> check_value(const ScriptValue& value, const ArgumentRow& row);

}  // namespace graupel
