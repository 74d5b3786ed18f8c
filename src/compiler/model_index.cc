#include "compiler/model_index.h"

#include <algorithm>

namespace graupel {

ModelIndex::ModelIndex(const onnx::Model& model) : model_(&model) {
  for (std::size_t i = 0; i < model.nodes.size(); ++i) {
    for (const std::string& output : model.nodes[i].outputs)
      if (!output.empty()) writer_[output] = i;
    for (const std::string& input : model.nodes[i].inputs) {
      std::vector<std::size_t>& list = readers_[input];
      if (list.empty() || list.back() != i) list.push_back(i);
    }
  }
}

std::optional<std::size_t> ModelIndex::writer(const std::string& tensor) const {
  const auto found = writer_.find(tensor);
  return found == writer_.end() ? std::nullopt : std::optional(found->second);
}

const std::vector<std::size_t>& ModelIndex::readers(const std::string& tensor) const {
  static const std::vector<std::size_t> kNone;
  const auto found = readers_.find(tensor);
  return found == readers_.end() ? kNone : found->second;
}

std::string ModelIndex::end_name(const std::string& tensor) const {
  const auto at = writer(tensor);
  if (!at) return tensor;
  const auto same_name = [&](const onnx::Node& other) { return other.name == node(*at).name; };
  const bool alone = std::ranges::count_if(model_->nodes, same_name) == 1 && node(*at).outputs.size() == 1;
  return alone ? node(*at).name : tensor;
}

const Tensor* ModelIndex::constant(const std::string& tensor) const {
  const auto initializer = model_->initializers.find(tensor);
  if (initializer != model_->initializers.end()) return &initializer->second;
  const auto at = writer(tensor);
  if (!at || node(*at).op_type != "Constant") return nullptr;
  const auto value = node(*at).attributes.find("value");
  return value == node(*at).attributes.end() ? nullptr : std::get_if<Tensor>(&value->second);
}

}  // namespace graupel
