// The HAR's modifications_meta_data: what a model script changed, by layer of the network's border, with the vendor's
// keys.
#pragma once

#include "har/graph_json.h"
#include "har/har.h"

namespace graupel {

/// `inputs` and `outputs`: HN layer → list of what was done there, in order. Behind nms_postprocess the output layer
/// has the kind of detector, its heads and those that got a sigmoid; these follow from the graph.
JsonOut modifications_to_json(const Har& har);
/// What `har.modifications` was; `net` is the network's name in HN layers. Errors: corrupt.
Result<std::vector<Modification>> modifications_from_json(const JsonIn& json, const std::string& net);

}  // namespace graupel
