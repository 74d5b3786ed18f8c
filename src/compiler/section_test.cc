#include "compiler/section.h"

#include <gtest/gtest.h>

#include "base/nearest_names.h"

namespace graupel {
namespace {

using Names = std::vector<std::string>;

onnx::Node node(const std::string& name, const std::string& op, Names inputs, Names outputs) {
  onnx::Node made;
  made.name = name;
  made.op_type = op;
  made.inputs = std::move(inputs);
  made.outputs = std::move(outputs);
  return made;
}

/// x → a → b → {c, d}; d also reads a shape of x and a weight.
onnx::Model model() {
  onnx::Model made;
  made.inputs = {{"x", DType::kF32, Shape{1, 3, 8, 8}}};
  made.outputs = {{"tc", DType::kF32, {}}, {"td", DType::kF32, {}}};
  made.initializers.emplace("w", Tensor::of<float>({1}, {1}));
  made.nodes = {node("a", "Relu", {"x"}, {"ta"}), node("s", "Shape", {"x"}, {"ts"}), node("b", "Relu", {"ta"}, {"tb"}),
                node("c", "Relu", {"tb"}, {"tc"}), node("d", "Resize", {"tb", "", "w", "ts"}, {"td"})};
  return made;
}

TEST(Section, WithoutNamesItIsTheWholeModel) {
  const Section section = find_section(model(), {}, {}).value();
  EXPECT_EQ(section.outputs, (Names{"tc", "td"}));
  EXPECT_EQ(section.nodes, (std::vector<std::size_t>{0, 1, 2, 3, 4}));
  EXPECT_EQ(section.inputs, (Names{"x"}));
  EXPECT_TRUE(section.before.empty());
}

TEST(Section, EndsComeInTheOrderGivenAndDropWhatIsBehind) {
  const Section section = find_section(model(), {}, {"tb", "a"}).value();
  EXPECT_EQ(section.outputs, (Names{"tb", "ta"}));
  EXPECT_EQ(section.nodes, (std::vector<std::size_t>{0, 2}));
}

TEST(Section, AStartNodeBeginsAtItsDataNotAtShapesOrWeights) {
  const Section section = find_section(model(), {"d"}, {"d"}).value();
  EXPECT_EQ(section.starts, (Names{"tb"}));
  EXPECT_EQ(section.nodes, (std::vector<std::size_t>{1, 4}));
  EXPECT_EQ(section.before, (std::vector<std::size_t>{0, 2}));
}

TEST(Section, AStartMustLeadToAnOutput) {
  const auto section = find_section(model(), {"c"}, {"a"});
  ASSERT_FALSE(section.ok());
  EXPECT_EQ(section.error().code, ErrorCode::kInvalid);
}

TEST(Section, UnknownNamesComeWithTheNearest) {
  auto named = model();
  named.nodes[2].name = "/model.22/cv2/conv/Conv";
  const auto section = find_section(named, {}, {"/model.22/cv2/conv/Conf"});
  ASSERT_FALSE(section.ok());
  EXPECT_EQ(section.error().code, ErrorCode::kNotFound);
  EXPECT_NE(section.error().message.find("nearest: '/model.22/cv2/conv/Conv'"), std::string::npos)
      << section.error().text();
  EXPECT_EQ(find_section(model(), {"nowhere"}, {}).error().code, ErrorCode::kNotFound);
}

TEST(Section, ANameOfSeveralNodesIsAmbiguous) {
  auto twice = model();
  twice.nodes[2].name = "a";
  EXPECT_EQ(find_section(twice, {}, {"a"}).error().code, ErrorCode::kInvalid);
  EXPECT_TRUE(find_section(twice, {}, {"ta"}).ok());
}

TEST(NearestNames, FewestEditsFirst) {
  EXPECT_EQ(nearest_names("conf", {"relu", "conv", "con", ""}, 2), (Names{"con", "conv"}));
  EXPECT_EQ(nearest_names("cv2.0", {"head/cv3.0", "model/head/cv2.0/conv"}, 1), (Names{"model/head/cv2.0/conv"}));
  EXPECT_EQ(quoted_list({"a", "b"}), "'a', 'b'");
}

}  // namespace
}  // namespace graupel
