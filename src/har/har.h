// HAR files: a tar of HN JSON, npz parameters, recipe and metadata; a graph at any stage, losslessly.
#pragma once

#include <map>
#include <string>

#include "ir/graph.h"

namespace graupel {

/// Stages up to the current one (native graph always; optimized and quantized when reached).
struct Har {
  std::string name;
  std::optional<Graph> parsed, optimized, quantized;
  std::string recipe;  ///< model script text, may be empty

  const Graph& latest() const;
  Stage stage() const;
};

/// Deterministic bytes: no time, host, user or path.
Result<Bytes> save_har(const Har& har);
/// Errors: corrupt (tar, JSON, npz, checksum), mismatch (format version), unsupported.
Result<Har> load_har(ByteSpan bytes);

}  // namespace graupel
