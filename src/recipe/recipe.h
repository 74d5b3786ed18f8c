// The model script (.alls): commands that change a model, say how to quantize it, or steer a compiler.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace graupel {

struct ArgumentRow;
struct CommandRow;

/// Where something stands in a script, counted from 1.
struct ScriptPosition {
  int line = 1, column = 1;
  std::string text() const { return cat("line ", line, ", column ", column); }
};

/// A value as written.
struct ScriptValue {
  enum class Kind : uint8_t {
    kNumber,  ///< 0.5, 1e-4, and with a unit 25m, 5h
    kFlag,    ///< True, False
    kWord,    ///< an enumerator or the name of a layer, with or without its scope
    kString,  ///< in single or double quotes
    kGlob,    ///< {conv*}: every layer whose name matches
    kList,
  };
  Kind kind = Kind::kWord;
  std::string text;                ///< without quotes or braces; numbers as written; empty for lists
  double number = 0;               ///< numbers; seconds for those with a unit
  std::vector<ScriptValue> items;  ///< lists
  ScriptPosition at;

  bool is_list() const { return kind == Kind::kList; }
  /// True when every value in it, however deep, is written alike. Positions do not count.
  bool operator==(const ScriptValue& other) const;
};

struct ScriptArgument {
  std::string name;  ///< empty: given by its place
  ScriptValue value;
  ScriptPosition at;
  const ArgumentRow* row = nullptr;  ///< never null in a parsed recipe

  bool operator==(const ScriptArgument& other) const { return name == other.name && value == other.value; }
};

/// One command, proved to fit its row of the command table: the accessors need no errors.
struct RecipeCommand {
  std::vector<std::string> returns;  ///< names bound to the layers that it makes
  bool braces = false;               ///< `{} = command(..)`: binds nothing, and says so
  std::string object;                ///< "context0" in context0.place(..)
  std::string name;
  std::vector<ScriptArgument> arguments;  ///< as written
  ScriptPosition at;
  const CommandRow* row = nullptr;  ///< never null in a parsed recipe

  bool operator==(const RecipeCommand& other) const;

  /// "pre_quantization_optimization(equalization)": the command with its feature, for messages.
  std::string title() const;

  /// The value of an argument by its name in the table, or null when it was left out. A rest argument: its first.
  const ScriptValue* find(std::string_view argument) const;
  bool has(std::string_view argument) const { return find(argument) != nullptr; }
  /// The value, or else the table's default, which then must exist.
  double number(std::string_view argument) const;
  std::string word(std::string_view argument) const;  ///< words in lower case, strings as they are
  /// True, enabled → true; False, disabled → false; any other word → `otherwise`.
  bool enabled(std::string_view argument, bool otherwise = true) const;
  /// Empty when left out; one value counts as a list of it.
  std::vector<double> numbers(std::string_view argument) const;
  std::vector<ScriptValue> values(std::string_view argument) const;
};

struct Recipe {
  std::vector<RecipeCommand> commands;
  bool operator==(const Recipe&) const = default;
};

/// Errors: invalid, with line and column: bad syntax; a command, argument or value that the command table does not
/// have, with the nearest names; a missing or repeated argument.
Result<Recipe> parse_recipe(std::string_view text);

/// One command per line, arguments joined by ", ", no comments, no trailing blanks. Parses back to an equal recipe.
std::string print_recipe(const Recipe& recipe);
std::string print_command(const RecipeCommand& command);

}  // namespace graupel
