// Results of different units that leave the network in one tensor.
#include <gtest/gtest.h>

#include "ir/graph_testing.h"
#include "quant/quantize.h"

namespace graupel {
namespace {

enum class Reader : uint8_t { kNone, kMove, kFunction };

/// Boxes in pixels, `pixels` of them, joined with scores of at most 1; `reader` reads what is joined.
Graph joined(float pixels, Reader reader = Reader::kMove) {
  Graph graph;
  graph.name = "joined";
  graph.stage = Stage::kOptimized;
  GraphBuilder builder(graph);
  const ValueId x = builder.input("input_layer1", {1, 4, 4, 2});
  const auto part = [&](const std::string& name, float factor) {
    auto [weights, w] = Tensor::make<float>({1, 1, 2, 3});
    std::fill_n(w, 6, factor);
    return builder.layer(name, Conv{},
                         {x, builder.constant(weights, name + "/kernel"),
                          builder.constant(Tensor::of<float>({3}, std::vector<float>(3, 0)), name + "/bias")});
  };
  const ValueId boxes = part("boxes", pixels / 2);
  const ValueId scores = builder.layer("scores", Unary{UnaryKind::kSigmoid, 0, 0}, {part("logits", 1)});
  ValueId y = builder.layer("join", Concat{3}, {boxes, scores});
  if (reader != Reader::kNone) y = builder.layer("rows", Reshape{{1, 16, 6}}, {y});
  if (reader == Reader::kFunction) y = builder.layer("function", Unary{UnaryKind::kTanh, 0, 0}, {y});
  builder.output(y);
  return graph;
}

Result<Graph> quantized(const Graph& graph, const QuantizeOptions& options = {},
                        std::vector<std::string>* warnings = nullptr) {
  const FrameSource frames = [](int index) -> Result<std::optional<std::vector<Tensor>>> {
    if (index > 0) return std::optional<std::vector<Tensor>>();
    return std::optional(std::vector{random_tensor({1, 4, 4, 2}, 5)});
  };
  return quantize_graph(graph, frames, options, warnings);
}

DType codes_of(const Graph& graph, const std::string& layer) {
  for (const Layer& one : graph.layers)
    if (one.name == layer) return graph[one.out[0]].type.dtype;
  ADD_FAILURE() << "no layer " << layer;
  return DType::kF32;
}

TEST(WideOutputs, BoxesAndScoresInOneResultHaveSixteenBits) {  // N8.1
  for (const Reader reader : {Reader::kNone, Reader::kMove}) {
    std::vector<std::string> warnings;
    const auto graph = quantized(joined(400, reader), {}, &warnings);
    ASSERT_TRUE(graph.ok()) << graph.error().text();
    for (const char* wide : {"boxes", "scores", "join"}) EXPECT_EQ(codes_of(*graph, wide), DType::kU16) << wide;
    EXPECT_EQ(codes_of(*graph, "logits"), DType::kU8);
    EXPECT_TRUE(warnings.empty()) << warnings[0];
  }
}

TEST(WideOutputs, NotWhereRangesAreAlikeOrTheResultIsReadOn) {
  for (const Graph& graph : {joined(4), joined(400, Reader::kFunction)}) {
    const auto result = quantized(graph);
    ASSERT_TRUE(result.ok()) << result.error().text();
    EXPECT_EQ(codes_of(*result, "join"), DType::kU8);
  }
}

TEST(WideOutputs, NotAgainstWhatOptionsSay) {
  QuantizeOptions options;
  options.layers["boxes"].precision = Precision{8, 8, 8};
  std::vector<std::string> warnings;
  const auto graph = quantized(joined(400), options, &warnings);
  ASSERT_TRUE(graph.ok()) << graph.error().text();
  EXPECT_EQ(codes_of(*graph, "join"), DType::kU8);
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_NE(warnings[0].find("of 256 levels"), std::string::npos) << warnings[0];
}

}  // namespace
}  // namespace graupel
