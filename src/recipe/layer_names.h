// Layers as a script names them: with or without their scope, one by one, in lists, by patterns.
#pragma once

#include "recipe/recipe.h"

namespace graupel {

/// What a script may name in one network.
struct LayerNames {
  std::string scope;               ///< the network's name, as before the '/' of "net/conv1"
  std::vector<std::string> names;  ///< without scope
};

/// True when `name` fits `pattern` as a whole: '*' any characters, '?' one, [a-c] one of these, [!a-c] one of the
/// others.
bool matches_pattern(std::string_view pattern, std::string_view name);

/// The name without its scope. Errors: invalid, with line and column: no such layer (the nearest are named), another
/// network's scope.
Result<std::string> resolve_layer(const ScriptValue& value, const LayerNames& known);

/// Every layer that `values` name, in the order of `known`, each once. A pattern may match none; a name must exist.
Result<std::vector<std::string>> resolve_layers(const std::vector<ScriptValue>& values, const LayerNames& known);

}  // namespace graupel
