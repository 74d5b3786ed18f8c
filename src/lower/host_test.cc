// What the host computes behind a program: the split of a graph, and the same floats from emulation and session.
#include "ir/host.h"

#include <gtest/gtest.h>

#include "ir/evaluate.h"
#include "lower/lower.h"
#include "lower/quantized_graph.h"
#include "runtime/host_steps.h"
#include "runtime/session.h"

namespace graupel {
namespace {

using testing::QuantizedGraph;

Detect detector(int32_t height, int32_t width) {
  Detect op;
  op.params.arch = DetectArch::kYolov8;
  op.params.classes = 3;
  op.params.bins = 4;
  op.params.image_h = 8 * height;
  op.params.image_w = 8 * width;
  op.params.heads = {{height, width, 8, 0, 1, -1, {}, {}}};
  return op;
}

/// A feature output, a detector on two heads, and one of the heads as an output once more.
struct Sample {
  QuantizedGraph builder{7};
  ValueId features, boxes, scores, detections;

  Sample() {
    const ValueId x = builder.input({1, 6, 5, 8});
    features = builder.conv(x, 8, 3);
    boxes = builder.conv(features, 16);
    scores = builder.sigmoid(builder.conv(features, 3));
    detections = builder.layer(detector(6, 5), {boxes, scores});
    builder.output(features);
    builder.output(detections);
    builder.output(boxes);
  }
  const Graph& graph() const { return builder.graph; }
};

TEST(Host, ALayerThatItComputesEndsTheGraph) {
  Sample sample;
  ASSERT_TRUE(verify(sample.graph()).ok()) << verify(sample.graph()).error().text();
  Graph read = sample.graph();
  Layer more{"more", Unary{UnaryKind::kRelu, 0, 0}, {sample.detections}, {}, {}};
  more.out = {read.add_value("more", read[sample.detections].type)};
  read.layers.push_back(more);
  EXPECT_NE(verify(read).error().text().find("which the host computes after the program"), std::string::npos);
  Graph unseen = sample.graph();
  unseen.outputs.erase(unseen.outputs.begin() + 1);
  unseen.output_info.erase(unseen.output_info.begin() + 1);
  EXPECT_NE(verify(unseen).error().text().find("must be a graph output"), std::string::npos);
}

TEST(Host, TheDevicesPartEndsInWhatIsRead) {
  const Sample sample;
  const HostSplit split = split_host(sample.graph());
  EXPECT_EQ(split.device.outputs, (std::vector{sample.features, sample.boxes, sample.scores, sample.boxes}));
  EXPECT_EQ(split.device.output_info.size(), 4u);
  EXPECT_EQ(split.device.layers.size(), sample.graph().layers.size() - 1);
  ASSERT_EQ(split.host.size(), 1u);
  EXPECT_EQ(split.host[0].src, (std::vector<uint32_t>{1, 2}));
  EXPECT_TRUE(verify(split.device).ok()) << verify(split.device).error().text();
}

TEST(Host, SessionAndEmulationGiveTheSameFloats) {  // N11.1
  const Sample sample;
  const Graph& graph = sample.graph();
  const Result<Program> program = lower_graph(graph);
  ASSERT_TRUE(program.ok()) << program.error().text();
  ASSERT_EQ(program->host.size(), 1u);
  Session session = Session::create(*program).value();
  HostSteps steps = HostSteps::create(*program).value();
  Emulator emulator(graph, 2);
  std::mt19937 random(3);
  int detections = 0;
  for (int frame = 0; frame < 4; ++frame) {
    auto [codes, data] = Tensor::make<uint8_t>({1, 6, 5, 8}, graph[graph.inputs[0]].type.quant);
    for (int i = 0; i < 240; ++i) data[i] = static_cast<uint8_t>(random());
    const std::vector<Tensor> inputs = {codes};
    const std::vector<Tensor> expected = emulator.run(inputs).value();
    ASSERT_EQ(expected[1].type.dtype, DType::kF32);
    const Tensor real = dequantize(codes);
    std::vector<std::vector<float>> outputs;
    std::vector<float*> out;
    std::vector<const float*> read;
    for (const Port& port : program->outputs) {
      outputs.emplace_back(static_cast<std::size_t>(element_count(port.type.shape)));
      out.push_back(outputs.back().data());
      read.push_back(outputs.back().data());
    }
    const float* const in[] = {real.as<float>().data()};
    ASSERT_TRUE(session.run_float(in, out).ok());
    std::vector<float> found(static_cast<std::size_t>(element_count(expected[1].type.shape)));
    float* const results[] = {found.data()};
    steps.run(read, results);
    EXPECT_TRUE(std::ranges::equal(found, expected[1].as<float>())) << "frame " << frame;
    detections += static_cast<int>(std::count_if(found.begin(), found.end(), [](float v) { return v > 0; }));
  }
  EXPECT_GT(detections, 0);
}

}  // namespace
}  // namespace graupel
