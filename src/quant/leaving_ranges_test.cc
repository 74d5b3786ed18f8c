// Ranges of what leaves the network: the rarest values are the detections.
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "ir/graph_testing.h"
#include "quant/quantize.h"
#include "quant/ranges.h"

namespace graupel {
namespace {

constexpr int64_t kSide = 200;

enum class Reader : uint8_t { kDetector, kOutput, kConvolution };

/// Boxes and scores by 1x1 convolutions, and who reads them.
Graph heads(Reader reader) {
  Graph graph;
  graph.name = "heads";
  graph.stage = Stage::kOptimized;
  GraphBuilder builder(graph);
  const ValueId x = builder.input("input_layer1", {1, kSide, kSide, 4});
  const auto conv = [&](const std::string& name, ValueId in, int64_t channels, uint32_t seed) {
    const int64_t inputs = graph[in].type.shape.back();
    return builder.layer(name, Conv{},
                         {in, builder.constant(random_tensor({1, 1, inputs, channels}, seed), name + "/kernel"),
                          builder.constant(random_tensor({channels}, seed + 1), name + "/bias")});
  };
  const ValueId boxes = conv("boxes", x, 4, 1), logits = conv("logits", x, 2, 3);
  const ValueId scores = builder.layer("scores", Unary{UnaryKind::kSigmoid, 0, 0}, {logits});
  if (reader != Reader::kDetector) {
    builder.output(reader == Reader::kOutput ? boxes : conv("behind", boxes, 4, 5));
    builder.output(scores);
    return graph;
  }
  Detect op;
  op.params.arch = DetectArch::kYolov6;
  op.params.classes = 2;
  op.params.image_h = op.params.image_w = 8 * kSide;
  op.params.heads = {{kSide, kSide, 8, 0, 1, -1, {}, {}}};
  builder.output(builder.layer("detections", op, {boxes, scores}));
  return graph;
}

/// Small values everywhere but in one cell.
Result<std::optional<std::vector<Tensor>>> one_frame(int index) {
  if (index > 0) return std::optional<std::vector<Tensor>>();
  const Tensor noise = random_tensor({1, kSide, kSide, 4}, 9);
  auto [frame, data] = Tensor::make<float>(noise.type.shape);
  std::ranges::copy(noise.as<float>(), data);
  for (int c = 0; c < 4; ++c) data[kSide * 4 + c] = 50.0f * (c % 2 == 0 ? 1.0f : -1.0f);
  return std::optional<std::vector<Tensor>>(std::vector<Tensor>{std::move(frame)});
}

/// Largest magnitude that the codes of a layer's output reach.
double reach(const Graph& graph, const std::string& layer) {
  for (const Layer& one : graph.layers)
    if (one.name == layer) {
      const QuantParams& q = *graph[one.out[0]].type.quant;
      return std::max(255 - q.zero_point[0], q.zero_point[0]) * static_cast<double>(q.scale[0]);
    }
  ADD_FAILURE() << "no layer " << layer;
  return 0;
}

TEST(LeavingRanges, AreNotClippedUnlikeThoseThatTheNetworkReads) {
  std::map<std::string, double> largest;
  const Graph real = heads(Reader::kDetector);
  ASSERT_TRUE(Evaluator(real, 1, Isa::kRef)
                  .run(**one_frame(0),
                       [&](ValueId, const Layer* layer, const Tensor& tensor) {
                         if (layer == nullptr || is_host(layer->op)) return;
                         for (float v : tensor.as<float>())
                           largest[layer->name] = std::max(largest[layer->name], std::abs(double{v}));
                       })
                  .ok());
  QuantizeOptions options;
  options.widen_blurred = false;
  for (const Reader reader : {Reader::kDetector, Reader::kOutput, Reader::kConvolution}) {
    const Result<Graph> graph = quantize_graph(heads(reader), one_frame, options, nullptr);
    ASSERT_TRUE(graph.ok()) << graph.error().text();
    if (reader == Reader::kConvolution)
      EXPECT_LT(reach(*graph, "boxes"), 0.5 * largest["boxes"]) << "the sample has no outlier";
    else
      EXPECT_GE(reach(*graph, "boxes"), 0.99 * largest["boxes"]);
    EXPECT_GE(reach(*graph, "scores"), 0.99 * largest["scores"]) << "the outlier's score";
  }
}

TEST(LeavingRanges, EndWhereASigmoidBehindNoLongerMoves) {
  const Interval kept = where_it_moves({-20, 10}, [](double x) { return 1 / (1 + std::exp(-x)); });
  EXPECT_NEAR(kept.lo, -6.25, 0.05) << "half a step of 255 above 0";
  EXPECT_NEAR(kept.hi, 6.25, 0.05);
  const Interval all = where_it_moves({-20, 4}, [](double x) { return 3 * x; });
  EXPECT_NEAR(all.lo, -20, 0.5 * 24 / 255);
  EXPECT_NEAR(all.hi, 4, 0.5 * 24 / 255);
}

}  // namespace
}  // namespace graupel
