// Which part of a model is parsed: the tensors where it begins and ends, and the nodes in between.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "onnx/model.h"

namespace graupel {

struct Section {
  std::vector<std::string>
      starts;  ///< tensors that become inputs in place of their producers; empty: the model's own inputs
  std::vector<std::string> outputs;  ///< tensors, in the order they were asked for
  std::vector<std::size_t> nodes;    ///< needed for the outputs, going no further back than `starts`; ascending
  std::vector<std::size_t> before;   ///< further back than `starts`: worth a try for the shapes they tell; ascending
  std::vector<std::string> inputs;   ///< names of the model's inputs that `nodes` or `outputs` read
};

/// `start_nodes`, `end_nodes`: names of nodes or tensors. A start node begins at its inputs that carry data (not shapes
/// or constants); an end node ends at its outputs. Errors: not_found (with the nearest names), invalid (a name that
/// several nodes bear, a start that leads to no end).
Result<Section> find_section(const onnx::Model& model, const std::vector<std::string>& start_nodes,
                             const std::vector<std::string>& end_nodes);

}  // namespace graupel
