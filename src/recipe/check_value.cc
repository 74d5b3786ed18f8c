// What each kind of argument accepts.
#include <algorithm>
#include <cmath>

#include "base/nearest_names.h"
#include "recipe/bind.h"
#include "recipe/words.h"

namespace graupel {
namespace {

using ValueKind = ScriptValue::Kind;

std::string shown(const ScriptValue& value) {
  return value.is_list() ? cat("a list of ", value.items.size()) : cat("'", value.text, "'");
}

Error refused(const ScriptValue& value, const ArgumentRow& row, std::string_view accepted) {
  return invalid(value.at.text(), ": ", shown(value), " for '", row.name, "' (accepted: ", accepted, ")");
}

bool is_name(const ScriptValue& value) { return value.kind == ValueKind::kWord || value.kind == ValueKind::kString; }
bool is_plain_number(const ScriptValue& value) {
  const char last = value.text.empty() ? 'x' : value.text.back();
  return value.kind == ValueKind::kNumber && ((last >= '0' && last <= '9') || last == '.');
}

bool is_listed(const ScriptValue& value, std::string_view values) {
  const auto all = listed_values(values);
  return !value.is_list() && std::any_of(all.begin(), all.end(), [&](std::string_view one) {
    return lower_case(one) == lower_case(value.text);
  });
}

Result<> check_listed(const ScriptValue& value, const ArgumentRow& row) {
  if (row.values.empty() || is_listed(value, row.values)) return {};
  std::vector<std::string> all;
  for (std::string_view one : listed_values(row.values)) all.emplace_back(one);
  if (all.size() <= 6 || value.is_list()) return refused(value, row, quoted_list(all));
  return invalid(value.at.text(), ": ", shown(value), " for '", row.name,
                 "'; nearest: ", quoted_list(nearest_names(lower_case(value.text), all, 3)));
}

Result<> check_each(const ScriptValue& value, const ArgumentRow& row, bool (*accepts)(const ScriptValue&),
                    std::string_view accepted) {
  if (!value.is_list()) return accepts(value) ? Result<>() : refused(value, row, accepted);
  for (const ScriptValue& item : value.items)
    if (!accepts(item)) return refused(item, row, accepted);
  return {};
}

Result<> check_words(const ScriptValue& value, const ArgumentRow& row) {
  GRAUPEL_DO(check_each(value, row, is_name, "words"));
  if (!value.is_list()) return check_listed(value, row);
  for (const ScriptValue& item : value.items) GRAUPEL_DO(check_listed(item, row));
  return {};
}

Result<> check_switch(const ScriptValue& value, const ArgumentRow& row) {
  const std::string word = lower_case(value.text);
  const bool scalar = value.kind == ValueKind::kWord || value.kind == ValueKind::kFlag;
  if (scalar && (on_or_off(word) || word == "allowed" || word == "automatic")) return {};
  if (scalar && !row.values.empty() && is_listed(value, row.values)) return {};
  return refused(value, row, "enabled, disabled, allowed, automatic, True, False");
}

constexpr double kMostCounted = 1e9;

bool is_layer_choice(const ScriptValue& value) { return is_name(value) || value.kind == ValueKind::kGlob; }

}  // namespace

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

std::optional<bool> on_or_off(std::string_view word) {
  const std::string lower = lower_case(word);
  if (lower == "enabled" || lower == "true") return true;
  if (lower == "disabled" || lower == "false") return false;
  return std::nullopt;
}

Result<> check_value(const ScriptValue& value, const ArgumentRow& row) {
  switch (row.kind) {
    case ArgumentKind::kAny: return {};
    case ArgumentKind::kNumber: return is_plain_number(value) ? Result<>() : refused(value, row, "a number");
    case ArgumentKind::kInteger:
      if (!row.values.empty()) return check_listed(value, row);
      if (is_plain_number(value) && std::abs(value.number) < 1e15 && value.number == std::floor(value.number))
        return {};
      return refused(value, row, "an integer");
    case ArgumentKind::kCount:
      if (is_plain_number(value) && value.number >= 1 && value.number <= kMostCounted &&
          value.number == std::floor(value.number))
        return {};
      return refused(value, row, "an integer from 1");
    case ArgumentKind::kNumbers: return check_each(value, row, is_plain_number, "numbers, as [0.5, 1]");
    case ArgumentKind::kDuration:
      return value.kind == ValueKind::kNumber ? Result<>() : refused(value, row, "seconds, or as 25m, 5h");
    case ArgumentKind::kSwitch: return check_switch(value, row);
    case ArgumentKind::kWord:
      if (!is_name(value) && value.kind != ValueKind::kFlag) return refused(value, row, "a word");
      return check_listed(value, row);
    case ArgumentKind::kWords: return check_words(value, row);
    case ArgumentKind::kLayer: return is_name(value) ? Result<>() : refused(value, row, "the name of a layer");
    case ArgumentKind::kLayers:
      return check_each(value, row, is_layer_choice, "a layer, a list of layers, or a pattern as {conv*}");
    case ArgumentKind::kPath:
      return value.kind == ValueKind::kString ? Result<>() : refused(value, row, "a path in quotes");
  }
  return {};
}

}  // namespace graupel
