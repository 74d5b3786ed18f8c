// What layers are called: a kind, and a number counted from 1 per kind.
#pragma once

#include <string_view>

#include "ir/graph.h"

namespace graupel {

/// "conv", "dw" (every channel its own filter), "fc", "maxpool", "ew_add", "activation", …
std::string_view layer_kind(const Graph& graph, const Layer& layer);

/// Names layers by kind and number as the vendor's tools do (layer_order.h), layers that are part of another one after
/// it ("conv1_activation"), their outputs like them, graph inputs "input_layer1" …, and constants after the first layer
/// that reads them ("conv1/kernel", "conv1/bias", "ew_add1/operand2").
void name_layers(Graph& graph);

/// The layer that `layer` is part of, by its name: "conv1" for "conv1_activation" and for "conv1".
std::string_view unit_name(std::string_view layer);

}  // namespace graupel
