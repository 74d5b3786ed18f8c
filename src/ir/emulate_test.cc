#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "ir/evaluate.h"
#include "ir/graph_testing.h"

namespace graupel {
namespace {

TensorType codes(Shape shape, float scale, int32_t zero_point) {
  return {DType::kU8, std::move(shape), QuantParams::per_tensor(scale, zero_point)};
}

/// conv_chain() with integer types: its meaning is computed by hand below.
Graph quantized_chain() {
  Graph graph = conv_chain();
  graph.stage = Stage::kQuantized;
  graph[graph.inputs[0]].type = codes({1, 2, 2, 2}, 0.5f, 3);
  auto [w, weights] = Tensor::make<int8_t>({1, 1, 2, 3}, QuantParams{{0.25f, 0.5f, 1.f}, {0, 0, 0}, 3});
  for (int i = 0; i < 6; ++i) weights[i] = static_cast<int8_t>(i * 7 - 20);
  auto [b, bias] = Tensor::make<int32_t>({3}, QuantParams{{0.125f, 0.25f, 0.5f}, {0, 0, 0}, 0});
  for (int i = 0; i < 3; ++i) bias[i] = 100 * i - 50;
  const auto set = [&](ValueId id, const Tensor& tensor) {
    graph[id].type = tensor.type;
    graph[id].constant = tensor;
  };
  set(graph.layers[0].in[1], w);
  set(graph.layers[0].in[2], b);
  graph[graph.layers[0].out[0]].type = codes({1, 2, 2, 3}, 2.f, 128);
  graph[graph.layers[1].out[0]].type = codes({1, 2, 2, 3}, 1.f, 0);
  return graph;
}

std::vector<uint8_t> expected_codes(const Graph& graph, std::span<const uint8_t> x) {
  const auto w = graph[graph.layers[0].in[1]].constant->as<int8_t>();
  const auto b = graph[graph.layers[0].in[2]].constant->as<int32_t>();
  const float weight_scale[3] = {0.25f, 0.5f, 1.f};
  std::vector<uint8_t> result;
  for (std::size_t p = 0; p < 4; ++p)
    for (std::size_t o = 0; o < 3; ++o) {
      const int32_t acc = b[o] + (x[p * 2] - 3) * w[o] + (x[p * 2 + 1] - 3) * w[3 + o];
      const float scaled = static_cast<float>(acc) * (0.5f * weight_scale[o] / 2.f);
      const float code = std::min(std::max(std::nearbyint(scaled) + 128, 0.f), 255.f);
      const float real = std::max((code - 128) * 2.f, 0.f);
      result.push_back(static_cast<uint8_t>(std::min(real, 255.f)));
    }
  return result;
}

TEST(Emulator, ComputesTheIntegerMeaningOfEachLayer) {
  const Graph graph = quantized_chain();
  ASSERT_TRUE(verify(graph).ok()) << verify(graph).error().text();
  auto [x, data] = Tensor::make<uint8_t>({1, 2, 2, 2}, graph[graph.inputs[0]].type.quant);
  for (int i = 0; i < 8; ++i) data[i] = static_cast<uint8_t>(i * 36);
  for (int threads : {1, 2, 3}) {
    Emulator emulator(graph, threads);
    const Result<> prepared = emulator.prepare();
    ASSERT_TRUE(prepared.ok()) << prepared.error().text();
    const auto out = emulator.run(std::vector{x});
    ASSERT_TRUE(out.ok()) << out.error().text();
    const auto y = (*out)[0].as<uint8_t>();
    EXPECT_EQ(std::vector<uint8_t>(y.begin(), y.end()), expected_codes(graph, x.as<uint8_t>()));
  }
}

TEST(Emulator, RefusesAFloatGraphAndInputsThatDoNotFit) {
  const Graph real = conv_chain();
  EXPECT_EQ(Emulator(real, 1).prepare().error().code, ErrorCode::kInvalid);
  const Graph graph = quantized_chain();
  Emulator emulator(graph, 1);
  EXPECT_EQ(emulator.run({}).error().code, ErrorCode::kMismatch);
  EXPECT_EQ(emulator.run(std::vector{random_tensor({1, 2, 2, 2}, 1)}).error().code, ErrorCode::kMismatch);
}

TEST(Emulator, NamesTheLayerThatCannotBeLowered) {
  Graph graph = quantized_chain();
  graph[graph.layers[0].out[0]].type.quant->scale = {1e-38f};
  Emulator emulator(graph, 1);
  const Result<> prepared = emulator.prepare();
  ASSERT_FALSE(prepared.ok());
  EXPECT_NE(prepared.error().text().find("layer 'conv1'"), std::string::npos) << prepared.error().text();
}

TEST(Edges, RealsBecomeCodesAndBack) {
  // N9.1, N9.2
  const TensorType type = codes({5}, 0.5f, 10);
  const float infinity = std::numeric_limits<float>::infinity();
  const Tensor q = quantize(Tensor::of<float>({5}, {0.f, 0.25f, 0.75f, -100.f, infinity}), type).value();
  const auto got = q.as<uint8_t>();
  EXPECT_EQ(std::vector<uint8_t>(got.begin(), got.end()), (std::vector<uint8_t>{10, 10, 12, 0, 255}));
  const auto real = dequantize(q);
  EXPECT_EQ(real.as<float>()[2], 1.f);
  EXPECT_EQ(real.as<float>()[3], -5.f);
}

TEST(Edges, NanAndOtherShapesAreErrors) {
  const TensorType type = codes({2}, 0.5f, 10);
  const Result<Tensor> nan = quantize(Tensor::of<float>({2}, {0.f, std::nanf("")}), type);
  ASSERT_FALSE(nan.ok());
  EXPECT_NE(nan.error().message.find("element 1"), std::string::npos);
  EXPECT_EQ(quantize(Tensor::of<float>({1}, {0.f}), type).error().code, ErrorCode::kMismatch);
}

}  // namespace
}  // namespace graupel
