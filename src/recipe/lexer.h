// Characters of a model script → tokens.
#pragma once

#include "recipe/recipe.h"

namespace graupel {

struct ScriptToken {
  enum class Kind : uint8_t { kName, kNumber, kString, kGlob, kPunctuation, kNewline, kEnd };
  Kind kind = Kind::kEnd;
  std::string text;   ///< without quotes and braces; one character for punctuation
  double number = 0;  ///< seconds when written with a unit
  ScriptPosition at;

  bool is(char punctuation) const { return kind == Kind::kPunctuation && text[0] == punctuation; }
};

/// Comments are gone; a line break inside brackets is none. The last token is kEnd. Errors: invalid, with line and
/// column (a character that means nothing, a string or glob without its end).
Result<std::vector<ScriptToken>> tokenize_script(std::string_view text);

}  // namespace graupel
