#include "compiler/parse.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "compiler/model_testing.h"
#include "ir/evaluate.h"

namespace graupel {
namespace {

Names layer_names(const Graph& graph) {
  Names names;
  for (const Layer& layer : graph.layers) names.push_back(layer.name);
  return names;
}

/// Runs the graph on a counted input given in ONNX order and returns output 0 in ONNX order.
Tensor run_in_onnx_order(const Graph& graph, const Tensor& input) {
  const std::vector<int> in_order(graph.input_info[0].order.begin(), graph.input_info[0].order.end());
  const auto out = Evaluator(graph, 1, Isa::kRef).run(std::vector{transposed(input, in_order)});
  EXPECT_TRUE(out.ok()) << (out.ok() ? "" : out.error().text());
  const auto& order = graph.output_info[0].order;
  std::vector<int> back(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) back[static_cast<std::size_t>(order[i])] = static_cast<int>(i);
  return transposed((*out)[0], back);
}

std::vector<float> floats(const Tensor& tensor) { return {tensor.as<float>().begin(), tensor.as<float>().end()}; }

ModelBuilder conv_model() {
  ModelBuilder builder;
  builder.input("x", {-1, 3, 6, 5})
      .constant("w", counted({4, 3, 3, 3}))
      .node("Conv", {"x", "w"}, "c")
      .node("Relu", {"c"}, "y")
      .output("y");
  return builder;
}

TEST(Parse, AConvolutionIsStoredNhwcWithNoTranspose) {
  const Graph graph = conv_model().graph();
  EXPECT_EQ(layer_names(graph), (Names{"conv1", "conv1_activation"}));
  EXPECT_EQ(graph[graph.inputs[0]].name, "input_layer1");
  EXPECT_EQ(graph[graph.inputs[0]].type.shape, (Shape{1, 6, 5, 3}));
  EXPECT_EQ(graph.input_info[0].origin, "x");
  EXPECT_EQ(graph.input_info[0].order, (std::vector<int32_t>{0, 2, 3, 1}));
  EXPECT_EQ(graph[graph.outputs[0]].type.shape, (Shape{1, 4, 3, 4}));
  EXPECT_EQ(graph.output_info[0].order, (std::vector<int32_t>{0, 2, 3, 1}));
  EXPECT_EQ(graph.layers[0].origins, (Names{"Conv_c"}));
  EXPECT_EQ(graph[graph.layers[0].in[1]].name, "conv1/kernel");
}

TEST(Parse, AnInputThatIsPlainlyChannelsLastStaysAsItIs) {
  const Graph graph = ModelBuilder().input("x", {1, 64, 128, 3}).node("Relu", {"x"}, "y").output("y").graph();
  EXPECT_EQ(graph.input_info[0].order, (std::vector<int32_t>{0, 1, 2, 3}));
  EXPECT_EQ(graph.output_info[0].order, (std::vector<int32_t>{0, 1, 2, 3}));
  EXPECT_EQ(graph.layers.size(), 1u);
}

TEST(Parse, OpenExtentsOtherThanTheBatchAreAskedFor) {
  ModelBuilder builder = conv_model();
  builder.model.inputs[0].shape = Shape{-1, 3, -1, -1};
  const auto open = builder.parse();
  ASSERT_FALSE(open.ok());
  EXPECT_NE(open.error().message.find("'x' of shape 1x3x?x? leaves its extents 2, 3 open"), std::string::npos)
      << open.error().text();
  ParseOptions options;
  options.input_shapes["x"] = {1, 3, 8, 8};
  EXPECT_EQ(builder.graph(options)[builder.graph(options).inputs[0]].type.shape, (Shape{1, 8, 8, 3}));
  options.input_shapes = {{"x", {1, 3, 8}}};
  EXPECT_EQ(builder.parse(options).error().code, ErrorCode::kInvalid);
  options.input_shapes = {{"z", {1, 3, 8, 8}}};
  EXPECT_EQ(builder.parse(options).error().code, ErrorCode::kNotFound);
}

TEST(Parse, AFixedBatchIsRefusedWithAdvice) {
  ModelBuilder builder = conv_model();
  builder.model.inputs[0].shape = Shape{4, 3, 6, 5};
  const auto parsed = builder.parse();
  ASSERT_FALSE(parsed.ok());
  EXPECT_EQ(parsed.error().code, ErrorCode::kUnsupported);
  EXPECT_NE(parsed.error().message.find("batch 4"), std::string::npos) << parsed.error().text();
  ParseOptions options;
  options.input_shapes["x"] = {1, 3, 6, 5};
  EXPECT_TRUE(builder.parse(options).ok());
}

TEST(Parse, TransposesThatCancelLeaveNoLayer) {
  ModelBuilder builder = conv_model();
  builder.node("Transpose", {"y"}, "last", {{"perm", std::vector<int64_t>{0, 2, 3, 1}}})
      .node("Relu", {"last"}, "r")
      .node("Transpose", {"r"}, "first", {{"perm", std::vector<int64_t>{0, 3, 1, 2}}})
      .constant("v", counted({2, 4, 1, 1}))
      .node("Conv", {"first", "v"}, "z");
  builder.model.outputs[0].name = "z";
  const Graph graph = builder.graph();
  for (const Layer& layer : graph.layers)
    EXPECT_FALSE(std::holds_alternative<Transpose>(layer.op)) << print_graph(graph);
}

TEST(Parse, ATransposeIsSharedByItsReaders) {
  ModelBuilder builder = conv_model();
  builder.integers("shape", {1, -1})
      .integers("other", {-1, 1})
      .node("Reshape", {"y", "shape"}, "a")
      .node("Reshape", {"y", "other"}, "b");
  builder.model.outputs[0].name = "a";
  builder.output("b");
  const Graph graph = builder.graph();
  int transposes = 0;
  for (const Layer& layer : graph.layers) transposes += std::holds_alternative<Transpose>(layer.op) ? 1 : 0;
  EXPECT_EQ(transposes, 1) << print_graph(graph);
}

TEST(Parse, FlatteningKeepsTheModelsOrder) {
  ModelBuilder builder;
  builder.input("x", {1, 2, 3, 4}).integers("shape", {0, -1}).node("Reshape", {"x", "shape"}, "y").output("y");
  const Tensor x = counted({1, 2, 3, 4});
  EXPECT_EQ(floats(run_in_onnx_order(builder.graph(), x)), floats(x));
}

TEST(Parse, ShapeArithmeticIsFolded) {
  ModelBuilder builder;
  builder.input("x", {-1, 2, 3, 4})
      .node("Shape", {"x"}, "shape")
      .constant("zero", Tensor::of<int64_t>({}, {0}))
      .node("Gather", {"shape", "zero"}, "batch")
      .node("Unsqueeze", {"batch"}, "batch1", {{"axes", std::vector<int64_t>{0}}})
      .integers("rest", {-1})
      .node("Concat", {"batch1", "rest"}, "wanted", {{"axis", int64_t{0}}})
      .node("Reshape", {"x", "wanted"}, "y")
      .output("y");
  const Graph graph = builder.graph();
  EXPECT_EQ(graph[graph.outputs[0]].type.shape, (Shape{1, 24}));
  for (const Layer& layer : graph.layers)
    EXPECT_TRUE(std::holds_alternative<Transpose>(layer.op) || std::holds_alternative<Reshape>(layer.op));
}

TEST(Parse, AllUnsupportedNodesAreReportedTogether) {
  ModelBuilder builder;
  builder.input("x", {1, 3, 6, 5})
      .node("Einsum", {"x", "x", "x"}, "a")
      .node("Relu", {"a"}, "b")
      .node("Det", {"b"}, "c")
      .node("Shape", {"b"}, "shape")
      .node("Gather", {"shape", "zero"}, "extent")
      .node("ReduceProd", {"b"}, "row")
      .constant("zero", Tensor::of<int64_t>({}, {0}))
      .node("NonMaxSuppression", {"x"}, "unused")
      .node("Shrink", {"x"}, "d")
      .node("Add", {"c", "d"}, "e")
      .node("Add", {"e", "extent"}, "f")
      .node("Add", {"f", "row"}, "y")
      .output("y");
  builder.model.nodes[7].domain = "com.example";
  const auto parsed = builder.parse();
  ASSERT_FALSE(parsed.ok());
  EXPECT_EQ(parsed.error().code, ErrorCode::kUnsupported);
  const std::string text = parsed.error().message;
  EXPECT_NE(text.find("4 nodes are not supported"), std::string::npos) << text;
  EXPECT_NE(text.find("node 'Einsum_a' (Einsum)"), std::string::npos) << text;
  EXPECT_NE(text.find("node 'Det_c' (Det)"), std::string::npos) << text;
  EXPECT_NE(text.find("node 'Shrink_d' (Shrink): operators of domain 'com.example'"), std::string::npos) << text;
  EXPECT_NE(text.find("supported operators: Abs, Add,"), std::string::npos) << text;
  EXPECT_NE(text.find("node 'ReduceProd_row' (ReduceProd): it is supported on constants"), std::string::npos) << text;
  EXPECT_EQ(text.find("Gather_extent"), std::string::npos) << text;
  EXPECT_EQ(text.find("NonMaxSuppression"), std::string::npos) << text;
}

TEST(Parse, WhatIsOnlyKnownAsTheNetworkRunsIsRefusedWithAdvice) {
  ModelBuilder builder;
  builder.input("x", {1, 3, 6, 5}).input("grid", {1, 6, 5, 2}).node("GridSample", {"x", "grid"}, "y").output("y");
  const auto parsed = builder.parse();
  ASSERT_FALSE(parsed.ok());
  EXPECT_NE(parsed.error().message.find("sample on the host"), std::string::npos) << parsed.error().text();
}

TEST(Parse, TopKOfConstantsIsComputedAndThatOfComputedValuesRefusedWithAdvice) {
  ModelBuilder builder;
  builder.input("x", {1, 3})
      .constant("table", Tensor::of<float>({3}, {4, 9, 2}))
      .integers("k", {1})
      .node("TopK", {"table", "k"}, "best")
      .node("Add", {"x", "best"}, "y")
      .output("y");
  EXPECT_EQ(floats(run_in_onnx_order(builder.graph(), Tensor::of<float>({1, 3}, {1, 2, 3}))),
            (std::vector<float>{10, 11, 12}));
  builder.model.nodes[0].inputs[0] = "x";
  const auto computed = builder.parse();
  ASSERT_FALSE(computed.ok());
  EXPECT_NE(computed.error().message.find("choose on the host"), std::string::npos) << computed.error().text();
}

TEST(Parse, AnEmptyPartOfASplitVanishesInItsConcat) {
  ModelBuilder builder;
  builder.input("x", {1, 2, 4})
      .integers("parts", {4, 0})
      .node("Split", {"x", "parts"}, "turned", {{"axis", int64_t{-1}}})
      .node("Relu", {"turned"}, "relu")
      .node("Concat", {"relu", "rest"}, "y", {{"axis", int64_t{-1}}})
      .output("y");
  builder.model.nodes[0].outputs.push_back("rest");
  const Graph graph = builder.graph();
  EXPECT_EQ(graph.layers.size(), 1u) << print_graph(graph);
  EXPECT_EQ(floats(run_in_onnx_order(graph, Tensor::of<float>({1, 2, 4}, {1, -1, 2, -2, 3, -3, 4, -4}))),
            (std::vector<float>{1, 0, 2, 0, 3, 0, 4, 0}));
}

TEST(Parse, ACutDoesWithoutWhatIsBehindIt) {
  ModelBuilder builder = conv_model();
  builder.node("Einsum", {"y"}, "z");
  builder.model.outputs[0].name = "z";
  EXPECT_FALSE(builder.parse().ok());
  ParseOptions options;
  options.end_nodes = {"Relu_y", "c"};
  const Graph graph = builder.graph(options);
  ASSERT_EQ(graph.outputs.size(), 2u);
  EXPECT_EQ(graph.output_info[0].origin, "y");
  EXPECT_EQ(graph.output_info[1].origin, "c");
}

TEST(Parse, AStartBeginsWithItsTensorsShape) {
  ModelBuilder builder;
  builder.input("raw", {-1, 3, 6, 5})
      .node("Einsum", {"raw"}, "x")
      .constant("w", counted({4, 3, 3, 3}))
      .node("Conv", {"x", "w"}, "y")
      .output("y");
  ParseOptions options;
  options.start_nodes = {"Conv_y"};
  const auto unknown = builder.parse(options);
  ASSERT_FALSE(unknown.ok());
  EXPECT_NE(unknown.error().message.find("--input-shape"), std::string::npos) << unknown.error().text();
  builder.model.value_info.push_back({"x", DType::kF32, Shape{-1, 3, 6, 5}});
  const Graph graph = builder.graph(options);
  ASSERT_EQ(graph.inputs.size(), 1u);
  EXPECT_EQ(graph.input_info[0].origin, "x");

  ModelBuilder chain = conv_model();
  options.start_nodes = {"Relu_y"};
  const Graph cut = chain.graph(options);
  EXPECT_EQ(layer_names(cut), (Names{"activation1"}));
  EXPECT_EQ(cut[cut.inputs[0]].type.shape, (Shape{1, 4, 3, 4}));
}

TEST(Parse, AnOutputThatIsAnInputGetsALayerAndAConstantOneIsRefused) {
  ModelBuilder builder;
  builder.input("x", {1, 8}).node("Identity", {"x"}, "y").output("y");
  EXPECT_EQ(builder.graph().layers.size(), 1u);
  ModelBuilder constant;
  constant.input("x", {1, 8}).node("Shape", {"x"}, "y").output("y");
  EXPECT_EQ(constant.parse().error().code, ErrorCode::kUnsupported);
}

TEST(Parse, PreprocessingIsStoredWithTheInput) {
  ParseOptions options;
  options.preprocess = Preprocess{};
  options.preprocess->mean = {1, 2, 3};
  options.preprocess->declared = true;
  EXPECT_EQ(conv_model().graph(options).input_info[0].preprocess.mean, (std::vector<float>{1, 2, 3}));
}

TEST(Parse, NodesThatContradictThemselvesAreInvalidNotFatal) {
  ModelBuilder channels = conv_model();
  channels.model.initializers.at("w") = counted({4, 5, 3, 3});
  const auto parsed = channels.parse();
  ASSERT_FALSE(parsed.ok());
  EXPECT_NE(parsed.error().text().find("node 'Conv_c' (Conv)"), std::string::npos) << parsed.error().text();
  ModelBuilder reshape = conv_model();
  reshape.integers("s", {7, 7}).node("Reshape", {"y", "s"}, "z");
  reshape.model.outputs[0].name = "z";
  EXPECT_FALSE(reshape.parse().ok());
}

}  // namespace
}  // namespace graupel
