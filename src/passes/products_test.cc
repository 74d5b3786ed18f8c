// Constants around products of two activations, judged by structure and by the float meaning before and after.
#include <gtest/gtest.h>

#include <cmath>

#include "ir/evaluate.h"
#include "ir/graph_testing.h"
#include "passes/pipeline.h"

namespace graupel {
namespace {

const MatMul kPlain{{0, 1, 2}, {0, 1, 2}, {0, 1, 2}};

Tensor vector_of(std::vector<float> values) {
  return Tensor::of<float>({static_cast<int64_t>(values.size())}, std::span<const float>(values));
}

std::vector<float> run(const Graph& graph) {
  std::vector<Tensor> inputs;
  for (std::size_t i = 0; i < graph.inputs.size(); ++i)
    inputs.push_back(random_tensor(graph[graph.inputs[i]].type.shape, static_cast<uint32_t>(i + 1)));
  const Result<std::vector<Tensor>> out = Evaluator(graph, 1, Isa::kRef).run(inputs);
  EXPECT_TRUE(out.ok()) << (out.ok() ? "" : out.error().text());
  if (!out.ok()) return {};
  const auto values = (*out)[0].as<float>();
  return {values.begin(), values.end()};
}

/// Optimizes and compares: the same values but for rounding.
Graph optimized(const Graph& graph) {
  Graph after = graph;
  const auto counts = optimize_graph(after, {});
  EXPECT_TRUE(counts.ok()) << (counts.ok() ? "" : counts.error().text());
  const std::vector<float> a = run(graph), b = run(after);
  EXPECT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) EXPECT_NEAR(a[i], b[i], 1e-5f * (1 + std::abs(a[i])));
  return after;
}

TEST(Products, TakeInConstantFactorsOfOperandsAndResult) {
  Graph graph;
  GraphBuilder build(graph);
  const ValueId a = build.input("a", {2, 3, 4}), b = build.input("b", {2, 4, 5});
  const auto times = [&](const std::string& name, ValueId x, float s) {
    return build.layer(name, Affine{}, {x, build.constant(vector_of({s})), build.constant(vector_of({0}))});
  };
  const ValueId product = build.layer("matmul1", kPlain, {times("q", a, 0.5f), times("k", b, 4.0f)});
  build.output(times("scores", product, 0.25f));
  const Graph after = optimized(graph);
  ASSERT_EQ(after.layers.size(), 1u);
  EXPECT_EQ(after.layers[0].name, "matmul1");
  EXPECT_FLOAT_EQ(std::get<MatMul>(after.layers[0].op).scale, 0.5f);
}

TEST(Products, KeepFactorsThatAreNegativeVaryOrComeWithAShift) {
  const std::vector<std::pair<std::vector<float>, float>> kept = {
      {{-2.0f}, 0.0f}, {{1.0f, 2.0f, 3.0f, 4.0f, 5.0f}, 0.0f}, {{2.0f}, 1.0f}};
  for (const auto& [scale, shift] : kept) {
    Graph graph;
    GraphBuilder build(graph);
    const ValueId product = build.layer("matmul1", kPlain, {build.input("a", {2, 3, 4}), build.input("b", {2, 4, 5})});
    build.output(
        build.layer("f", Affine{}, {product, build.constant(vector_of(scale)), build.constant(vector_of({shift}))}));
    EXPECT_EQ(optimized(graph).layers.size(), 2u);
  }
}

// A projection, split into heads, with a bias for every head.
TEST(Products, LeaveBiasesOfHeadsToTheProjection) {
  Graph graph;
  GraphBuilder build(graph);
  const ValueId x = build.input("x", {1, 7, 6});
  const ValueId dense =
      build.layer("fc1", Dense{}, {x, build.constant(random_tensor({6, 8}, 3)), build.constant(random_tensor({8}, 4))});
  const ValueId heads = build.layer("reshape1", Reshape{{1, 7, 2, 4}}, {dense});
  const ValueId bias = build.constant(random_tensor({1, 2, 4}, 5));
  const ValueId sum = build.layer("ew_add1", Binary{}, {bias, heads});
  const ValueId factor = build.constant(random_tensor({2, 4}, 6));
  build.output(build.layer("ew_mult1", Binary{Binary::Kind::kMul, {}}, {sum, factor}));
  const Graph after = optimized(graph);
  ASSERT_EQ(after.layers.size(), 2u);
  EXPECT_TRUE(std::holds_alternative<Dense>(after.layers[0].op));
  EXPECT_EQ(after.layers[1].name, "reshape1");
}

// The same behind a norm, and behind a dropout that does nothing.
TEST(Products, LeaveFactorsOfHeadsToTheNorm) {
  for (const Op& between : {Op(Reshape{{1, 7, 2, 4}}), Op(Unary{})}) {
    Graph graph;
    GraphBuilder build(graph);
    const ValueId x = build.input("x", {1, 7, 8});
    const ValueId scale = build.constant(random_tensor({8}, 3)), shift = build.constant(random_tensor({8}, 4));
    const ValueId norm = build.layer("normalization1", Normalize{Normalize::Kind::kStandard, 2}, {x, scale, shift});
    const ValueId heads = build.layer("between", between, {norm});
    const int64_t channels = graph[heads].type.shape.back();
    const ValueId factor = build.constant(random_tensor({channels}, 5)),
                  add = build.constant(random_tensor({channels}, 6));
    build.output(build.layer("ew_mult1", Affine{}, {heads, factor, add}));
    const Graph after = optimized(graph);
    EXPECT_TRUE(std::holds_alternative<Normalize>(after.layers[0].op));
    for (const Layer& layer : after.layers) EXPECT_FALSE(std::holds_alternative<Affine>(layer.op)) << layer.name;
  }
}

TEST(Products, DoNotLiftWhatVariesOverOtherExtents) {
  Graph graph;
  GraphBuilder build(graph);
  const ValueId heads = build.layer("reshape1", Reshape{{1, 7, 2, 4}}, {build.input("x", {1, 7, 8})});
  build.output(build.layer("ew_add1", Binary{}, {heads, build.constant(random_tensor({7, 2, 4}, 5))}));
  const Graph after = optimized(graph);
  ASSERT_EQ(after.layers.size(), 2u);
  EXPECT_EQ(after.layers[1].name, "ew_add1");
}

}  // namespace
}  // namespace graupel
