// HAR files: a tar of HN JSON, npz parameters, recipe, metadata and compiled program; a model at any stage, losslessly.
#pragma once

#include <map>
#include <string>

#include "har/modifications.h"
#include "har/npz.h"
#include "ir/graph.h"

namespace graupel {

/// Stages up to the current one (native graph always; optimized and quantized when reached).
struct Har {
  std::string name;
  std::optional<Graph> parsed, optimized, quantized;
  std::string recipe;         ///< model script text as its author wrote it, may be empty
  std::string recipe_folder;  ///< what relative paths in it start from; in memory only: a HAR names no path
  std::vector<Modification> modifications;  ///< what the recipe did on the way to `optimized`, in its order
  std::string nms_config;                   ///< the JSON of nms_postprocess, may be empty
  std::string hw_arch = "hailo8";    ///< the chip that the vendor's tools would compile for; nothing here depends on it
  std::shared_ptr<const Bytes> hef;  ///< the file that the quantized graph was compiled to, or null
  std::shared_ptr<const Bytes> postprocess_onnx;  ///< what end nodes cut off, as an ONNX file, or null
  std::vector<NamedTensor> noise;  ///< what layer noise analysis found of the quantized graph, or nothing

  const Graph& latest() const;
  Graph& latest();
  Stage stage() const;
};

/// What `hw_arch` may be.
std::span<const std::string_view> hw_archs();

/// What a HAR says of itself, as the vendor's tools print it; what does not apply is empty.
struct HarMetadata {
  std::string state;  ///< "hailo_model", "fp_optimized_model", "quantized_model", "compiled_model"
  std::string sdk_version, hw_arch, nms_meta_arch, nms_engine;
};
HarMetadata har_metadata(const Har& har);
/// `<net>.original_model_meta.json`: where inputs and outputs of the original model went, and in
/// `inverse_postprocess_io_map` what feeds each input of the cut-off tail. The HAR holds the parsed graph.
std::string original_model_meta(const Har& har);

/// Deterministic bytes: no time, host, user or path.
Result<Bytes> save_har(const Har& har);
/// Errors: corrupt (tar, JSON, npz, checksum), mismatch (format version), unsupported.
Result<Har> load_har(ByteSpan bytes);

}  // namespace graupel
