// Where the host takes over: a graph cut into what the program computes and what follows on its outputs.
#pragma once

#include "ir/graph.h"

namespace graupel {

/// A host layer of the graph and the outputs of the device's part that it reads.
struct HostLayer {
  LayerId layer{};
  std::vector<uint32_t> src;  ///< in the order of the layer's inputs
};

struct HostSplit {
  /// The graph without host layers. Its outputs are the graph's, each host layer's replaced by the values it reads.
  Graph device;
  std::vector<HostLayer> host;  ///< in the order of the graph's outputs
};

/// `graph` is verified.
HostSplit split_host(const Graph& graph);

}  // namespace graupel
