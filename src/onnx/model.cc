#include "onnx/model.h"

#include <filesystem>
#include <set>

#include "onnx/proto_file.h"
#include "onnx/tensor_proto.h"

namespace graupel::onnx {
namespace {

constexpr int64_t kOldestOpset = 7, kNewestOpset = 28;

/// Names end up in files and on screens; what is not UTF-8 is damage.
bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t more = lead < 0x80   ? 0
                             : lead < 0xc2 ? 4
                             : lead < 0xe0 ? 1
                             : lead < 0xf0 ? 2
                             : lead < 0xf5 ? 3
                                           : 4;
    if (more == 4 || i + more >= text.size()) return false;
    uint32_t code = more == 0 ? lead : lead & (0x3fu >> more);
    for (std::size_t k = 1; k <= more; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      if ((next & 0xc0u) != 0x80u) return false;
      code = (code << 6) | (next & 0x3fu);
    }
    if ((more == 2 && code < 0x800) || (more == 3 && (code < 0x10000 || code > 0x10ffff))) return false;
    if (code >= 0xd800 && code < 0xe000) return false;
    i += more + 1;
  }
  return true;
}

Result<> check_name(std::string_view what, const std::string& name) {
  if (is_utf8(name)) return {};
  return corrupt("the name of a ", what, " is not UTF-8 text");
}

Result<std::optional<Attribute>> read_attribute(const ::onnx::AttributeProto& proto, const ExternalData& external) {
  using Proto = ::onnx::AttributeProto;
  switch (proto.type()) {
    case Proto::INT: return std::optional<Attribute>(proto.i());
    case Proto::FLOAT: return std::optional<Attribute>(proto.f());
    case Proto::STRING: return std::optional<Attribute>(proto.s());
    case Proto::INTS: return std::optional<Attribute>(std::vector<int64_t>(proto.ints().begin(), proto.ints().end()));
    case Proto::FLOATS:
      return std::optional<Attribute>(std::vector<float>(proto.floats().begin(), proto.floats().end()));
    case Proto::STRINGS:
      return std::optional<Attribute>(std::vector<std::string>(proto.strings().begin(), proto.strings().end()));
    case Proto::TENSOR: {
      GRAUPEL_TRY(Tensor tensor, read_tensor(proto.t(), external));
      return std::optional<Attribute>(std::move(tensor));
    }
    // Sub-graphs and sparse tensors: nothing that is supported has them.
    default: return std::optional<Attribute>();
  }
}

Result<Node> read_node(const ::onnx::NodeProto& proto, int index, const ExternalData& external) {
  Node node;
  node.op_type = proto.op_type();
  node.domain = proto.domain() == "ai.onnx" ? "" : proto.domain();
  node.name = proto.name().empty() ? cat(node.op_type, "_", index) : proto.name();
  GRAUPEL_DO(check_name("node", node.name));
  GRAUPEL_DO(check_name("operator", node.op_type));
  GRAUPEL_DO(check_name("domain", node.domain));
  node.inputs.assign(proto.input().begin(), proto.input().end());
  node.outputs.assign(proto.output().begin(), proto.output().end());
  for (const std::string& name : node.inputs) GRAUPEL_DO(check_name("tensor", name));
  for (const std::string& name : node.outputs) GRAUPEL_DO(check_name("tensor", name));
  for (const auto& attribute : proto.attribute()) {
    GRAUPEL_TRY(auto value, read_attribute(attribute, external)
                                .within("attribute '", attribute.name(), "'")
                                .within("node '", node.name, "' (", node.op_type, ")"));
    if (value) node.attributes.insert_or_assign(attribute.name(), std::move(*value));
  }
  return node;
}

Result<ValueInfo> read_value_info(const ::onnx::ValueInfoProto& proto, bool must_be_tensor) {
  ValueInfo info{proto.name(), DType::kF32, {}};
  GRAUPEL_DO(check_name("tensor", info.name));
  if (!proto.type().has_tensor_type()) {
    if (must_be_tensor) return unsupported("input '", info.name, "' is not a tensor");
    return info;
  }
  const auto& type = proto.type().tensor_type();
  const Result<DType> dtype = element_type(type.elem_type());
  if (must_be_tensor && !dtype.ok()) return Result<ValueInfo>(dtype.error()).within("input '", info.name, "'");
  if (dtype.ok()) info.dtype = *dtype;
  if (!type.has_shape()) return info;
  info.shape.emplace();
  for (const auto& extent : type.shape().dim())
    info.shape->push_back(extent.has_dim_value() && extent.dim_value() > 0 ? extent.dim_value() : -1);
  return info;
}

Result<int64_t> read_opset(const ::onnx::ModelProto& proto) {
  int64_t opset = 1;  // what a file without the entry means
  for (const auto& entry : proto.opset_import())
    if (entry.domain().empty() || entry.domain() == "ai.onnx") opset = entry.version();
  if (opset < kOldestOpset || opset > kNewestOpset)
    return unsupported("opset ", opset, " (supported: ", kOldestOpset, " to ", kNewestOpset,
                       "); export the model again with an opset in this range");
  return opset;
}

Result<> read_initializers(::onnx::GraphProto& graph, const ExternalData& external, Model& model) {
  if (graph.sparse_initializer_size() > 0)
    return unsupported("the model has sparse initializers (supported: dense ones); export it again without them");
  for (auto& proto : *graph.mutable_initializer()) {
    GRAUPEL_DO(check_name("tensor", proto.name()));
    GRAUPEL_TRY(Tensor tensor, read_tensor(proto, external).within("initializer '", proto.name(), "'"));
    if (!model.initializers.emplace(proto.name(), std::move(tensor)).second)
      return corrupt("two initializers are called '", proto.name(), "'");
    proto.clear_raw_data();  // so that a large model is not in memory twice
    proto.clear_float_data();
  }
  return {};
}

/// Every name is written once, and before it is read.
Result<> check_names(const Model& model) {
  std::set<std::string> defined;
  for (const auto& [name, tensor] : model.initializers) defined.insert(name);
  for (const ValueInfo& input : model.inputs)
    if (!defined.insert(input.name).second) return corrupt("two graph inputs are called '", input.name, "'");
  std::map<std::string, const Node*> writer;
  for (const Node& node : model.nodes)
    for (const std::string& output : node.outputs) writer.emplace(output, &node);
  for (const Node& node : model.nodes) {
    for (const std::string& input : node.inputs) {
      if (input.empty() || defined.contains(input)) continue;
      const auto later = writer.find(input);
      if (later == writer.end())
        return corrupt("node '", node.name, "' (", node.op_type, ") reads '", input,
                       "', which nothing in the file defines");
      return corrupt("node '", node.name, "' (", node.op_type, ") reads '", input, "' before node '",
                     later->second->name, "' writes it: the nodes are not sorted, or form a cycle");
    }
    for (const std::string& output : node.outputs)
      if (!output.empty() && !defined.insert(output).second)
        return corrupt("node '", node.name, "' (", node.op_type, ") writes '", output, "', which already exists");
  }
  for (const ValueInfo& output : model.outputs)
    if (!defined.contains(output.name)) return corrupt("graph output '", output.name, "' is written by no node");
  return {};
}

Result<Model> read_model_proto(::onnx::ModelProto& proto, const ExternalData& external) {
  Model model;
  GRAUPEL_DO(check_name("producer", proto.producer_name()));
  model.producer = proto.producer_name();
  GRAUPEL_TRY(model.opset, read_opset(proto));
  ::onnx::GraphProto& graph = *proto.mutable_graph();
  GRAUPEL_DO(read_initializers(graph, external, model));
  int index = 0;
  for (const auto& node_proto : graph.node()) {
    GRAUPEL_TRY(Node node, read_node(node_proto, index++, external));
    model.nodes.push_back(std::move(node));
  }
  for (const auto& input : graph.input()) {
    if (model.initializers.contains(input.name())) continue;
    GRAUPEL_TRY(ValueInfo info, read_value_info(input, true));
    model.inputs.push_back(std::move(info));
  }
  for (const auto& output : graph.output()) {
    GRAUPEL_TRY(ValueInfo info, read_value_info(output, false));
    model.outputs.push_back(std::move(info));
  }
  for (const auto& value : graph.value_info()) {
    GRAUPEL_TRY(ValueInfo info, read_value_info(value, false));
    model.value_info.push_back(std::move(info));
  }
  GRAUPEL_DO(check_names(model));
  return model;
}

}  // namespace

Result<Model> read_model(const std::string& path) {
  GRAUPEL_TRY(::onnx::ModelProto proto, read_proto(path).within("reading '", path, "'"));
  const ExternalData external(std::filesystem::path(path).parent_path().string());
  return read_model_proto(proto, external).within("reading '", path, "'");
}

}  // namespace graupel::onnx
