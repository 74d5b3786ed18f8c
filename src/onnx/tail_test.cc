#include "onnx/tail.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "onnx/protobuf.h"

namespace graupel::onnx {
namespace {

using ::onnx::TensorProto;
using Names = std::vector<std::string>;

/// a = Relu(x); b = a + w; y = If(c) then b else a; z = Sin(x). Written into a file of the test's own.
class Tail : public testing::Test {
 protected:
  Tail() {
    std::string pattern = testing::TempDir() + "tail-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    proto_.set_ir_version(7);
    proto_.add_opset_import()->set_version(13);
    auto* graph = proto_.mutable_graph();
    graph->set_name("g");
    add_value(graph->add_input(), "x");
    add_value(graph->add_input(), "c");
    auto* weights = graph->add_initializer();
    weights->set_name("w");
    weights->set_data_type(TensorProto::FLOAT);
    weights->add_dims(1);
    weights->add_float_data(2);
    *graph->add_initializer() = *weights;
    graph->mutable_initializer(1)->set_name("unread");
    add_node("Relu", {"x"}, "a");
    add_node("Add", {"a", "w"}, "b");
    auto* branch = add_node("If", {"c"}, "y");
    for (const char* name : {"b", "a"}) {
      auto* attribute = branch->add_attribute();
      attribute->set_name(name == std::string("b") ? "then_branch" : "else_branch");
      attribute->set_type(::onnx::AttributeProto::GRAPH);
      add_value(attribute->mutable_g()->add_output(), name);
    }
    add_node("Sin", {"x"}, "z");
    add_value(graph->add_output(), "y");
    add_value(graph->add_output(), "z");
  }
  ~Tail() override { std::filesystem::remove_all(folder_); }

  static void add_value(::onnx::ValueInfoProto* info, const std::string& name) {
    info->set_name(name);
    info->mutable_type()->mutable_tensor_type()->set_elem_type(TensorProto::FLOAT);
  }
  ::onnx::NodeProto* add_node(const std::string& op, const Names& in, const std::string& out) {
    auto* node = proto_.mutable_graph()->add_node();
    node->set_op_type(op);
    for (const auto& name : in) node->add_input(name);
    node->add_output(out);
    return node;
  }
  Result<Bytes> cut(const Names& names) const {
    std::ofstream(folder_ + "/m.onnx", std::ios::binary) << proto_.SerializeAsString();
    std::vector<ValueInfo> cuts;
    for (const std::string& name : names) cuts.push_back({name, DType::kF32, Shape{1, 3}});
    return tail_of(folder_ + "/m.onnx", cuts);
  }
  static ::onnx::GraphProto graph_of(const Result<Bytes>& bytes) {
    EXPECT_TRUE(bytes.ok()) << bytes.error().text();
    ::onnx::ModelProto proto;
    EXPECT_TRUE(proto.ParseFromArray(bytes->data(), static_cast<int>(bytes->size())));
    return proto.graph();
  }
  template <class Items>
  static Names names_of(const Items& items) {
    Names names;
    for (const auto& item : items) names.push_back(item.name());
    return names;
  }

  ::onnx::ModelProto proto_;
  std::string folder_;
};

TEST_F(Tail, HoldsTheNodesBehindTheCutsAndWhatSubGraphsRead) {
  proto_.mutable_graph()->mutable_output()->DeleteSubrange(1, 1);
  const ::onnx::GraphProto graph = graph_of(cut({"a"}));
  ASSERT_EQ(graph.node_size(), 2);
  EXPECT_EQ(graph.node(0).op_type(), "Add");
  EXPECT_EQ(graph.node(1).op_type(), "If");
  EXPECT_EQ(names_of(graph.input()), (Names{"a", "c"}));
}

TEST_F(Tail, ItsInputsAreTheCutsThatAreReadThenTheModelsOwn) {
  const ::onnx::GraphProto graph = graph_of(cut({"b", "a"}));
  EXPECT_EQ(names_of(graph.input()), (Names{"b", "a", "x", "c"}));
  EXPECT_EQ(graph.input(0).type().tensor_type().shape().dim(1).dim_value(), 3);
  EXPECT_EQ(names_of(graph.output()), (Names{"y", "z"}));
  EXPECT_EQ(names_of(graph.initializer()), Names{});
  EXPECT_EQ(graph.node_size(), 2);
}

TEST_F(Tail, InitializersStayOnlyWhereTheyAreRead) {
  EXPECT_EQ(names_of(graph_of(cut({"a"})).initializer()), Names{"w"});
}

TEST_F(Tail, NothingIsLeftWhenAllOutputsAreCuts) {
  const Result<Bytes> bytes = cut({"y", "z"});
  ASSERT_TRUE(bytes.ok()) << bytes.error().text();
  EXPECT_TRUE(bytes->empty());
}

TEST_F(Tail, EqualModelsGiveEqualBytes) { EXPECT_EQ(cut({"a"}).value(), cut({"a"}).value()); }

TEST_F(Tail, ACutThatTheModelLacksIsAnError) {
  const Result<Bytes> bytes = cut({"q"});
  ASSERT_FALSE(bytes.ok());
  EXPECT_EQ(bytes.error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace graupel::onnx
