#include "compiler/end_nodes.h"

#include "compiler/model_index.h"

namespace graupel {
namespace {

bool parses(const onnx::Model& model, ParseOptions options, const std::vector<std::string>& end_nodes) {
  options.end_nodes = end_nodes;
  return parse_model(model, options).ok();
}

std::string joined(const std::vector<std::string>& names, std::string_view quote, std::string_view between) {
  std::string text;
  for (const std::string& name : names) text += cat(text.empty() ? "" : between, quote, name, quote);
  return text;
}

}  // namespace

std::optional<EndNodes> recommend_end_nodes(const onnx::Model& model, const ParseOptions& options) {
  if (auto detector = find_detector_heads(model, options); detector && parses(model, options, detector->nodes))
    return EndNodes{detector->nodes, detector};
  ParseOptions whole = options;
  whole.end_nodes.clear();
  const Result<std::vector<std::string>> last = last_parsed_tensors(model, whole);
  if (!last.ok() || last->empty()) return {};
  const ModelIndex index(model);
  EndNodes recommended;
  for (const std::string& tensor : *last) recommended.nodes.push_back(index.end_name(tensor));
  if (!parses(model, options, recommended.nodes)) return {};
  return recommended;
}

std::string detected_line(const DetectorHeads& heads) {
  return cat("NMS structure of ", heads.meta_arch, " (or equivalent architecture) was detected.");
}

std::string heads_line(const std::vector<std::string>& nodes) {
  return cat("In order to use HailoRT post-processing capabilities, these end node names should be used: ",
             joined(nodes, "", " "), ".");
}

std::string failed_line(const std::vector<std::string>& nodes) {
  return cat("Parsing failed with recommendations for end node names: [", joined(nodes, "'", ", "), "].");
}

std::string retrying_line(const std::vector<std::string>& nodes) {
  return cat("According to recommendations, retrying parsing with end node names: [", joined(nodes, "'", ", "), "].");
}

std::vector<std::string> mapping_lines(const onnx::Model& model, const ParseOptions& options, const Graph& graph) {
  const ModelIndex index(model);
  std::vector<std::string> starts, ends;
  for (std::size_t i = 0; i < graph.inputs.size(); ++i) {
    // A start node is what the user named, when it is the only one that begins at this tensor.
    std::string name = graph.input_info[i].origin;
    if (graph.inputs.size() == options.start_nodes.size()) name = options.start_nodes[i];
    starts.push_back(cat("'", name, "': '", options.name, "/", graph[graph.inputs[i]].name, "'"));
  }
  for (const PortInfo& output : graph.output_info) ends.push_back(index.end_name(output.origin));
  return {cat("Start nodes mapped from original model: ", joined(starts, "", ", "), "."),
          cat("End nodes mapped from original model: ", joined(ends, "'", ", "), ".")};
}

}  // namespace graupel
