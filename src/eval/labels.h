// Class labels of pictures, from a CSV file.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace graupel {

struct LabelOptions {
  std::string file_column = "file";
  std::string label_column = "label";
  std::vector<std::pair<std::string, std::string>> where;  ///< keep rows whose column has this value
};

/// File name (without folders) → class index.
using Labels = std::map<std::string, int>;

/// RFC 4180 with a header row. Errors: not_found, invalid (a missing column: the columns there are; a label that is no
/// class index; one file with two labels; no rows left).
Result<Labels> parse_labels(std::string_view csv, const LabelOptions& options);
Result<Labels> read_labels(const std::string& path, const LabelOptions& options);

}  // namespace graupel
