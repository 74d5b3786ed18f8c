// The small YAML beside a model that says how its pictures are prepared.
#pragma once

#include <string>

#include "base/result.h"
#include "program/preprocess.h"

namespace graupel {

/// What the file declares. `layout` and `dtype` are promises about the model, to be checked against it; empty when not
/// given.
struct PreprocessFile {
  Preprocess preprocess;
  std::string layout;  ///< "nchw" or "nhwc"
  std::string dtype;   ///< "f32" or "u8"
};

/// Keys: color, fit, align, fill, short_side, scale, mean, std, layout, dtype. An unknown key or value is an error that
/// names the accepted ones.
Result<PreprocessFile> parse_preprocess(const std::string& yaml);
Result<PreprocessFile> read_preprocess(const std::string& path);

/// Whether the declaration can be applied to an input stored as `shape` with the original's extents in `order`.
/// Errors: mismatch, with both sides.
Result<> check_preprocess(const PreprocessFile& file, const std::vector<int64_t>& shape,
                          const std::vector<int32_t>& order);

}  // namespace graupel
