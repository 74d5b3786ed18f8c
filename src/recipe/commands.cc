#include "recipe/commands.h"

namespace graupel {

const std::vector<CommandRow>& command_rows() {
  static const std::vector<CommandRow> rows = [] {
    std::vector<CommandRow> all = modification_rows();
    for (auto part : {optimization_rows(), compiler_rows()}) all.insert(all.end(), part.begin(), part.end());
    return all;
  }();
  return rows;
}

std::vector<std::string_view> listed_values(std::string_view text) {
  std::vector<std::string_view> values;
  while (!text.empty()) {
    const std::size_t bar = text.find('|');
    values.push_back(text.substr(0, bar));
    text = bar == std::string_view::npos ? std::string_view() : text.substr(bar + 1);
  }
  return values;
}

}  // namespace graupel
