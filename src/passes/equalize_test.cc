// Tests of cross-layer equalization: ranges change, float results do not, not even by a bit.
#include "passes/equalize.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "ir/evaluate.h"
#include "ir/graph_testing.h"

namespace graupel {
namespace {

// Convolution, ReLU in its clamp, and a second convolution with `groups`; channel c of the first is 4^c times as large.
Graph uneven_pair(int32_t groups, float clamp_hi) {
  Graph graph;
  graph.name = "uneven";
  GraphBuilder builder(graph);
  const ValueId x = builder.input("input_layer1", {1, 5, 5, 3});
  Conv first, second;
  first.clamp = {0, clamp_hi};
  second.groups = groups;
  second.window.kernel_h = second.window.kernel_w = 3;
  Tensor weights = random_tensor({1, 1, 3, 4}, 1);
  std::vector<float> uneven(weights.as<float>().begin(), weights.as<float>().end());
  for (std::size_t i = 0; i < uneven.size(); ++i) uneven[i] = std::ldexp(uneven[i], static_cast<int>(i % 4) * 2);
  const ValueId w1 = builder.constant(Tensor::of<float>({1, 1, 3, 4}, uneven), "conv1/kernel");
  const ValueId b1 = builder.constant(random_tensor({4}, 2), "conv1/bias");
  const ValueId y = builder.layer("conv1", first, {x, w1, b1});
  const ValueId w2 = builder.constant(random_tensor({3, 3, 4 / groups, 4}, 3), "conv2/kernel");
  const ValueId b2 = builder.constant(random_tensor({4}, 4), "conv2/bias");
  builder.output(builder.layer("conv2", second, {y, w2, b2}));
  return graph;
}

std::vector<float> outputs(const Graph& graph) {
  Evaluator evaluator(graph, 1, Isa::kRef);
  const Tensor x = random_tensor({1, 5, 5, 3}, 9);
  const auto out = evaluator.run(std::span(&x, 1));
  EXPECT_TRUE(out.ok());
  const auto values = (*out)[0].as<float>();
  return {values.begin(), values.end()};
}

// The widest over the narrowest range of the first layer's output channels.
double spread(const Graph& graph) {
  const auto weights = graph[graph.layers[0].in[1]].constant->as<float>();
  double range[4] = {};
  for (std::size_t i = 0; i < weights.size(); ++i)
    range[i % 4] = std::max(range[i % 4], std::abs(static_cast<double>(weights[i])));
  return *std::max_element(range, range + 4) / *std::min_element(range, range + 4);
}

bool every(const std::string&) { return true; }

TEST(Equalize, NarrowsTheSpreadOfChannelsAndChangesNoBit) {
  for (int32_t groups : {1, 2, 4}) {
    Graph graph = uneven_pair(groups, std::numeric_limits<float>::infinity());
    const std::vector<float> before = outputs(graph);
    const double spread_before = spread(graph);
    const auto pairs = equalize(graph, every);
    ASSERT_TRUE(pairs.ok()) << pairs.error().text();
    EXPECT_EQ(*pairs, 1);
    EXPECT_LT(spread(graph), spread_before / 4) << groups << " groups";
    EXPECT_EQ(outputs(graph), before) << groups << " groups";
  }
}

// A normalization whose channel c is 4^c times as large, read by two convolutions; `shared` holds one scale for all.
Graph uneven_norm(bool shared) {
  Graph graph;
  graph.name = "uneven";
  GraphBuilder builder(graph);
  const ValueId x = builder.input("input_layer1", {1, 5, 5, 3});
  Normalize norm;
  norm.first_axis = 3;
  norm.epsilon = 1e-5F;
  const ValueId scale = shared ? builder.constant(Tensor::of<float>({1}, {1.5F}), "norm/scale")
                               : builder.constant(Tensor::of<float>({3}, {0.5F, -2, 8}), "norm/scale");
  const ValueId shift = builder.constant(random_tensor({3}, 2), "norm/shift");
  const ValueId y = builder.layer("norm1", norm, {x, scale, shift});
  std::vector<float> uneven(12);
  for (std::size_t i = 0; i < 12; ++i) uneven[i] = shared ? std::ldexp(1.F, static_cast<int>(i / 4) * 4) : 1.F;
  for (int i = 1; i <= 2; ++i) {
    const std::string name = "conv" + std::to_string(i);
    const ValueId weights = builder.constant(Tensor::of<float>({1, 1, 3, 4}, uneven), name + "/kernel");
    const ValueId bias = builder.constant(random_tensor({4}, 3), name + "/bias");
    builder.output(builder.layer(name, Conv{}, {y, weights, bias}));
  }
  return graph;
}

TEST(Equalize, MovesTheScaleOfANormalizationIntoAllThatReadIt) {
  for (const bool shared : {false, true}) {
    Graph graph = uneven_norm(shared);
    const std::vector<float> before = outputs(graph);
    const auto changed = equalize(graph, every);
    ASSERT_TRUE(changed.ok()) << changed.error().text();
    EXPECT_EQ(*changed, 1);
    EXPECT_EQ(outputs(graph), before) << (shared ? "one scale" : "a scale per channel");
    const auto scale = graph[graph.layers[0].in[1]].constant->as<float>();
    ASSERT_EQ(scale.size(), 3u);
    if (shared) {
      EXPECT_GT(scale[2], scale[0] * 8) << "the widest weights' channel was not shrunk by their share";
    } else {
      EXPECT_LT(std::abs(scale[2] / scale[0]), 8) << "the spread of 16 was not narrowed";
    }
  }
}

TEST(Equalize, LeavesUpperClampsUnchosenLayersAndOtherReadersAlone) {
  Graph clamped = uneven_pair(1, 6);
  EXPECT_EQ(*equalize(clamped, every), 0);
  Graph unchosen = uneven_pair(1, std::numeric_limits<float>::infinity());
  EXPECT_EQ(*equalize(unchosen, [](const std::string& name) { return name == "conv2"; }), 0);
  Graph read_twice = uneven_pair(1, std::numeric_limits<float>::infinity());
  GraphBuilder(read_twice).output(read_twice.layers[0].out[0]);
  EXPECT_EQ(*equalize(read_twice, every), 0);
}

}  // namespace
}  // namespace graupel
