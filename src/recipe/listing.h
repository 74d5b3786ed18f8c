// The command table as documentation.
#pragma once

#include <string>

namespace graupel {

/// docs/recipe.md: the grammar in a few lines, then every command with its arguments and whether it acts.
std::string command_listing();

}  // namespace graupel
