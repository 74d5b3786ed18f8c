// Words of a script: case, enumerations, on and off.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace graupel {

std::string lower_case(std::string_view text);

/// enabled, True → true; disabled, False → false; anything else: none.
std::optional<bool> on_or_off(std::string_view word);

}  // namespace graupel
