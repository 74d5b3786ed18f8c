#include "ir/evaluate.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "ir/graph_testing.h"
#include "ir/tensor_pool.h"

namespace graupel {
namespace {

bool same_bytes(const Tensor& a, const Tensor& b) {
  return a.type == b.type && std::memcmp(a.data->data(), b.data->data(), a.type.bytes()) == 0;
}

/// Image → 3x3 convolution → SiLU by its parts → pooling → fully connected.
Graph small_network() {
  Graph graph;
  GraphBuilder builder(graph);
  const ValueId x = builder.input("x", {1, 17, 13, 3});
  Conv conv;
  conv.window = {3, 3, 2, 2, 1, 1, 1, 1};
  conv.pad_bottom = conv.pad_right = 1;
  const ValueId w = builder.constant(random_tensor({3, 3, 3, 70}, 1));
  const ValueId b = builder.constant(random_tensor({70}, 2));
  const ValueId y = builder.layer("conv1", conv, {x, w, b});
  const ValueId gate = builder.layer("gate", Unary{UnaryKind::kSigmoid}, {y});
  const ValueId z = builder.layer("mul", Binary{Binary::Kind::kMul, {}}, {y, gate});
  const ValueId mean = builder.layer("mean", Reduce{Reduce::Kind::kMean, 1, 2, false}, {z});
  const ValueId m = builder.constant(random_tensor({70, 11}, 3));
  const ValueId c = builder.constant(random_tensor({11}, 4));
  builder.output(builder.layer("fc1", Dense{}, {mean, m, c}));
  builder.output(z);
  return graph;
}

TEST(Evaluator, GivesTheSameBitsForAnyThreadsAndIsa) {
  // N10.1
  const Graph graph = small_network();
  ASSERT_TRUE(verify(graph).ok()) << verify(graph).error().text();
  const std::vector<Tensor> in = {random_tensor({1, 17, 13, 3}, 9)};
  const auto expected = Evaluator(graph, 1, Isa::kRef).run(in);
  ASSERT_TRUE(expected.ok()) << expected.error().text();
  for (Isa isa : {Isa::kRef, Isa::kAvx2, Isa::kAvx512}) {
    if (isa > detected_isa()) continue;
    for (int threads : {1, 2, 3}) {
      Evaluator evaluator(graph, threads, isa);
      for (int frame = 0; frame < 2; ++frame) {
        const auto out = evaluator.run(in);
        ASSERT_TRUE(out.ok());
        for (std::size_t i = 0; i < out->size(); ++i)
          EXPECT_TRUE(same_bytes((*out)[i], (*expected)[i])) << to_string(isa) << " threads " << threads;
      }
    }
  }
}

TEST(Evaluator, ComputesWhatTheLayersSay) {
  const Graph graph = conv_chain();
  const Tensor x = random_tensor({1, 2, 2, 2}, 5);
  const auto out = Evaluator(graph, 1, Isa::kRef).run(std::vector{x});
  ASSERT_TRUE(out.ok());
  const auto w = graph[graph.layers[0].in[1]].constant->as<float>(),
             b = graph[graph.layers[0].in[2]].constant->as<float>();
  for (std::size_t p = 0; p < 4; ++p)
    for (std::size_t o = 0; o < 3; ++o) {
      const float y = std::fma(x.as<float>()[p * 2 + 1], w[3 + o], std::fma(x.as<float>()[p * 2], w[o], b[o]));
      EXPECT_EQ((*out)[0].as<float>()[p * 3 + o], std::max(y, 0.f));
    }
}

TEST(Evaluator, ShowsInputsAndEveryLayerInOrder) {
  const Graph graph = small_network();
  std::vector<std::string> seen;
  const Observer observer = [&](ValueId id, const Layer* layer, const Tensor& tensor) {
    EXPECT_EQ(tensor.type, graph[id].type);
    seen.push_back(layer == nullptr ? "input" : layer->name);
  };
  ASSERT_TRUE(Evaluator(graph, 1, Isa::kRef).run(std::vector{random_tensor({1, 17, 13, 3}, 9)}, observer).ok());
  EXPECT_EQ(seen, (std::vector<std::string>{"input", "conv1", "gate", "mul", "mean", "fc1"}));
}

TEST(Evaluator, WhatAnObserverPutsInAnOutputsPlaceIsWhatTheLayersBehindRead) {
  const Graph graph = small_network();
  const std::vector<Tensor> in = {random_tensor({1, 17, 13, 3}, 9)}, other = {random_tensor({1, 17, 13, 3}, 10)};
  Evaluator evaluator(graph, 1, Isa::kRef);
  const ValueId first = graph.layers[0].out[0];
  Tensor kept;
  const auto expected = evaluator.run(other, [&](ValueId id, const Layer*, const Tensor& tensor) {
    if (id == first) kept = tensor;
  });
  const auto out = evaluator.run(in, [&](ValueId id, const Layer*, Tensor& tensor) {
    if (id == first) tensor = kept;
  });
  ASSERT_TRUE(expected.ok() && out.ok());
  for (std::size_t i = 0; i < out->size(); ++i) EXPECT_TRUE(same_bytes((*out)[i], (*expected)[i]));
}

TEST(Evaluator, OutputsOutliveItAndAreNotOverwritten) {
  const Graph graph = small_network();
  const std::vector<Tensor> in = {random_tensor({1, 17, 13, 3}, 9)}, other = {random_tensor({1, 17, 13, 3}, 10)};
  std::vector<Tensor> kept, again;
  {
    Evaluator evaluator(graph, 1, detected_isa());
    kept = evaluator.run(in).value();
    const std::vector<Tensor> different = evaluator.run(other).value();
    EXPECT_FALSE(same_bytes(kept[0], different[0]));
    again = evaluator.run(in).value();
  }
  EXPECT_TRUE(same_bytes(kept[0], again[0]));
  EXPECT_TRUE(same_bytes(kept[1], again[1]));
}

TEST(Evaluator, RefusesInputsThatDoNotFit) {
  const Graph graph = conv_chain();
  Evaluator evaluator(graph, 1, Isa::kRef);
  EXPECT_EQ(evaluator.run({}).error().code, ErrorCode::kMismatch);
  EXPECT_EQ(evaluator.run(std::vector{random_tensor({1, 2, 2, 3}, 1)}).error().code, ErrorCode::kMismatch);
  EXPECT_EQ(evaluator.run(std::vector{Tensor::of<uint8_t>({1, 2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8})}).error().code,
            ErrorCode::kMismatch);
}

TEST(TensorPool, GivesReleasedBuffersAgain) {
  const TensorPool pool;
  const std::byte* first = nullptr;
  {
    const auto buffer = pool.allocate(1000);
    first = buffer->data();
  }
  const auto large = pool.allocate(100000);
  EXPECT_NE(large->data(), first);
  const auto again = pool.allocate(900);
  EXPECT_EQ(again->data(), first);
  EXPECT_NE(pool.allocate(900)->data(), first);
}

TEST(TensorPool, BuffersMayOutliveIt) {
  std::shared_ptr<Bytes> buffer;
  {
    const TensorPool pool;
    buffer = pool.allocate(64);
  }
  (*buffer)[63] = std::byte{1};
  EXPECT_EQ((*buffer)[63], std::byte{1});
}

}  // namespace
}  // namespace graupel
