// ONNX model → parsed graph.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ir/graph.h"
#include "onnx/model.h"

namespace graupel {

struct ParseOptions {
  /// Names of nodes or tensors that cut out a part of the model; empty: the model's own inputs and outputs. The outputs
  /// come in the order of `end_nodes`.
  std::vector<std::string> start_nodes, end_nodes;
  std::map<std::string, Shape> input_shapes;  ///< by tensor name, in ONNX order, for extents the file leaves open
  std::string name;                           ///< of the graph
  std::optional<Preprocess> preprocess;       ///< of every input
};

/// The graph is verified; layers are named by kind and number. Errors: unsupported (all such nodes, one line each),
/// invalid (open extents, a batch above 1, nodes that contradict themselves), not_found (start, end or input names).
Result<Graph> parse_model(const onnx::Model& model, const ParseOptions& options);

/// The tensors at which the part of the model ends that can be parsed, in the order of the nodes that write them: those
/// that unsupported nodes read, and the outputs that can be computed. Empty when nothing is unsupported or nothing can
/// be parsed. Errors: those of parse_model other than unsupported.
Result<std::vector<std::string>> last_parsed_tensors(const onnx::Model& model, const ParseOptions& options);

/// Reads the file first; the graph's name is the file's stem unless `options` has one.
Result<Graph> parse_onnx(const std::string& path, ParseOptions options);

}  // namespace graupel
