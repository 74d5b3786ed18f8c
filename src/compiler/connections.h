// Which layer feeds which, for build logs.
#pragma once

#include <string>
#include <vector>

#include "har/har.h"

namespace graupel {

struct Connection {
  std::string from, to;
  bool folded = false;  ///< `from` is computed in the weights of `to`
};

/// From inputs to outputs ("input_layer1", "output_layer1") in execution order. Layers that a model script put in and
/// that the passes folded into another are listed between their input and that one.
std::vector<Connection> layer_connections(const Graph& graph, const std::vector<Modification>& modifications);

}  // namespace graupel
