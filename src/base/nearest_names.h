// "Did you mean": the names most like one that does not exist.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace graupel {

/// Up to `count` of `names`, most alike first (fewest edits; names that contain `wanted` come first).
std::vector<std::string> nearest_names(std::string_view wanted, const std::vector<std::string>& names,
                                       std::size_t count = 5);

/// Joined by ", " with quotes.
std::string quoted_list(const std::vector<std::string>& names);

}  // namespace graupel
