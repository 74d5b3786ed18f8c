#include "eval/labels.h"

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "base/file.h"
#include "har/archive.h"

namespace graupel {
namespace {

using Row = std::vector<std::string>;

/// The next row of `csv`, which it shortens.
Row next_row(std::string_view& csv) {
  Row row(1);
  bool quoted = false;
  std::size_t i = 0;
  for (; i < csv.size(); ++i) {
    const char c = csv[i];
    if (quoted && c == '"' && i + 1 < csv.size() && csv[i + 1] == '"') {
      row.back() += csv[++i];
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && c == ',') {
      row.emplace_back();
    } else if (!quoted && c == '\n') {
      break;
    } else if (quoted || c != '\r') {
      row.back() += c;
    }
  }
  csv.remove_prefix(std::min(i + 1, csv.size()));
  return row;
}

Result<std::size_t> column_of(const Row& header, const std::string& name) {
  const auto found = std::find(header.begin(), header.end(), name);
  if (found != header.end()) return static_cast<std::size_t>(found - header.begin());
  std::string columns;
  for (const std::string& column : header) columns += cat(columns.empty() ? "" : ", ", column);
  return invalid("no column '", name, "' (columns: ", columns, ")");
}

Result<int> class_of(const std::string& text) {
  int label = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), label);
  if (error != std::errc() || end != text.data() + text.size() || label < 0)
    return invalid("label '", text, "' is no class index (0, 1, …)");
  return label;
}

}  // namespace

Result<Labels> parse_labels(std::string_view csv, const LabelOptions& options) {
  if (csv.starts_with("\xEF\xBB\xBF")) csv.remove_prefix(3);
  const Row header = next_row(csv);
  GRAUPEL_TRY(const std::size_t file_column, column_of(header, options.file_column));
  GRAUPEL_TRY(const std::size_t label_column, column_of(header, options.label_column));
  std::vector<std::pair<std::size_t, std::string>> where;
  for (const auto& [name, value] : options.where) {
    GRAUPEL_TRY(const std::size_t column, column_of(header, name));
    where.emplace_back(column, value);
  }
  Labels labels;
  for (int line = 2; !csv.empty(); ++line) {
    const Row row = next_row(csv);
    if (row == Row{""}) continue;
    if (row.size() != header.size())
      return invalid("row ", line, " has ", row.size(), " fields, the header ", header.size());
    if (!std::all_of(where.begin(), where.end(), [&](const auto& w) { return row[w.first] == w.second; })) continue;
    GRAUPEL_TRY(const int label, class_of(row[label_column]).within("row ", line));
    const std::string file = std::filesystem::path(row[file_column]).filename().string();
    const auto [place, fresh] = labels.emplace(file, label);
    if (!fresh && place->second != label)
      return invalid("row ", line, ": file '", file, "' has the labels ", place->second, " and ", label);
  }
  if (labels.empty()) return invalid("no row is left; check the conditions on columns");
  return labels;
}

Result<Labels> read_labels(const std::string& path, const LabelOptions& options) {
  GRAUPEL_TRY(const MappedFile mapped, MappedFile::open(path));
  return parse_labels(to_text(mapped.bytes()), options).within("'", path, "'");
}

}  // namespace graupel
