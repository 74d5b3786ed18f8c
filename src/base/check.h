// check(): a broken invariant of our own code aborts. Input from a user or a file never reaches it.
#pragma once

#include <string_view>

namespace graupel {

[[noreturn]] void check_failed(std::string_view what, const char* file, int line);

// Clang 14 lacks what libstdc++'s std::source_location needs; both compilers have the built-ins.
inline void check(bool holds, std::string_view what = "invariant", const char* file = __builtin_FILE(),
                  int line = __builtin_LINE()) {
  if (!holds) [[unlikely]]
    check_failed(what, file, line);
}

}  // namespace graupel
