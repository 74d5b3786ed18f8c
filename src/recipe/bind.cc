#include "recipe/bind.h"

#include <algorithm>

#include "base/nearest_names.h"
#include "recipe/words.h"

namespace graupel {
namespace {

constexpr ArgumentRow kFeature{"feature", ArgumentKind::kWord, ArgumentPlace::kFirst, "", ""};

Error unknown(ScriptPosition at, std::string_view what, std::string_view name, const std::vector<std::string>& names) {
  return invalid(at.text(), ": ", what, " '", name, "'; nearest: ", quoted_list(nearest_names(name, names, 3)));
}

/// The row of `command`, whose feature, if rows differ by it, is the first argument.
Result<const CommandRow*> find_row(const RecipeCommand& command) {
  std::vector<std::string> names, features;
  for (const CommandRow& row : command_rows()) {
    names.emplace_back(row.name);
    if (row.name != command.name) continue;
    if (row.feature.empty()) return &row;
    features.emplace_back(row.feature);
  }
  if (features.empty()) return unknown(command.at, "there is no command", command.name, names);
  if (command.arguments.empty() || !command.arguments[0].name.empty() ||
      command.arguments[0].value.kind != ScriptValue::Kind::kWord)
    return invalid(command.at.text(), ": ", command.name, " starts with what it sets: ", quoted_list(features));
  const ScriptArgument& feature = command.arguments[0];
  for (const CommandRow& row : command_rows())
    if (row.name == command.name && row.feature == lower_case(feature.value.text)) return &row;
  return unknown(feature.at, cat(command.name, " does not set"), feature.value.text, features);
}

class Binder {
 public:
  explicit Binder(RecipeCommand& command) : command_(command) {}

  Result<> run() {
    GRAUPEL_DO(by_name());
    GRAUPEL_DO(by_place());
    for (const ArgumentRow& row : command_.row->arguments) {
      const bool required = row.place == ArgumentPlace::kFirst || row.place == ArgumentPlace::kRest;
      if (required && !command_.has(row.name))
        return invalid(command_.at.text(), ": ", command_.title(), " needs the argument '", row.name, "'");
    }
    for (const ScriptArgument& argument : command_.arguments)
      if (argument.row != &kFeature) GRAUPEL_DO(check_value(argument.value, *argument.row));
    if (command_.row->check != nullptr) GRAUPEL_DO(command_.row->check(command_));
    if (!command_.returns.empty() && !command_.row->returns_names)
      return invalid(command_.at.text(), ": ", command_.title(), " makes no layer that '", command_.returns[0],
                     "' could name; write the command alone");
    return {};
  }

 private:
  Result<> by_name() {
    for (ScriptArgument& argument : command_.arguments) {
      if (argument.name.empty()) continue;
      for (const ArgumentRow& row : command_.row->arguments)
        if (row.name == argument.name) argument.row = &row;
      if (argument.row == nullptr) return unknown_argument(argument);
      for (const ScriptArgument& other : command_.arguments)
        if (&other != &argument && other.row == argument.row)
          return invalid(argument.at.text(), ": the argument '", argument.name, "' is given twice");
    }
    return {};
  }

  Error unknown_argument(const ScriptArgument& argument) const {
    std::vector<std::string> names;
    for (const ArgumentRow& row : command_.row->arguments) names.emplace_back(row.name);
    return unknown(argument.at, cat(command_.title(), " has no argument"), argument.name, names);
  }

  // Values without a name take the next place that they fit; places that may be left out give way to those that must
  // be filled.
  Result<> by_place() {
    std::vector<ScriptArgument*> values;
    for (ScriptArgument& argument : command_.arguments)
      if (argument.name.empty()) values.push_back(&argument);
    std::size_t next = 0;
    if (!command_.row->feature.empty()) values[next++]->row = &kFeature;
    std::optional<Error> misfit;
    for (const ArgumentRow& row : command_.row->arguments) {
      if (row.place == ArgumentPlace::kKeyword || command_.has(row.name) || next == values.size()) continue;
      if (row.place == ArgumentPlace::kMaybe) {
        if (values.size() - next <= still_required(row)) continue;
        if (auto fits = check_value(values[next]->value, row); !fits.ok()) {
          if (!misfit) misfit = fits.error();
          continue;
        }
      }
      do values[next++]->row = &row;
      while (row.place == ArgumentPlace::kRest && next < values.size());
    }
    if (next == values.size()) return {};
    if (misfit) return *misfit;
    return invalid(values[next]->at.text(), ": ", command_.title(), " takes no further value without a name");
  }

  // How many places behind `from` must be filled.
  std::size_t still_required(const ArgumentRow& from) const {
    std::size_t count = 0;
    bool behind = false;
    for (const ArgumentRow& row : command_.row->arguments) {
      const bool required = row.place == ArgumentPlace::kFirst || row.place == ArgumentPlace::kRest;
      count += behind && required && !command_.has(row.name) ? 1 : 0;
      behind = behind || &row == &from;
    }
    return count;
  }

  RecipeCommand& command_;
};

}  // namespace

Result<> bind_command(RecipeCommand& command) {
  GRAUPEL_TRY(command.row, find_row(command));
  return Binder(command).run();
}

}  // namespace graupel
