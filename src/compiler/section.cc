#include "compiler/section.h"

#include <algorithm>

#include "base/nearest_names.h"

namespace graupel {
namespace {

class SectionFinder {
 public:
  explicit SectionFinder(const onnx::Model& model) : model_(model) {
    for (const onnx::ValueInfo& input : model.inputs) carries_data_.insert(input.name);
    for (std::size_t i = 0; i < model.nodes.size(); ++i) {
      const onnx::Node& node = model.nodes[i];
      const bool data = node.op_type != "Shape" && node.op_type != "Size" &&
                        std::any_of(node.inputs.begin(), node.inputs.end(),
                                    [&](const std::string& input) { return carries_data_.contains(input); });
      for (const std::string& output : node.outputs) {
        if (output.empty()) continue;
        writer_[output] = i;
        if (data) carries_data_.insert(output);
      }
    }
  }

  /// The node called `name`, if there is one.
  Result<const onnx::Node*> node_called(const std::string& name) const {
    const onnx::Node* found = nullptr;
    for (const onnx::Node& node : model_.nodes) {
      if (node.name != name) continue;
      if (found != nullptr) return invalid("several nodes are called '", name, "'; give the name of a tensor instead");
      found = &node;
    }
    return found;
  }

  bool is_tensor(const std::string& name) const { return writer_.contains(name) || carries_data_.contains(name); }

  Error unknown(const std::string& name) const {
    std::vector<std::string> names;
    for (const onnx::Node& node : model_.nodes) {
      names.push_back(node.name);
      names.insert(names.end(), node.outputs.begin(), node.outputs.end());
    }
    for (const onnx::ValueInfo& input : model_.inputs) names.push_back(input.name);
    return not_found("the model has no node or tensor '", name,
                     "'; nearest: ", quoted_list(nearest_names(name, names)));
  }

  Result<std::vector<std::string>> start_tensors(const std::string& name) const {
    GRAUPEL_TRY(const onnx::Node* node, node_called(name));
    if (node == nullptr && !is_tensor(name)) return unknown(name);
    if (node == nullptr) return std::vector{name};
    std::vector<std::string> tensors;
    for (const std::string& input : node->inputs)
      if (carries_data_.contains(input)) tensors.push_back(input);
    if (tensors.empty()) return invalid("start node '", name, "' (", node->op_type, ") reads only constants");
    return tensors;
  }

  Result<std::vector<std::string>> end_tensors(const std::string& name) const {
    GRAUPEL_TRY(const onnx::Node* node, node_called(name));
    if (node == nullptr && !is_tensor(name)) return unknown(name);
    if (node == nullptr) return std::vector{name};
    std::vector<std::string> tensors;
    for (const std::string& output : node->outputs)
      if (!output.empty()) tensors.push_back(output);
    return tensors;
  }

  /// Marks the nodes that `tensors` depend on, not looking behind `stops`; collects all tensors it came by.
  void walk_back(std::vector<std::string> tensors, const std::set<std::string>& stops, std::set<std::size_t>& nodes,
                 std::set<std::string>& seen) const {
    while (!tensors.empty()) {
      const std::string tensor = std::move(tensors.back());
      tensors.pop_back();
      if (!seen.insert(tensor).second || stops.contains(tensor)) continue;
      const auto writer = writer_.find(tensor);
      if (writer == writer_.end()) continue;
      if (!nodes.insert(writer->second).second) continue;
      for (const std::string& input : model_.nodes[writer->second].inputs)
        if (!input.empty()) tensors.push_back(input);
    }
  }

 private:
  const onnx::Model& model_;
  std::map<std::string, std::size_t> writer_;
  std::set<std::string> carries_data_;
};

void append_new(std::vector<std::string>& list, const std::vector<std::string>& more) {
  for (const std::string& one : more)
    if (std::find(list.begin(), list.end(), one) == list.end()) list.push_back(one);
}

}  // namespace

Result<Section> find_section(const onnx::Model& model, const std::vector<std::string>& start_nodes,
                             const std::vector<std::string>& end_nodes) {
  const SectionFinder finder(model);
  Section section;
  for (const std::string& name : start_nodes) {
    GRAUPEL_TRY(const auto tensors, finder.start_tensors(name).within("start nodes"));
    append_new(section.starts, tensors);
  }
  for (const std::string& name : end_nodes) {
    GRAUPEL_TRY(const auto tensors, finder.end_tensors(name).within("end nodes"));
    append_new(section.outputs, tensors);
  }
  if (end_nodes.empty())
    for (const onnx::ValueInfo& output : model.outputs) append_new(section.outputs, {output.name});
  if (section.outputs.empty()) return invalid("the model has no outputs; name end nodes");

  const std::set<std::string> stops(section.starts.begin(), section.starts.end());
  std::set<std::size_t> nodes, all;
  std::set<std::string> seen, seen_at_all;
  finder.walk_back(section.outputs, stops, nodes, seen);
  finder.walk_back(section.outputs, {}, all, seen_at_all);
  for (const std::string& start : section.starts)
    if (!seen.contains(start))
      return invalid("start '", start, "' leads to none of the outputs ", quoted_list(section.outputs));
  section.nodes.assign(nodes.begin(), nodes.end());
  if (!stops.empty())
    std::set_difference(all.begin(), all.end(), nodes.begin(), nodes.end(), std::back_inserter(section.before));
  for (const onnx::ValueInfo& input : model.inputs)
    if (seen.contains(input.name)) section.inputs.push_back(input.name);
  return section;
}

}  // namespace graupel
