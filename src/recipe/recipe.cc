#include "recipe/recipe.h"

#include <charconv>

#include "base/check.h"
#include "recipe/commands.h"
#include "recipe/words.h"

namespace graupel {
namespace {

std::string print_value(const ScriptValue& value) {
  switch (value.kind) {
    case ScriptValue::Kind::kString: {
      const char quote = value.text.find('"') == std::string::npos ? '"' : '\'';
      return cat(quote, value.text, quote);
    }
    case ScriptValue::Kind::kGlob: return cat("{", value.text, "}");
    case ScriptValue::Kind::kList: {
      std::string text;
      for (const ScriptValue& item : value.items) text += (text.empty() ? "" : ", ") + print_value(item);
      return cat("[", text, "]");
    }
    default: return value.text;
  }
}

/// The default of an argument that the command's row must have.
std::string_view fallback_of(const RecipeCommand& command, std::string_view argument) {
  for (const ArgumentRow& row : command.row->arguments)
    if (row.name == argument) return row.fallback;
  check(false, "RecipeCommand: an argument that the table does not have");
  return {};
}

}  // namespace

bool ScriptValue::operator==(const ScriptValue& other) const {
  return kind == other.kind && text == other.text && items == other.items;
}

bool RecipeCommand::operator==(const RecipeCommand& other) const {
  return returns == other.returns && braces == other.braces && object == other.object && name == other.name &&
         arguments == other.arguments;
}

std::string RecipeCommand::title() const {
  return row == nullptr || row->feature.empty() ? name : cat(name, "(", row->feature, ")");
}

const ScriptValue* RecipeCommand::find(std::string_view argument) const {
  for (const ScriptArgument& one : arguments)
    if (one.row != nullptr && one.row->name == argument) return &one.value;
  return nullptr;
}

double RecipeCommand::number(std::string_view argument) const {
  if (const ScriptValue* value = find(argument)) return value->number;
  const std::string_view text = fallback_of(*this, argument);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  check(error == std::errc() && end == text.data() + text.size(), "RecipeCommand::number: no default");
  return number;
}

std::string RecipeCommand::word(std::string_view argument) const {
  const ScriptValue* value = find(argument);
  if (value == nullptr) return std::string(fallback_of(*this, argument));
  return value->kind == ScriptValue::Kind::kString ? value->text : lower_case(value->text);
}

bool RecipeCommand::enabled(std::string_view argument, bool otherwise) const {
  return on_or_off(word(argument)).value_or(otherwise);
}

std::vector<double> RecipeCommand::numbers(std::string_view argument) const {
  std::vector<double> all;
  for (const ScriptValue& value : values(argument)) all.push_back(value.number);
  return all;
}

std::vector<ScriptValue> RecipeCommand::values(std::string_view argument) const {
  std::vector<ScriptValue> all;
  for (const ScriptArgument& one : arguments) {
    if (one.row == nullptr || one.row->name != argument) continue;
    if (one.value.is_list())
      all.insert(all.end(), one.value.items.begin(), one.value.items.end());
    else
      all.push_back(one.value);
  }
  return all;
}

std::string print_command(const RecipeCommand& command) {
  std::string text;
  for (const std::string& name : command.returns) text += (text.empty() ? "" : ", ") + name;
  if (command.braces) text = "{}";
  if (!text.empty()) text += " = ";
  if (!command.object.empty()) text += command.object + ".";
  text += command.name + "(";
  bool first = true;
  for (const ScriptArgument& argument : command.arguments) {
    text += cat(first ? "" : ", ", argument.name, argument.name.empty() ? "" : "=", print_value(argument.value));
    first = false;
  }
  return text + ")";
}

std::string print_recipe(const Recipe& recipe) {
  std::string text;
  for (const RecipeCommand& command : recipe.commands) text += print_command(command) + "\n";
  return text;
}

}  // namespace graupel
