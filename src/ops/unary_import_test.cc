// Imports of element functions: parameters from attributes and inputs, and what is refused.
#include "ops/import_testing.h"

namespace graupel {
namespace {

using namespace testing;

const Tensor kRow = Tensor::of<float>({1, 4}, {-2, -0.5f, 0.5f, 4});

std::vector<float> imported(OneNode& node) {
  const Result<Tensor> out = node.run();
  EXPECT_TRUE(out.ok()) << error_of(out);
  return out.ok() ? floats_of(*out) : std::vector<float>{};
}

TEST(ImportClip, TakesBoundsFromAttributesThenInputs) {
  OneNode old("Clip", 6);
  old.input(kRow).set("min", -1.0f).set("max", 1.0f);
  EXPECT_EQ(imported(old), (std::vector<float>{-1, -0.5f, 0.5f, 1}));
  OneNode relu("Clip", 13);
  relu.input(kRow).file_constant(Tensor::of<float>({}, {0}));
  EXPECT_EQ(imported(relu), (std::vector<float>{0, 0, 0.5f, 4}));
  OneNode above("Clip", 13);
  above.input(kRow).absent().file_constant(Tensor::of<float>({}, {0}));
  EXPECT_EQ(imported(above), (std::vector<float>{-2, -0.5f, 0, 0}));
  OneNode computed("Clip", 13);
  computed.input(kRow).input(Tensor::of<float>({}, {0}));
  EXPECT_NE(error_of(computed.run()).find("computed at run time"), std::string::npos);
}

TEST(ImportPow, NeedsOneConstantExponent) {
  OneNode square("Pow", 13);
  square.input(kRow).file_constant(Tensor::of<float>({1}, {2}));
  EXPECT_EQ(imported(square), (std::vector<float>{4, 0.25f, 0.25f, 16}));
  OneNode several("Pow", 13);
  several.input(kRow).file_constant(Tensor::of<float>({4}, {1, 2, 3, 4}));
  EXPECT_NE(error_of(several.run()).find("different values"), std::string::npos);
}

TEST(ImportPRelu, FindsTheAxisOfItsSlope) {
  // Channels 2, one row of two pixels.
  const Tensor image = Tensor::of<float>({1, 2, 1, 2}, {-1, -1, -1, -1});
  const auto with = [&](Tensor slope) {
    OneNode node("PRelu", 13);
    node.input(image).file_constant(std::move(slope));
    return imported(node);
  };
  EXPECT_EQ(with(Tensor::of<float>({1}, {5})), (std::vector<float>{-5, -5, -5, -5}));
  EXPECT_EQ(with(Tensor::of<float>({2, 1, 1}, {3, 4})), (std::vector<float>{-3, -3, -4, -4}));
  EXPECT_EQ(with(Tensor::of<float>({2}, {3, 4})), (std::vector<float>{-3, -4, -3, -4}));
  OneNode misfit("PRelu", 13);
  misfit.input(image).file_constant(Tensor::of<float>({3}, {1, 2, 3}));
  EXPECT_NE(error_of(misfit.run()).find("shape 3"), std::string::npos);
}

TEST(ImportCast, PassesFloatsTruncatesToIntegersAndKnowsTruth) {
  OneNode same("Cast", 13);
  same.input(kRow).set("to", int64_t{1});
  EXPECT_EQ(imported(same), floats_of(kRow));
  OneNode integers("Cast", 13);
  integers.input(kRow).set("to", int64_t{7});
  EXPECT_EQ(imported(integers), (std::vector<float>{-2, 0, 0, 4}));
  OneNode truth("Cast", 13);
  truth.input(Tensor::of<float>({1, 3}, {-2, 0, 0.5f})).set("to", int64_t{9});
  EXPECT_EQ(imported(truth), (std::vector<float>{1, 0, 1}));
  OneNode bytes("Cast", 13);
  bytes.input(kRow).set("to", int64_t{2});
  EXPECT_NE(error_of(bytes.run()).find("attribute to is 2"), std::string::npos);
}

TEST(ImportGelu, HasBothForms) {
  OneNode exact("Gelu", 20), tanh("Gelu", 20), other("Gelu", 20);
  exact.input(kRow);
  tanh.input(kRow).set("approximate", std::string("tanh"));
  const std::vector<float> a = imported(exact), b = imported(tanh);
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double x = kRow.as<float>()[i];
    EXPECT_NEAR(a[i], x / 2 * std::erfc(-x / std::sqrt(2.0)), 1e-6);
    EXPECT_NEAR(b[i], x / 2 * (1 + std::tanh(std::sqrt(2 / std::acos(-1.0)) * (x + 0.044715 * x * x * x))), 1e-6);
  }
  other.input(kRow).set("approximate", std::string("sigmoid"));
  EXPECT_NE(error_of(other.run()).find("'sigmoid'"), std::string::npos);
}

}  // namespace
}  // namespace graupel
