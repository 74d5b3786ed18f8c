#include "ir/rewriter.h"

#include <gtest/gtest.h>

#include "ir/graph_testing.h"

namespace graupel {
namespace {

TEST(Rewriter, ReplacingALayerInfersItsTypeAndThoseBehindIt) {
  Graph graph = conv_chain();
  Rewriter rewriter(graph);
  const ValueId w = rewriter.add_constant("w", random_tensor({1, 1, 2, 5}, 3));
  const ValueId b = rewriter.add_constant("b", random_tensor({5}, 4));
  const Result<> replaced = rewriter.replace(LayerId{0}, Conv{}, {graph.inputs[0], w, b});
  ASSERT_TRUE(replaced.ok()) << replaced.error().text();
  EXPECT_EQ(graph[graph.outputs[0]].type.shape, (Shape{1, 2, 2, 5}));
  EXPECT_TRUE(verify(graph).ok());
}

TEST(Rewriter, AbsorbedLayersLeaveTheirOriginsAndBecomeDead) {
  Graph graph = conv_chain();
  Rewriter rewriter(graph);
  const Layer conv = graph.layers[0];
  Conv clamped;
  clamped.clamp.lo = 0;
  const LayerId absorbed{0};
  ASSERT_TRUE(rewriter.replace(LayerId{1}, clamped, conv.in, std::span(&absorbed, 1)).ok());
  remove_dead(graph);
  ASSERT_EQ(graph.layers.size(), 1u);
  EXPECT_EQ(graph.layers[0].name, "activation1");
  EXPECT_EQ(graph.layers[0].origins, (std::vector<std::string>{"node_activation1", "node_conv1"}));
  EXPECT_TRUE(verify(graph).ok());
}

TEST(Rewriter, AnImpossibleReplacementChangesNothing) {
  Graph graph = conv_chain();
  const std::string before = print_graph(graph);
  Rewriter rewriter(graph);
  EXPECT_FALSE(rewriter.replace(LayerId{0}, Conv{}, {graph.inputs[0]}).ok());
  EXPECT_FALSE(rewriter.replace(LayerId{0}, Unary{UnaryKind::kRelu}, {graph.outputs[0]}).ok());
  EXPECT_FALSE(rewriter.replace(LayerId{0}, Unary{UnaryKind::kRelu}, {graph.layers[0].out[0]}).ok());
  EXPECT_EQ(print_graph(graph), before);
}

TEST(Rewriter, InsertedLayersStandBeforeTheirReader) {
  Graph graph = conv_chain();
  const ValueId conv = graph.layers[0].out[0];
  const auto tanh = Rewriter(graph).insert(LayerId{1}, "conv1", Unary{UnaryKind::kTanh}, {conv}, {"node"});
  ASSERT_TRUE(tanh.ok()) << tanh.error().text();
  EXPECT_EQ(graph.layers[1].name, "conv1_2");
  ASSERT_TRUE(Rewriter(graph).replace(LayerId{2}, graph.layers[2].op, {*tanh}).ok());
  EXPECT_TRUE(verify(graph).ok());
  EXPECT_FALSE(Rewriter(graph).insert(LayerId{0}, "early", Unary{UnaryKind::kTanh}, {conv}, {}).ok());
}

TEST(Rewriter, BypassedLayersPassReadersAndOutputsOn) {
  Graph graph = conv_chain();
  const ValueId conv = graph.layers[0].out[0];
  Rewriter(graph).bypass(LayerId{1}, conv);
  remove_dead(graph);
  ASSERT_EQ(graph.layers.size(), 1u);
  EXPECT_EQ(graph.outputs[0], graph.layers[0].out[0]);
  EXPECT_EQ(graph.layers[0].origins.size(), 2u);
  EXPECT_TRUE(verify(graph).ok());
}

TEST(Rewriter, SwappedNamesStayUnique) {
  Graph graph = conv_chain();
  Rewriter(graph).swap_names(LayerId{0}, LayerId{1});
  EXPECT_EQ(graph.layers[0].name, "activation1");
  EXPECT_EQ(graph[graph.layers[0].out[0]].name, "activation1");
  EXPECT_TRUE(verify(graph).ok());
}

TEST(Rewriter, FloatsOfAComputedValueAreEmpty) {
  Graph graph = conv_chain();
  const Rewriter rewriter(graph);
  EXPECT_EQ(rewriter.floats(graph.layers[0].in[1]).size(), 6u);
  EXPECT_TRUE(rewriter.floats(graph.layers[0].out[0]).empty());
  EXPECT_NE(rewriter.producer_as<Conv>(graph.layers[0].out[0]), nullptr);
  EXPECT_EQ(rewriter.producer_as<Unary>(graph.layers[0].out[0]), nullptr);
}

}  // namespace
}  // namespace graupel
