// check(): a broken invariant of our own code aborts. Input from a user or a file never reaches it.
#pragma once

#include <source_location>
#include <string_view>

namespace graupel {

[[noreturn]] void check_failed(std::string_view what, const std::source_location& where);

inline void check(bool holds, std::string_view what = "invariant",
                  const std::source_location& where = std::source_location::current()) {
  if (!holds) [[unlikely]]
    check_failed(what, where);
}

}  // namespace graupel
