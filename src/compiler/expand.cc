#include "compiler/expand.h"

#include <algorithm>

#include "compiler/expand_rules.h"
#include "ops/ops.h"

namespace graupel {

const ExpandRule* find_expansion(std::string_view op_type) {
  for (const std::span<const ExpandRule> rules :
       {attention_expansions(), recurrent_expansions(), window_expansions(), math_expansions()})
    for (const ExpandRule& rule : rules)
      if (rule.op_type == op_type) return &rule;
  return nullptr;
}

std::vector<std::string_view> importable_operators() {
  std::vector<std::string_view> names = supported_onnx_operators();
  for (const std::span<const ExpandRule> rules :
       {attention_expansions(), recurrent_expansions(), window_expansions(), math_expansions()})
    for (const ExpandRule& rule : rules) names.push_back(rule.op_type);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

Result<Shape> ExpandContext::shape(std::size_t i, int rank) const {
  if (!has(i)) return invalid("input ", i, " is missing");
  if (rank >= 0 && shapes[i]->size() != static_cast<std::size_t>(rank))
    return invalid("input ", i, " has shape ", to_string(*shapes[i]), "; ", rank, " extents are needed");
  return *shapes[i];
}

onnx::Node& NodeList::append(std::string op_type, Names inputs, Attributes attributes) {
  onnx::Node node;
  node.name = whole_.name;
  node.op_type = std::move(op_type);
  node.inputs = std::move(inputs);
  node.attributes = std::move(attributes);
  nodes_.push_back(std::move(node));
  return nodes_.back();
}

std::string NodeList::add(std::string op_type, Names inputs, Attributes attributes) {
  // No exporter names a tensor so.
  const std::string name = cat(whole_.name, "\n", nodes_.size());
  append(std::move(op_type), std::move(inputs), std::move(attributes)).outputs = {name};
  return name;
}

std::string NodeList::constant(Tensor tensor) { return add("Constant", {}, {{"value", std::move(tensor)}}); }

std::string NodeList::reshape(const std::string& x, const Shape& shape) {
  return add("Reshape", {x, constant(Tensor::of<int64_t>({static_cast<int64_t>(shape.size())}, shape))});
}

std::string NodeList::transpose(const std::string& x, std::vector<int64_t> perm) {
  return add("Transpose", {x}, {{"perm", std::move(perm)}});
}

std::string NodeList::slice(const std::string& x, int64_t axis, int64_t begin, int64_t end, int64_t step) {
  const auto one = [&](int64_t value) { return constant(Tensor::of<int64_t>({1}, {value})); };
  return add("Slice", {x, one(begin), one(end), one(axis), one(step)});
}

std::string NodeList::pick(const std::string& x, int64_t axis, int64_t at) {
  return add("Gather", {x, constant(Tensor::of<int64_t>({}, {at}))}, {{"axis", axis}});
}

std::string NodeList::concat(const Names& parts, int64_t axis) {
  return parts.size() == 1 ? parts[0] : add("Concat", parts, {{"axis", axis}});
}

void NodeList::output(std::size_t index, const std::string& tensor) {
  if (index >= whole_.outputs.size() || whole_.outputs[index].empty()) return;
  append("Identity", {tensor}, {}).outputs = {whole_.outputs[index]};
}

}  // namespace graupel
