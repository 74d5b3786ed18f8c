// ONNX normalizations against their definitions in ONNX order.
#include "ops/image_import.h"
#include "ops/import_testing.h"

namespace graupel {
namespace {

using namespace testing;

/// y = (x - mean) / sqrt(variance + eps) over sets of elements that `key` names by their ONNX indices; then scale and
/// shift by what `entry` picks.
template <class Key, class Entry>
std::vector<float> normalized(const Tensor& x, float eps, Key key, Entry entry) {
  const Shape& shape = x.type.shape;
  const auto values = x.as<float>();
  std::map<int64_t, std::vector<std::size_t>> sets;
  std::vector<std::vector<int64_t>> indices;
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::vector<int64_t> at(shape.size());
    auto rest = static_cast<int64_t>(i);
    for (std::size_t d = shape.size(); d-- > 0; rest /= shape[d]) at[d] = rest % shape[d];
    sets[key(at)].push_back(i);
    indices.push_back(at);
  }
  std::vector<float> out(values.size());
  for (const auto& [name, members] : sets) {
    double mean = 0, variance = 0;
    for (const std::size_t i : members) mean += static_cast<double>(values[i]) / static_cast<double>(members.size());
    for (const std::size_t i : members)
      variance += (static_cast<double>(values[i]) - mean) * (static_cast<double>(values[i]) - mean) /
                  static_cast<double>(members.size());
    for (const std::size_t i : members) {
      const double y = (static_cast<double>(values[i]) - mean) / std::sqrt(variance + static_cast<double>(eps));
      const auto [scale, shift] = entry(indices[i]);
      out[i] = static_cast<float>(y * static_cast<double>(scale) + static_cast<double>(shift));
    }
  }
  return out;
}

void expect_near(const Result<Tensor>& got, const std::vector<float>& want) {
  ASSERT_TRUE(got.ok()) << got.error().text();
  const auto values = got->as<float>();
  ASSERT_EQ(values.size(), want.size());
  for (std::size_t i = 0; i < want.size(); ++i) ASSERT_NEAR(values[i], want[i], 3e-6) << i;
}

TEST(ImportLayerNorm, NormalizesTheLastAxisHoweverTheInputIsStored) {
  const Tensor x = random_reals({1, 3, 4, 5}, 1, -2, 3), scale = random_reals({5}, 2), shift = random_reals({5}, 3);
  OneNode node("LayerNormalization", 17);
  node.input(x).file_constant(scale).file_constant(shift).set("epsilon", 1e-6f);
  expect_near(node.run(), normalized(
                              x, 1e-6f, [](const auto& at) { return (at[0] * 3 + at[1]) * 4 + at[2]; },
                              [&](const auto& at) {
                                const auto c = static_cast<std::size_t>(at[3]);
                                return std::pair{scale.as<float>()[c], shift.as<float>()[c]};
                              }));
}

TEST(ImportLayerNorm, NormalizesSeveralAxesWhereTheyLie) {
  const Tensor x = random_reals({1, 3, 4, 5}, 4), scale = random_reals({3, 4, 5}, 5),
               shift = random_reals({3, 4, 5}, 6);
  OneNode node("LayerNormalization", 17);
  node.input(x).file_constant(scale).file_constant(shift).set("axis", int64_t{1});
  const Result<Tensor> got = node.run();
  expect_near(got, normalized(
                       x, 1e-5f, [](const auto&) { return 0; },
                       [&](const auto& at) {
                         const auto i = static_cast<std::size_t>((at[1] * 4 + at[2]) * 5 + at[3]);
                         return std::pair{scale.as<float>()[i], shift.as<float>()[i]};
                       }));
  EXPECT_EQ(node.layers(), 3);
}

TEST(ImportLayerNorm, RefusesToComputeMeansAndConstantsThatDoNotFit) {
  const Tensor x = random_reals({1, 4, 6}, 1);
  OneNode means("LayerNormalization", 17);
  means.input(x).file_constant(random_reals({6}, 2)).outputs({"y", "mean"});
  EXPECT_NE(error_of(means.run()).find("output 1 (mean)"), std::string::npos);
  OneNode misfit("LayerNormalization", 17);
  misfit.input(x).file_constant(random_reals({4}, 2));
  EXPECT_NE(error_of(misfit.run()).find("constant of shape 4"), std::string::npos);
}

TEST(ImportInstanceNorm, NormalizesEachPlane) {
  const Tensor x = random_reals({1, 3, 4, 5}, 7, -1, 4), scale = random_reals({3}, 8), shift = random_reals({3}, 9);
  OneNode node("InstanceNormalization", 6);
  node.input(x).file_constant(scale).file_constant(shift);
  expect_near(node.run(), normalized(
                              x, 1e-5f, [](const auto& at) { return at[1]; },
                              [&](const auto& at) {
                                const auto c = static_cast<std::size_t>(at[1]);
                                return std::pair{scale.as<float>()[c], shift.as<float>()[c]};
                              }));
}

TEST(ImportInstanceNorm, StaysInPlaceWhereAllPlanesHaveOneScale) {
  const Tensor x = random_reals({1, 3, 20}, 7);
  OneNode node("InstanceNormalization", 6);
  node.input(x).file_constant(filled(3, 1)).file_constant(filled(3, 0));
  expect_near(node.run(), normalized(
                              x, 1e-5f, [](const auto& at) { return at[1]; },
                              [](const auto&) {
                                return std::pair{1.f, 0.f};
                              }));
  EXPECT_EQ(node.layers(), 1);
}

TEST(ImportGroupNorm, HasConstantsPerGroupAndLaterPerChannel) {
  const Tensor x = random_reals({1, 6, 2, 3}, 10);
  for (const int64_t opset : {18, 21}) {
    const int64_t count = opset == 18 ? 2 : 6;
    const Tensor scale = random_reals({count}, 11), shift = random_reals({count}, 12);
    OneNode node("GroupNormalization", opset);
    node.input(x).file_constant(scale).file_constant(shift).set("num_groups", int64_t{2});
    expect_near(node.run(), normalized(
                                x, 1e-5f, [](const auto& at) { return at[1] / 3; },
                                [&](const auto& at) {
                                  const auto c = static_cast<std::size_t>(opset == 18 ? at[1] / 3 : at[1]);
                                  return std::pair{scale.as<float>()[c], shift.as<float>()[c]};
                                }));
  }
  OneNode uneven("GroupNormalization", 18);
  uneven.input(x).file_constant(filled(4, 1)).file_constant(filled(4, 0)).set("num_groups", int64_t{4});
  EXPECT_NE(error_of(uneven.run()).find("num_groups is 4 for 6 channels"), std::string::npos);
}

TEST(ImportLpNorm, DividesByTheLengthAlongAnyAxis) {
  const Tensor x = Tensor::of<float>({1, 2, 3}, {3, 0, 0, 4, 0, 1});
  OneNode node("LpNormalization", 1);
  node.input(x).set("axis", int64_t{1});
  const Result<Tensor> got = node.run();
  ASSERT_TRUE(got.ok()) << got.error().text();
  EXPECT_EQ(floats_of(*got), (std::vector<float>{0.6f, 0, 0, 0.8f, 0, 1}));
  OneNode first("LpNormalization", 1);
  first.input(x).set("p", int64_t{1});
  EXPECT_NE(error_of(first.run()).find("p is 1"), std::string::npos);
}

TEST(ImportRmsNorm, HasNoMean) {
  const Tensor x = Tensor::of<float>({1, 1, 4}, {1, 1, 1, 1});
  OneNode node("RMSNormalization", 23);
  node.input(x).file_constant(Tensor::of<float>({4}, {1, 2, 3, 4})).set("epsilon", 0.0f);
  const Result<Tensor> got = node.run();
  ASSERT_TRUE(got.ok()) << got.error().text();
  EXPECT_EQ(floats_of(*got), (std::vector<float>{1, 2, 3, 4}));
}

}  // namespace
}  // namespace graupel
