// Edits of a graph through its HN: what scripts change in the document that they were given.
#pragma once

#include "har/graph_json.h"

namespace graupel {

/// Makes `graph` what `edited`, a changed graph_to_vendor_hn(graph), says. What may change:
///  - names of layers (below the network's scope, everywhere they are mentioned);
///  - the order of net_params.output_layers_order;
///  - params.activation of a convolution, deconvolution, dense or element-wise layer: linear, relu or relu6.
/// Layers keep their order. A key "graupel" is not looked at. Errors, leaving the graph as it was: unsupported (any
/// other change: the layer, the key and both values), invalid (a document without the keys that an HN has; a name
/// outside the scope or twice).
Result<> apply_hn(Graph& graph, const JsonOut& edited);
/// The document as JSON text.
Result<> apply_hn_text(Graph& graph, std::string_view text);

}  // namespace graupel
