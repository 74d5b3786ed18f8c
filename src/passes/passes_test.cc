// Tests of the full-precision rules: each applies where it should, keeps the float meaning, and leaves the rest alone.
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "ir/evaluate.h"
#include "passes/pipeline.h"

namespace graupel {
namespace {

constexpr uint32_t kSeed = 20260101;

// Builds small graphs layer by layer.
class Sketch {
 public:
  explicit Sketch(Shape input) {
    graph_.name = "sketch";
    graph_.inputs.push_back(graph_.add_value("x", {DType::kF32, std::move(input), {}}));
    graph_.input_info.push_back({"x", {0, 3, 1, 2}, {}});
  }
  ValueId x() const { return graph_.inputs[0]; }

  ValueId constant(Shape shape) {
    auto [tensor, data] = Tensor::make<float>(shape);
    for (int64_t i = 0; i < element_count(shape); ++i) data[i] = static_cast<float>(random_() % 2001) / 1000.0f - 1.0f;
    const TensorType type = tensor.type;
    return graph_.add_value(cat("c", graph_.values.size()), type, std::move(tensor));
  }
  ValueId constant(Shape shape, std::vector<float> values) {
    Tensor tensor = Tensor::of<float>(shape, std::span<const float>(values));
    const TensorType type = tensor.type;
    return graph_.add_value(cat("c", graph_.values.size()), type, std::move(tensor));
  }
  ValueId add(Op op, std::vector<ValueId> in) {
    Layer layer{
        cat("layer", graph_.layers.size()), std::move(op), std::move(in), {}, {cat("node", graph_.layers.size())}};
    const auto type = infer(layer.op, graph_.input_types(layer));
    check(type.ok(), type.ok() ? "" : type.error().text());
    layer.out = {graph_.add_value(layer.name, *type)};
    graph_.layers.push_back(layer);
    return layer.out[0];
  }
  ValueId conv(ValueId in, int64_t out_channels, int32_t kernel, int32_t pad) {
    const int64_t channels = graph_[in].type.shape[3];
    Conv op;
    op.window.kernel_h = op.window.kernel_w = kernel;
    op.window.pad_top = op.window.pad_left = op.pad_bottom = op.pad_right = pad;
    return add(op, {in, constant({kernel, kernel, channels, out_channels}), constant({out_channels})});
  }
  Graph finish(std::vector<ValueId> outputs) {
    graph_.outputs = std::move(outputs);
    for (ValueId out : graph_.outputs) graph_.output_info.push_back({graph_[out].name, {0, 3, 1, 2}, {}});
    return graph_;
  }

 private:
  Graph graph_;
  std::mt19937 random_{kSeed};
};

Tensor random_input(const Graph& graph) {
  std::mt19937 random(kSeed + 1);
  auto [tensor, data] = Tensor::make<float>(graph[graph.inputs[0]].type.shape);
  for (int64_t i = 0; i < element_count(tensor.type.shape); ++i)
    data[i] = static_cast<float>(random() % 4001) / 1000.0f - 2.0f;
  return tensor;
}

std::vector<Tensor> outputs_of(const Graph& graph) {
  const Tensor input = random_input(graph);
  auto run = Evaluator(graph, 1, Isa::kRef).run(std::span(&input, 1));
  check(run.ok(), run.ok() ? "" : run.error().text());
  return std::move(run).value();
}

// Optimizes, checks that the float meaning stayed, and returns the graph.
Graph optimized(const Graph& before) {
  Graph after = before;
  const auto counts = optimize_graph(after);
  EXPECT_TRUE(counts.ok()) << counts.error().text();
  const auto expected = outputs_of(before), actual = outputs_of(after);
  EXPECT_EQ(expected.size(), actual.size());
  for (std::size_t o = 0; o < expected.size(); ++o) {
    const auto want = expected[o].as<float>(), got = actual[o].as<float>();
    EXPECT_EQ(want.size(), got.size());
    for (std::size_t i = 0; i < want.size(); ++i)
      EXPECT_NEAR(got[i], want[i], 1e-4 * (1 + std::abs(want[i])))
          << "output " << o << " element " << i << ", seed " << kSeed;
  }
  return after;
}

template <class T>
int count(const Graph& graph) {
  int n = 0;
  for (const Layer& layer : graph.layers) n += std::holds_alternative<T>(layer.op);
  return n;
}

TEST(FoldAffine, DisappearsIntoTheConvolutionBeforeIt) {
  Sketch s({1, 5, 6, 3});
  const ValueId y = s.conv(s.x(), 4, 3, 1);
  const Graph graph = optimized(s.finish({s.add(Affine{}, {y, s.constant({4}), s.constant({4})})}));
  ASSERT_EQ(graph.layers.size(), 1u);
  EXPECT_EQ(graph.layers[0].name, "layer0");
  EXPECT_EQ(graph.layers[0].origins, (std::vector<std::string>{"node1", "node0"}));
}

TEST(FoldAffine, StaysWhenItsInputIsReadTwice) {
  Sketch s({1, 5, 6, 3});
  const ValueId y = s.conv(s.x(), 4, 3, 1);
  const ValueId z = s.add(Affine{}, {y, s.constant({4}), s.constant({4})});
  EXPECT_EQ(count<Affine>(optimized(s.finish({z, s.add(Unary{UnaryKind::kTanh}, {y})}))), 1);
}

TEST(FoldAffine, DisappearsIntoAnUnpaddedConvolutionBehindIt) {
  Sketch s({1, 5, 6, 3});
  const ValueId y = s.add(Affine{}, {s.x(), s.constant({3}), s.constant({3})});
  EXPECT_EQ(count<Affine>(optimized(s.finish({s.conv(y, 4, 3, 0)}))), 0);
}

TEST(FoldAffine, StaysBeforeAPaddedConvolutionBecausePaddingIsNotShifted) {
  Sketch s({1, 5, 6, 3});
  const ValueId y = s.add(Affine{}, {s.x(), s.constant({3}), s.constant({3})});
  EXPECT_EQ(count<Affine>(optimized(s.finish({s.conv(y, 4, 3, 1)}))), 1);
}

TEST(FoldAffine, DisappearsIntoAllTheConvolutionsThatReadIt) {
  Sketch s({1, 5, 6, 3});
  const ValueId y = s.add(Affine{}, {s.x(), s.constant({3}), s.constant({3})});
  EXPECT_EQ(count<Affine>(optimized(s.finish({s.conv(y, 4, 3, 0), s.conv(y, 2, 1, 0)}))), 0);
}

TEST(FoldAffine, StaysWhenOneOfItsReadersCannotTakeIt) {
  for (const bool padded : {false, true}) {
    Sketch s({1, 5, 6, 3});
    const ValueId y = s.add(Affine{}, {s.x(), s.constant({3}), s.constant({3})});
    const ValueId other = padded ? s.conv(y, 2, 3, 1) : s.add(Unary{UnaryKind::kTanh}, {y});
    EXPECT_EQ(count<Affine>(optimized(s.finish({s.conv(y, 4, 3, 0), other}))), 1);
  }
}

TEST(MergePad, WidensTheConvolutionsPadding) {
  Sketch s({1, 5, 6, 3});
  const ValueId y = s.add(Pad{{0, 1, 2, 0}, {0, 0, 3, 0}, 0}, {s.x()});
  const Graph graph = optimized(s.finish({s.conv(y, 4, 3, 0)}));
  EXPECT_EQ(count<Pad>(graph), 0);
  EXPECT_EQ(graph[graph.outputs[0]].type.shape, (Shape{1, 4, 9, 4}));
}

TEST(MergePad, LeavesAPaddingOfOnesAlone) {
  Sketch s({1, 5, 6, 3});
  const ValueId y = s.add(Pad{{0, 1, 1, 0}, {0, 1, 1, 0}, 1}, {s.x()});
  EXPECT_EQ(count<Pad>(optimized(s.finish({s.conv(y, 4, 3, 0)}))), 1);
}

TEST(JoinQuantizeLinear, NeedsOneScaleOnBothSides) {
  using Form = QuantizeLinear::Form;
  for (const float scale : {0.5f, 0.25f}) {
    Sketch s({1, 4, 4, 3});
    const ValueId codes = s.add(QuantizeLinear{Form::kCodes, 0.5f, 7, 0, 255}, {s.x()});
    const Graph graph = optimized(s.finish({s.add(QuantizeLinear{Form::kReals, scale, 7, 0, 255}, {codes})}));
    if (scale == 0.5f) {
      ASSERT_EQ(graph.layers.size(), 1u);
      EXPECT_EQ(std::get<QuantizeLinear>(graph.layers[0].op), (QuantizeLinear{Form::kRounded, 0.5f, 7, 0, 255}));
    } else {
      EXPECT_EQ(count<QuantizeLinear>(graph), 2);
    }
  }
}

TEST(FuseGate, MakesSiluOfASigmoidGate) {
  Sketch s({1, 4, 4, 3});
  const ValueId y = s.conv(s.x(), 4, 1, 0);
  const ValueId gate = s.add(Unary{UnaryKind::kSigmoid}, {y});
  const Graph graph = optimized(s.finish({s.add(Binary{Binary::Kind::kMul, {}}, {gate, y})}));
  ASSERT_EQ(graph.layers.size(), 2u);
  EXPECT_EQ(std::get<Unary>(graph.layers[1].op).kind, UnaryKind::kSilu);
}

TEST(FuseClamp, GivesReluToTheConvolution) {
  Sketch s({1, 4, 4, 3});
  const ValueId y = s.conv(s.x(), 4, 1, 0);
  const Graph graph = optimized(s.finish({s.add(Unary{UnaryKind::kRelu}, {y})}));
  ASSERT_EQ(graph.layers.size(), 1u);
  EXPECT_EQ(std::get<Conv>(graph.layers[0].op).clamp.lo, 0.0f);
}

TEST(FuseResidual, JoinsAddAndItsReluIntoTheLaterConvolution) {
  Sketch s({1, 4, 4, 3});
  const ValueId a = s.conv(s.x(), 4, 1, 0), b = s.conv(s.x(), 4, 3, 1);
  const ValueId sum = s.add(Binary{Binary::Kind::kAdd, {}}, {a, b});
  const Graph graph = optimized(s.finish({s.add(Unary{UnaryKind::kRelu}, {sum})}));
  ASSERT_EQ(graph.layers.size(), 2u);
  const Conv& conv = std::get<Conv>(graph.layers[1].op);
  EXPECT_TRUE(conv.residual);
  EXPECT_EQ(conv.window.kernel_h, 3);
  EXPECT_EQ(conv.clamp.lo, 0.0f);
}

TEST(FuseResidual, KeepsTheAddOfAConvolutionThatIsAnOutputToo) {
  Sketch s({1, 4, 4, 3});
  const ValueId a = s.conv(s.x(), 3, 1, 0);
  const Graph graph = optimized(s.finish({s.add(Binary{Binary::Kind::kAdd, {}}, {a, s.x()}), a}));
  EXPECT_EQ(count<Binary>(graph), 1);
}

TEST(FoldFlatten, ReordersTheMatrixInsteadOfTheData) {
  Sketch s({1, 2, 3, 4});
  const ValueId planes = s.add(Transpose{{0, 3, 1, 2}}, {s.x()});
  const ValueId flat = s.add(Reshape{{1, 24}}, {planes});
  const Graph graph = optimized(s.finish({s.add(Dense{}, {flat, s.constant({24, 5}), s.constant({5})})}));
  EXPECT_EQ(count<Transpose>(graph), 0);
}

TEST(Transposes, ThatUndoEachOtherVanishAcrossElementWiseLayers) {
  Sketch s({1, 2, 3, 4});
  ValueId y = s.add(Transpose{{0, 3, 1, 2}}, {s.x()});
  y = s.add(Unary{UnaryKind::kTanh}, {y});
  y = s.add(Transpose{{0, 2, 3, 1}}, {y});
  EXPECT_EQ(count<Transpose>(optimized(s.finish({s.conv(y, 2, 1, 0)}))), 0);
}

TEST(ForwardSlice, ReadsThePartThatWasConcatenated) {
  Sketch s({1, 4, 4, 3});
  const ValueId a = s.conv(s.x(), 4, 1, 0), b = s.conv(s.x(), 5, 1, 0);
  const ValueId joined = s.add(Concat{3}, {a, b});
  const Graph graph = optimized(s.finish({s.conv(s.add(Slice{3, 4, 5, 1}, {joined}), 2, 1, 0)}));
  EXPECT_EQ(count<Slice>(graph) + count<Concat>(graph), 0);
}

TEST(SplitLinear, ComputesWhatIsSlicedApartAlone) {
  Sketch s({1, 4, 4, 3});
  const ValueId y = s.conv(s.x(), 9, 3, 1);
  const ValueId scores = s.add(Unary{UnaryKind::kSigmoid}, {s.add(Slice{3, 0, 5, 1}, {y})});
  const Graph graph = optimized(s.finish({scores, s.add(Slice{3, 5, 4, 1}, {y})}));
  EXPECT_EQ(count<Slice>(graph), 0);
  ASSERT_EQ(count<Conv>(graph), 2);
  EXPECT_EQ(graph.layers[0].name, "layer0") << "the first part keeps the name";
}

TEST(SplitLinear, LeavesAConvolutionThatIsReadWholeOrInGroupsAlone) {
  Sketch whole({1, 4, 4, 3}), other({1, 4, 4, 3}), grouped({1, 4, 4, 4});
  const ValueId a = whole.conv(whole.x(), 9, 1, 0);
  EXPECT_EQ(count<Slice>(optimized(whole.finish({whole.add(Slice{3, 0, 5, 1}, {a}), a}))), 1);
  const ValueId b = other.conv(other.x(), 9, 1, 0);
  EXPECT_EQ(count<Slice>(optimized(other.finish({other.add(Slice{1, 0, 2, 1}, {b})}))), 1);
  Conv op;
  op.groups = 2;
  const ValueId c = grouped.add(op, {grouped.x(), grouped.constant({1, 1, 2, 6}), grouped.constant({6})});
  EXPECT_EQ(count<Slice>(optimized(grouped.finish({grouped.add(Slice{3, 0, 3, 1}, {c})}))), 1);
}

TEST(DivideByReciprocal, LeavesNoDivision) {
  Sketch s({1, 4, 4, 3});
  const ValueId a = s.conv(s.x(), 4, 1, 0);
  const ValueId b = s.add(Unary{UnaryKind::kExp}, {s.conv(s.x(), 4, 1, 0)});
  const Graph graph = optimized(s.finish({s.add(Binary{Binary::Kind::kDiv, {}}, {a, b})}));
  for (const Layer& layer : graph.layers)
    if (const auto* binary = std::get_if<Binary>(&layer.op)) {
      EXPECT_NE(binary->kind, Binary::Kind::kDiv);
    }
}

TEST(Pipeline, CanLeaveOutARuleAndStopEarly) {
  Sketch s({1, 4, 4, 3});
  const ValueId y = s.conv(s.x(), 4, 1, 0);
  const Graph before = s.finish({s.add(Unary{UnaryKind::kRelu}, {y})});
  Graph skipped = before, stopped = before;
  ASSERT_TRUE(optimize_graph(skipped, {{"fuse-clamp", "fuse-clamp-of-residual"}, -1}).ok());
  ASSERT_TRUE(optimize_graph(stopped, {{}, 0}).ok());
  EXPECT_EQ(skipped.layers.size(), 2u);
  EXPECT_EQ(stopped.layers.size(), 2u);
}

}  // namespace
}  // namespace graupel
