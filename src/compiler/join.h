// Two networks as one.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "har/har.h"

namespace graupel {

/// A layer, input ("input_layer1") or output ("output_layer1") of the first network feeds an input of the second. Names
/// with or without their network.
struct JoinEdge {
  std::string source, destination;
};

/// Where the second network's outputs go; kInPlace: where the first output that an edge consumes stood.
enum class JoinedOutputs : uint8_t { kLast, kFirst, kInPlace };

/// The first network with the second's layers behind it, under the first's name and chip. Numbers in names of the
/// second's layers and inputs go on where the first's end ("conv3" after five convolutions: "conv8"). An output of the
/// first that an edge consumes is no output any more. Without edges both keep to themselves, and every stage that both
/// hold is joined; with edges only parsed networks are, because quantized ones would not agree on scales.
/// Errors: invalid (stages, names, an input fed twice, a model script of the second that has not acted yet), mismatch
/// (shapes).
Result<Har> join_hars(const Har& first, const Har& second, std::span<const JoinEdge> edges, JoinedOutputs order);

/// Edges from each output of the first to the input of the second in the same place. Errors: mismatch (numbers).
Result<std::vector<JoinEdge>> chain_edges(const Har& first, const Har& second);
/// Edges that give both networks the same inputs. Errors: mismatch (numbers).
Result<std::vector<JoinEdge>> shared_input_edges(const Har& first, const Har& second);

}  // namespace graupel
