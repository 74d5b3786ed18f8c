// The command table: every command of the model script, one row each. What parses, what is checked, what the docs list.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace graupel {

struct RecipeCommand;

enum class ArgumentKind : uint8_t {
  kNumber,
  kInteger,
  kCount,     ///< an integer from 1
  kNumbers,   ///< [0.5, 1]
  kDuration,  ///< 3600, 25m, 5h
  kSwitch,    ///< enabled, disabled, allowed, automatic, True, False
  kWord,      ///< one of the row's values; any word when it lists none
  kWords,     ///< a word or a list of them
  kLayer,     ///< the name of one layer
  kLayers,    ///< a name, a list of names, or a glob
  kPath,      ///< a file, relative to the script's folder
  kAny,
};

enum class ArgumentPlace : uint8_t {
  kFirst,    ///< by place or by name, and must be given
  kMaybe,    ///< by place or by name, and may be left out even before others
  kRest,     ///< all further values without a name, at least one
  kKeyword,  ///< by name only
};

struct ArgumentRow {
  std::string_view name;
  ArgumentKind kind = ArgumentKind::kAny;
  ArgumentPlace place = ArgumentPlace::kKeyword;
  std::string_view fallback;  ///< the default as it would be written; empty: none
  std::string_view values;    ///< "a|b|c": all that is allowed; with kSwitch: further words
  bool ignored = false;       ///< of a command that acts: read, checked, and all other values do what the default does
};

/// When a command counts: parsed → optimized, optimized → quantized, or quantized → compiled.
enum class RecipeStage : uint8_t { kModification, kOptimization, kCompiler };
/// kIgnored: it steers how the vendor's hardware is used and has no meaning here.
enum class RecipeState : uint8_t { kActs, kNotYet, kIgnored };

struct CommandRow {
  std::string_view name;
  std::string_view feature;  ///< the first word in the brackets that chooses this row; empty: there is only one row
  RecipeStage stage = RecipeStage::kCompiler;
  RecipeState state = RecipeState::kIgnored;
  bool returns_names = false;
  std::string_view effect;  ///< one sentence for the documentation, and for the warning of kNotYet
  std::vector<ArgumentRow> arguments;
  /// What no row can say; called once all arguments fit theirs.
  Result<> (*check)(const RecipeCommand& command) = nullptr;
};

/// In the order of the documentation.
const std::vector<CommandRow>& command_rows();

/// `text` split at '|'.
std::vector<std::string_view> listed_values(std::string_view text);

// The table's parts, by stage.
std::vector<CommandRow> modification_rows();
std::vector<CommandRow> optimization_rows();
std::vector<CommandRow> compiler_rows();

// How rows spell arguments.
using Kind = ArgumentKind;
inline ArgumentRow first(std::string_view name, Kind kind, std::string_view values = "") {
  return {name, kind, ArgumentPlace::kFirst, "", values};
}
inline ArgumentRow maybe(std::string_view name, Kind kind, std::string_view fallback = "",
                         std::string_view values = "") {
  return {name, kind, ArgumentPlace::kMaybe, fallback, values};
}
inline ArgumentRow rest(std::string_view name, Kind kind) { return {name, kind, ArgumentPlace::kRest, "", ""}; }
inline ArgumentRow key(std::string_view name, Kind kind, std::string_view fallback = "", std::string_view values = "") {
  return {name, kind, ArgumentPlace::kKeyword, fallback, values};
}
inline ArgumentRow ignored(ArgumentRow row) {
  row.ignored = true;
  return row;
}

}  // namespace graupel
