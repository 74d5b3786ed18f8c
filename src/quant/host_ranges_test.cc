// Ranges of what the host reads: the rarest values are the detections.
#include <gtest/gtest.h>

#include "ir/graph_testing.h"
#include "quant/quantize.h"

namespace graupel {
namespace {

constexpr int64_t kSide = 200;

/// Boxes and scores by 1x1 convolutions; `detect`: read by a detector, else outputs themselves.
Graph heads(bool detect) {
  Graph graph;
  graph.name = "heads";
  graph.stage = Stage::kOptimized;
  GraphBuilder builder(graph);
  const ValueId x = builder.input("input_layer1", {1, kSide, kSide, 4});
  const auto conv = [&](const std::string& name, int64_t channels, uint32_t seed) {
    return builder.layer(name, Conv{},
                         {x, builder.constant(random_tensor({1, 1, 4, channels}, seed), name + "/kernel"),
                          builder.constant(random_tensor({channels}, seed + 1), name + "/bias")});
  };
  const ValueId boxes = conv("boxes", 4, 1), logits = conv("logits", 2, 3);
  const ValueId scores = builder.layer("scores", Unary{UnaryKind::kSigmoid, 0, 0}, {logits});
  if (!detect) {
    builder.output(boxes);
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

TEST(HostRanges, WhatADetectorReadsIsNotClipped) {
  double largest[2] = {0, 0};
  const Graph real = heads(true);
  Evaluator evaluator(real, 1, Isa::kRef);
  ASSERT_TRUE(evaluator
                  .run(**one_frame(0),
                       [&](ValueId, const Layer* layer, const Tensor& tensor) {
                         if (layer == nullptr || (layer->name != "boxes" && layer->name != "logits")) return;
                         for (float v : tensor.as<float>())
                           largest[layer->name == "logits"] =
                               std::max(largest[layer->name == "logits"], std::abs(double{v}));
                       })
                  .ok());
  const Result<Graph> read = quantize_graph(real, one_frame, {}, nullptr);
  const Result<Graph> plain = quantize_graph(heads(false), one_frame, {}, nullptr);
  ASSERT_TRUE(read.ok()) << read.error().text();
  ASSERT_TRUE(plain.ok()) << plain.error().text();
  EXPECT_GE(reach(*read, "boxes"), 0.99 * largest[0]);
  EXPECT_GE(reach(*read, "logits"), 0.99 * largest[1]);
  EXPECT_LT(reach(*plain, "boxes"), 0.5 * largest[0]) << "the sample has no outlier";
}

}  // namespace
}  // namespace graupel
