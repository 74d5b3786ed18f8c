#include "onnx/tail.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "onnx/proto_file.h"
#include "onnx/tensor_proto.h"

namespace graupel::onnx {
namespace {

using Names = std::set<std::string>;

void note_reads(const ::onnx::NodeProto& node, Names& reads);

/// A sub-graph reads what surrounds it by name.
void note_reads(const ::onnx::GraphProto& graph, Names& reads) {
  for (const auto& node : graph.node()) note_reads(node, reads);
  for (const auto& output : graph.output()) reads.insert(output.name());
}

void note_reads(const ::onnx::NodeProto& node, Names& reads) {
  for (const std::string& input : node.input())
    if (!input.empty()) reads.insert(input);
  for (const auto& attribute : node.attribute()) {
    if (attribute.has_g()) note_reads(attribute.g(), reads);
    for (const auto& graph : attribute.graphs()) note_reads(graph, reads);
  }
}

/// Keeps the items of a repeated field whose `name` is wanted.
template <class Items>
void keep(Items* items, const Names& wanted) {
  Items kept;
  for (auto& item : *items)
    if (wanted.contains(item.name())) kept.Add(std::move(item));
  items->Swap(&kept);
}

::onnx::ValueInfoProto value_info(const ::onnx::GraphProto& graph, const ValueInfo& cut) {
  ::onnx::ValueInfoProto info;
  info.set_name(cut.name);
  auto* type = info.mutable_type()->mutable_tensor_type();
  type->set_elem_type(::onnx::TensorProto::FLOAT);
  for (const auto* list : {&graph.value_info(), &graph.input(), &graph.output()})
    for (const auto& noted : *list)
      if (noted.name() == cut.name && noted.type().has_tensor_type())
        type->set_elem_type(noted.type().tensor_type().elem_type());
  if (!cut.shape) return info;
  type->mutable_shape();
  for (int64_t extent : *cut.shape) {
    auto* dim = type->mutable_shape()->add_dim();
    if (extent >= 0) dim->set_dim_value(extent);
  }
  return info;
}

/// Leaves the nodes that `outputs` depend on, up to `cuts`; returns all tensors that are read or written on the way.
Names keep_nodes(::onnx::GraphProto& graph, Names needed, const Names& cuts) {
  std::vector<::onnx::NodeProto> nodes;
  for (int i = graph.node_size(); i-- > 0;) {
    const ::onnx::NodeProto& node = graph.node(i);
    const bool wanted = std::ranges::any_of(
        node.output(), [&](const std::string& output) { return needed.contains(output) && !cuts.contains(output); });
    if (!wanted) continue;
    note_reads(node, needed);
    nodes.push_back(node);
  }
  graph.clear_node();
  for (auto node = nodes.rbegin(); node != nodes.rend(); ++node) *graph.add_node() = std::move(*node);
  return needed;
}

Result<> check_cuts(const ::onnx::GraphProto& graph, const std::vector<ValueInfo>& cuts) {
  Names tensors;
  for (const auto& input : graph.input()) tensors.insert(input.name());
  for (const auto& node : graph.node()) tensors.insert(node.output().begin(), node.output().end());
  for (const ValueInfo& cut : cuts)
    if (!tensors.contains(cut.name)) return not_found("the model has no tensor '", cut.name, "' to be cut at");
  return {};
}

}  // namespace

Result<Bytes> tail_of(const std::string& path, const std::vector<ValueInfo>& cuts) {
  GRAUPEL_TRY(::onnx::ModelProto proto, read_proto(path).within("reading '", path, "'"));
  ::onnx::GraphProto& graph = *proto.mutable_graph();
  GRAUPEL_DO(check_cuts(graph, cuts));
  Names cut_names, outputs;
  for (const ValueInfo& cut : cuts) cut_names.insert(cut.name);
  for (const auto& output : graph.output())
    if (!cut_names.contains(output.name())) outputs.insert(output.name());
  if (outputs.empty()) return Bytes();

  const Names touched = keep_nodes(graph, outputs, cut_names);
  std::vector<::onnx::ValueInfoProto> inputs;
  for (const ValueInfo& cut : cuts)
    if (touched.contains(cut.name)) inputs.push_back(value_info(graph, cut));
  for (auto& input : graph.input())
    if (touched.contains(input.name()) && !cut_names.contains(input.name())) inputs.push_back(input);
  graph.clear_input();
  for (auto& input : inputs) *graph.add_input() = std::move(input);
  keep(graph.mutable_output(), outputs);
  keep(graph.mutable_initializer(), touched);
  Names inside = touched;
  for (const auto* list : {&graph.input(), &graph.output()})
    for (const auto& info : *list) inside.erase(info.name());
  keep(graph.mutable_value_info(), inside);
  const ExternalData external(std::filesystem::path(path).parent_path().string());
  for (auto& initializer : *graph.mutable_initializer())
    GRAUPEL_DO(embed_external(initializer, external).within("initializer '", initializer.name(), "'"));
  for (auto& node : *graph.mutable_node())
    for (auto& attribute : *node.mutable_attribute())
      if (attribute.has_t())
        GRAUPEL_DO(embed_external(*attribute.mutable_t(), external).within("node '", node.name(), "'"));
  return serialize(proto);
}

}  // namespace graupel::onnx
