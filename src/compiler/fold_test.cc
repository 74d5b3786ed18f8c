#include "compiler/fold.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace graupel {
namespace {

using Integers = std::vector<int64_t>;
using Floats = std::vector<float>;

Tensor ints(Shape shape, Integers values) { return Tensor::of<int64_t>(std::move(shape), values); }
Tensor row(Integers values) { return ints({static_cast<int64_t>(values.size())}, values); }
Tensor reals(Shape shape, Floats values) { return Tensor::of<float>(std::move(shape), values); }

/// One node with constant inputs.
struct Fold {
  explicit Fold(const std::string& op) { node.op_type = op; }
  Fold& in(Tensor tensor) {
    tensors.push_back(std::move(tensor));
    return *this;
  }
  Fold& absent() {
    tensors.emplace_back();
    return *this;
  }
  Fold& with(const std::string& key, onnx::Attribute value) {
    node.attributes[key] = std::move(value);
    return *this;
  }
  Fold& outputs(std::size_t count) {
    node.outputs.resize(count, "y");
    return *this;
  }
  Result<std::vector<Tensor>> run() {
    if (node.outputs.empty()) node.outputs = {"y"};
    FoldContext context{node, 13, {}, {}};
    for (const Tensor& tensor : tensors) {
      node.inputs.push_back(tensor.data ? "x" : "");
      context.in.push_back(tensor.data ? &tensor : nullptr);
      context.shapes.push_back(tensor.data ? std::optional<Shape>(tensor.type.shape) : std::nullopt);
    }
    const FoldRule* rule = find_fold(node.op_type);
    if (rule == nullptr) return unsupported("no rule");
    EXPECT_TRUE(can_fold(*rule, context));
    return fold(*rule, context);
  }
  Tensor value() {
    auto result = run();
    EXPECT_TRUE(result.ok()) << node.op_type << ": " << (result.ok() ? "" : result.error().text());
    return result.ok() ? (*result)[0] : ints({0}, {});
  }
  ErrorCode code() {
    const auto result = run();
    EXPECT_FALSE(result.ok()) << node.op_type;
    return result.ok() ? ErrorCode::kIo : result.error().code;
  }

  onnx::Node node;
  std::vector<Tensor> tensors;
};

Integers integers(const Tensor& tensor) { return {tensor.as<int64_t>().begin(), tensor.as<int64_t>().end()}; }
Floats floats(const Tensor& tensor) { return {tensor.as<float>().begin(), tensor.as<float>().end()}; }

TEST(FoldMath, IntegersAndFloatsBroadcast) {
  EXPECT_EQ(integers(Fold("Add").in(row({1, 2, 3})).in(ints({}, {10})).value()), (Integers{11, 12, 13}));
  const Tensor grid = Fold("Mul").in(ints({2, 1}, {2, 3})).in(row({1, 10})).value();
  EXPECT_EQ(grid.type.shape, (Shape{2, 2}));
  EXPECT_EQ(integers(grid), (Integers{2, 20, 3, 30}));
  EXPECT_EQ(floats(Fold("Div").in(reals({2}, {1, 2})).in(reals({1}, {3})).value()), (Floats{1.f / 3, 2.f / 3}));
  EXPECT_EQ(integers(Fold("Max").in(row({1, 9})).in(row({5, 5})).in(row({0, 10})).value()), (Integers{5, 10}));
}

TEST(FoldMath, IntegerDivisionTruncatesAndZeroIsAnError) {
  EXPECT_EQ(integers(Fold("Div").in(row({7, -7})).in(row({2})).value()), (Integers{3, -3}));
  EXPECT_EQ(integers(Fold("Mod").in(row({7, -7})).in(row({3})).value()), (Integers{1, 2}));
  EXPECT_EQ(integers(Fold("Mod").with("fmod", int64_t{1}).in(row({7, -7})).in(row({3})).value()), (Integers{1, -1}));
  EXPECT_EQ(Fold("Div").in(row({1})).in(row({0})).code(), ErrorCode::kInvalid);
  const int64_t least = std::numeric_limits<int64_t>::min();
  EXPECT_EQ(integers(Fold("Div").in(row({least})).in(row({-1})).value()), (Integers{least}));
  EXPECT_EQ(integers(Fold("Mod").in(row({least})).in(row({-1})).value()), (Integers{0}));
}

TEST(FoldMath, ComparisonsGiveBool) {
  const Tensor equal = Fold("Equal").in(row({1, 2})).in(row({1, 3})).value();
  EXPECT_EQ(equal.type.dtype, DType::kBool);
  EXPECT_TRUE(equal.as<bool>()[0]);
  EXPECT_FALSE(equal.as<bool>()[1]);
  const Tensor inverted = Fold("Not").in(equal).value();
  EXPECT_FALSE(inverted.as<bool>()[0]);
  const Tensor chosen = Fold("Where").in(equal).in(row({7})).in(row({8, 9})).value();
  EXPECT_EQ(integers(chosen), (Integers{7, 9}));
}

TEST(FoldMath, ReductionsTakeAxesFromEitherPlace) {
  const Tensor x = ints({2, 3}, {1, 2, 3, 4, 5, 6});
  EXPECT_EQ(integers(Fold("ReduceProd").in(x).value()), (Integers{720}));
  const Tensor sum = Fold("ReduceSum").with("keepdims", int64_t{0}).in(x).in(row({1})).value();
  EXPECT_EQ(sum.type.shape, (Shape{2}));
  EXPECT_EQ(integers(sum), (Integers{6, 15}));
  const Tensor most = Fold("ReduceMax").with("axes", Integers{0}).in(x).value();
  EXPECT_EQ(most.type.shape, (Shape{1, 3}));
  EXPECT_EQ(integers(most), (Integers{4, 5, 6}));
}

TEST(FoldMath, RoundingGoesToEven) {
  EXPECT_EQ(floats(Fold("Round").in(reals({3}, {0.5f, 1.5f, -2.5f})).value()), (Floats{0, 2, -2}));
  EXPECT_EQ(floats(Fold("Floor").in(reals({2}, {1.7f, -1.2f})).value()), (Floats{1, -2}));
  EXPECT_EQ(floats(Fold("Pow").in(reals({2}, {3, 9})).in(ints({2}, {2, -1})).value()), (Floats{9, 1.f / 9}));
}

TEST(FoldMove, ShapeNeedsNoValue) {
  onnx::Node node;
  node.op_type = "Shape";
  node.inputs = {"x"};
  node.outputs = {"y"};
  const FoldContext context{node, 15, {nullptr}, {Shape{1, 3, 8, 9}}};
  const FoldRule& rule = *find_fold("Shape");
  ASSERT_TRUE(can_fold(rule, context));
  EXPECT_EQ(integers(fold(rule, context).value()[0]), (Integers{1, 3, 8, 9}));
  node.attributes["start"] = int64_t{-2};
  EXPECT_EQ(integers(fold(rule, context).value()[0]), (Integers{8, 9}));
}

TEST(FoldMove, GatherCountsFromTheEndToo) {
  const Tensor x = ints({2, 3}, {1, 2, 3, 4, 5, 6});
  const Tensor scalar = Fold("Gather").in(row({4, 5, 6})).in(ints({}, {-1})).value();
  EXPECT_TRUE(scalar.type.shape.empty());
  EXPECT_EQ(integers(scalar), (Integers{6}));
  const Tensor columns = Fold("Gather").with("axis", int64_t{1}).in(x).in(row({2, 0})).value();
  EXPECT_EQ(integers(columns), (Integers{3, 1, 6, 4}));
  EXPECT_EQ(Fold("Gather").in(row({4, 5})).in(ints({}, {2})).code(), ErrorCode::kInvalid);
}

TEST(FoldMove, SliceClampsAndReverses) {
  const Tensor x = row({0, 1, 2, 3, 4});
  const int64_t most = std::numeric_limits<int64_t>::max(), least = std::numeric_limits<int64_t>::min();
  EXPECT_EQ(integers(Fold("Slice").in(x).in(row({1})).in(row({most})).value()), (Integers{1, 2, 3, 4}));
  EXPECT_EQ(integers(Fold("Slice").in(x).in(row({-2})).in(row({most})).value()), (Integers{3, 4}));
  EXPECT_EQ(integers(Fold("Slice").in(x).in(row({-1})).in(row({least})).in(row({0})).in(row({-1})).value()),
            (Integers{4, 3, 2, 1, 0}));
  EXPECT_EQ(integers(Fold("Slice").in(x).in(row({4})).in(row({1})).in(row({0})).in(row({-2})).value()),
            (Integers{4, 2}));
  EXPECT_EQ(integers(Fold("Slice").in(x).in(row({0})).in(row({5})).in(row({0})).in(row({least})).value()),
            (Integers{}));
  EXPECT_EQ(integers(Fold("Slice").in(x).in(row({4})).in(row({least})).in(row({0})).in(row({least})).value()),
            (Integers{4}));
  EXPECT_EQ(integers(Fold("Slice").with("starts", Integers{1}).with("ends", Integers{3}).in(x).value()),
            (Integers{1, 2}));
  EXPECT_EQ(integers(Fold("Slice").in(row({})).in(row({0})).in(row({-1})).in(row({0})).in(row({-1})).value()),
            (Integers{}));
  EXPECT_EQ(Fold("Slice").in(x).in(row({0})).in(row({5})).in(row({0})).in(row({0})).code(), ErrorCode::kInvalid);
}

TEST(FoldMove, ReshapeFillsZeroAndMinusOne) {
  const Tensor x = ints({2, 3}, {1, 2, 3, 4, 5, 6});
  EXPECT_EQ(Fold("Reshape").in(x).in(row({0, -1, 1})).value().type.shape, (Shape{2, 3, 1}));
  EXPECT_EQ(Fold("Reshape").in(x).in(row({4})).code(), ErrorCode::kInvalid);
  EXPECT_EQ(Fold("Reshape").in(x).in(row({-1, -1})).code(), ErrorCode::kInvalid);
  EXPECT_EQ(Fold("Reshape").in(x).in(row({int64_t{1} << 62, int64_t{1} << 62, 4})).code(), ErrorCode::kInvalid);
}

TEST(FoldMove, SqueezeAndUnsqueezeUndoEachOther) {
  const Tensor x = ints({3}, {1, 2, 3});
  const Tensor wide = Fold("Unsqueeze").in(x).in(row({0, -1})).value();
  EXPECT_EQ(wide.type.shape, (Shape{1, 3, 1}));
  EXPECT_EQ(Fold("Squeeze").in(wide).value().type.shape, (Shape{3}));
  EXPECT_EQ(Fold("Squeeze").with("axes", Integers{2}).in(wide).value().type.shape, (Shape{1, 3}));
  EXPECT_EQ(Fold("Squeeze").in(wide).in(row({1})).code(), ErrorCode::kInvalid);
  EXPECT_EQ(Fold("Unsqueeze").in(x).in(row({0, 0})).code(), ErrorCode::kInvalid);
}

TEST(FoldMove, ConcatSplitTransposeExpandTile) {
  const Tensor x = ints({2, 2}, {1, 2, 3, 4});
  EXPECT_EQ(integers(Fold("Concat").with("axis", int64_t{1}).in(x).in(x).value()), (Integers{1, 2, 1, 2, 3, 4, 3, 4}));
  EXPECT_EQ(integers(Fold("Transpose").in(x).value()), (Integers{1, 3, 2, 4}));
  EXPECT_EQ(integers(Fold("Expand").in(row({5})).in(row({3})).value()), (Integers{5, 5, 5}));
  EXPECT_EQ(integers(Fold("Tile").in(row({1, 2})).in(row({2})).value()), (Integers{1, 2, 1, 2}));
  const auto parts = Fold("Split").outputs(2).with("axis", int64_t{1}).in(x).run();
  ASSERT_TRUE(parts.ok());
  EXPECT_EQ(integers((*parts)[1]), (Integers{2, 4}));
}

TEST(FoldMove, TopKTakesTheBestOfEachLaneAndOfEqualsTheFirst) {
  const auto top = [](Fold node) {
    const auto both = node.outputs(2).run();
    EXPECT_TRUE(both.ok()) << (both.ok() ? "" : both.error().text());
    return both.ok() ? *both : std::vector{row({}), row({})};
  };
  const Tensor x = ints({2, 3}, {5, 7, 7, -1, -3, -1});
  const auto largest = top(Fold("TopK").in(x).in(row({2})));
  EXPECT_EQ(largest[0].type.shape, (Shape{2, 2}));
  EXPECT_EQ(integers(largest[0]), (Integers{7, 7, -1, -1}));
  EXPECT_EQ(integers(largest[1]), (Integers{1, 2, 0, 2}));
  const auto smallest = top(Fold("TopK").with("largest", int64_t{0}).with("axis", int64_t{0}).in(x).in(row({1})));
  EXPECT_EQ(integers(smallest[0]), (Integers{-1, -3, -1}));
  EXPECT_EQ(integers(smallest[1]), (Integers{1, 1, 1}));
  const auto old = top(Fold("TopK").with("k", int64_t{2}).with("axis", int64_t{0}).in(reals({3, 1}, {0.5f, -2, 8})));
  EXPECT_EQ(old[0].type.shape, (Shape{2, 1}));
  EXPECT_EQ(floats(old[0]), (Floats{8, 0.5f}));
  EXPECT_EQ(integers(old[1]), (Integers{2, 0}));
  const auto none = top(Fold("TopK").with("sorted", int64_t{0}).in(x).in(row({0})));
  EXPECT_EQ(none[0].type.shape, (Shape{2, 0}));
  EXPECT_EQ(none[1].type.shape, (Shape{2, 0}));
}

TEST(FoldMove, TopKRefusesMoreThanThereIsAndWhatIsNoNumber) {
  EXPECT_EQ(Fold("TopK").in(row({1, 2})).in(row({3})).code(), ErrorCode::kInvalid);
  EXPECT_EQ(Fold("TopK").in(row({1, 2})).in(row({-1})).code(), ErrorCode::kInvalid);
  EXPECT_EQ(Fold("TopK").in(row({1, 2})).in(row({1, 1})).code(), ErrorCode::kInvalid);
  EXPECT_EQ(Fold("TopK").in(row({1, 2})).in(row({1})).with("axis", int64_t{1}).code(), ErrorCode::kInvalid);
  EXPECT_EQ(Fold("TopK").in(ints({}, {1})).in(row({1})).code(), ErrorCode::kInvalid);
  EXPECT_EQ(Fold("TopK").in(reals({2}, {1, NAN})).in(row({1})).code(), ErrorCode::kUnsupported);
}

TEST(FoldMove, CastsAsOnnxDoes) {
  EXPECT_EQ(integers(Fold("Cast").with("to", int64_t{7}).in(reals({3}, {1.9f, -1.9f, NAN})).value()),
            (Integers{1, -1, 0}));
  EXPECT_EQ(floats(Fold("Cast").with("to", int64_t{1}).in(row({3})).value()), (Floats{3}));
  EXPECT_EQ(Fold("Cast").with("to", int64_t{8}).in(row({3})).code(), ErrorCode::kUnsupported);
}

TEST(FoldMove, RangesCountUpAndDown) {
  EXPECT_EQ(integers(Fold("Range").in(ints({}, {0})).in(ints({}, {5})).in(ints({}, {2})).value()), (Integers{0, 2, 4}));
  EXPECT_EQ(integers(Fold("Range").in(ints({}, {3})).in(ints({}, {0})).in(ints({}, {-1})).value()),
            (Integers{3, 2, 1}));
  EXPECT_EQ(Fold("Range").in(ints({}, {0})).in(ints({}, {5})).in(ints({}, {0})).code(), ErrorCode::kInvalid);
}

TEST(FoldMove, EveryFormOfConstantIsRead) {
  EXPECT_EQ(integers(Fold("Constant").with("value_int", int64_t{4}).value()), (Integers{4}));
  EXPECT_EQ(floats(Fold("Constant").with("value_floats", Floats{1, 2}).value()), (Floats{1, 2}));
  EXPECT_EQ(integers(Fold("Constant").with("value", row({1, 2})).value()), (Integers{1, 2}));
  EXPECT_EQ(Fold("Constant").with("value_string", std::string("x")).code(), ErrorCode::kUnsupported);
  EXPECT_EQ(floats(Fold("ConstantOfShape").in(row({2})).value()), (Floats{0, 0}));
}

TEST(Fold, AbsurdResultsAreRefusedBeforeTheyAreMade) {
  const int64_t huge = int64_t{1} << 30;
  EXPECT_EQ(Fold("ConstantOfShape").in(row({huge})).code(), ErrorCode::kUnsupported);
  EXPECT_EQ(Fold("ConstantOfShape").in(row({huge, huge, huge})).code(), ErrorCode::kUnsupported);
  EXPECT_EQ(Fold("ConstantOfShape").in(row({-1})).code(), ErrorCode::kInvalid);
  EXPECT_EQ(Fold("Expand").in(row({1})).in(row({huge})).code(), ErrorCode::kUnsupported);
  EXPECT_EQ(Fold("Tile").in(row({1, 2})).in(row({huge})).code(), ErrorCode::kUnsupported);
  EXPECT_EQ(Fold("Range").in(ints({}, {0})).in(ints({}, {huge})).in(ints({}, {1})).code(), ErrorCode::kUnsupported);
}

TEST(Fold, AMissingInputIsAnErrorNotACrash) {
  for (std::string_view op : foldable_operators()) {
    if (op == "Shape" || op == "Size" || op == "Constant") continue;
    const auto empty = Fold(std::string(op)).run();
    EXPECT_FALSE(empty.ok()) << op;
    const auto gap = Fold(std::string(op)).absent().absent().absent().run();
    EXPECT_FALSE(gap.ok()) << op;
  }
}

}  // namespace
}  // namespace graupel
