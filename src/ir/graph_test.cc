#include "ir/graph.h"

#include <gtest/gtest.h>

#include "ir/graph_testing.h"

namespace graupel {
namespace {

TEST(Graph, ASoundGraphVerifies) {
  const Graph graph = conv_chain();
  const Result<> verified = verify(graph);
  EXPECT_TRUE(verified.ok()) << verified.error().text();
}

TEST(Graph, ReadingAValueBeforeItIsComputedIsFound) {
  Graph graph = conv_chain();
  std::swap(graph.layers[0], graph.layers[1]);
  const Result<> verified = verify(graph);
  ASSERT_FALSE(verified.ok());
  EXPECT_NE(verified.error().text().find("layer 'activation1'"), std::string::npos) << verified.error().text();
}

TEST(Graph, AWrongTypeIsFound) {
  Graph graph = conv_chain();
  graph[graph.layers[0].out[0]].type.shape = {1, 2, 2, 9};
  EXPECT_FALSE(verify(graph).ok());
}

TEST(Graph, NamesMustBeUnique) {
  Graph graph = conv_chain();
  graph.layers[1].name = graph.layers[0].name;
  EXPECT_FALSE(verify(graph).ok());
}

TEST(Graph, IdsOutOfRangeAreFound) {
  Graph graph = conv_chain();
  graph.layers[0].in[1] = ValueId{99};
  EXPECT_FALSE(verify(graph).ok());
  graph = conv_chain();
  graph.outputs[0] = ValueId{99};
  EXPECT_FALSE(verify(graph).ok());
  graph = conv_chain();
  graph.inputs[0] = ValueId{99};
  EXPECT_FALSE(verify(graph).ok());
}

TEST(Graph, AConstantOfAnotherTypeIsFound) {
  Graph graph = conv_chain();
  graph[graph.layers[0].in[2]].constant = Tensor::of<float>({1}, {0});
  EXPECT_FALSE(verify(graph).ok());
}

TEST(Graph, AQuantizedStageNeedsScalesEverywhere) {
  Graph graph = conv_chain();
  graph.stage = Stage::kQuantized;
  EXPECT_FALSE(verify(graph).ok());
}

TEST(Graph, TheDeadAreRemovedAndTheRestRenumbered) {
  Graph graph = conv_chain();
  const std::string before = print_graph(graph);
  GraphBuilder builder(graph);
  builder.layer("dead", Unary{UnaryKind::kTanh}, {graph.inputs[0]});
  builder.constant(Tensor::of<float>({1}, {7}));
  std::swap(graph.layers[0], graph.layers.back());
  std::swap(graph.layers[1], graph.layers.back());
  remove_dead(graph);
  EXPECT_EQ(print_graph(graph), before);
  EXPECT_TRUE(verify(graph).ok());
}

TEST(Graph, AnUnreadInputStays) {
  Graph graph = conv_chain();
  graph.inputs.push_back(graph.add_value("other", {DType::kF32, {1, 4}, {}}));
  graph.input_info.push_back({"other", {0, 1}, {}});
  remove_dead(graph);
  EXPECT_EQ(graph.inputs.size(), 2u);
  EXPECT_TRUE(verify(graph).ok());
}

TEST(Graph, UsesCountReadersPerOperand) {
  Graph graph = conv_chain();
  const ValueId conv = graph.layers[0].out[0];
  EXPECT_TRUE(Uses(graph).read_once(conv));
  GraphBuilder(graph).layer("twice", Binary{Binary::Kind::kMul, {}}, {conv, conv});
  const Uses uses(graph);
  EXPECT_EQ(uses.readers[static_cast<uint32_t>(conv)].size(), 3u);
  EXPECT_FALSE(uses.read_once(conv));
  EXPECT_FALSE(uses.read_once(graph.outputs[0]));
  EXPECT_FALSE(uses.producer[static_cast<uint32_t>(graph.inputs[0])].has_value());
}

TEST(Graph, ItsTextNamesLayersAttributesAndTypes) {
  const std::string text = print_graph(conv_chain());
  EXPECT_NE(text.find("conv1 = Conv(input_layer1, conv1/kernel:f32[1,1,2,3], conv1/bias:f32[3]) : f32[1,2,2,3]"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("activation1 = Unary(conv1) kind=Relu : f32[1,2,2,3]"), std::string::npos) << text;
}

TEST(Graph, StagesHaveNamesBothWays) {
  for (Stage stage : {Stage::kParsed, Stage::kOptimized, Stage::kQuantized})
    EXPECT_EQ(parse_stage(to_string(stage)).value(), stage);
  EXPECT_FALSE(parse_stage("compiled").ok());
}

}  // namespace
}  // namespace graupel
