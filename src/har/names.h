// How enumerators are spelled in files, options and listings.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace graupel {

/// Spellings in the order of the enumerators. Specialized for every enumeration that an op or a preprocess has.
template <class Enum>
std::span<const std::string_view> enum_names();

template <class Enum>
std::string_view enum_name(Enum value) {
  return enum_names<Enum>()[static_cast<std::size_t>(value)];
}

/// "a, b, c": what an error says is accepted.
std::string join_names(std::span<const std::string_view> names);

template <class Enum>
Result<Enum> parse_enum(std::string_view text) {
  const auto names = enum_names<Enum>();
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == text) return static_cast<Enum>(i);
  return invalid("'", text, "' (accepted: ", join_names(names), ")");
}

}  // namespace graupel
