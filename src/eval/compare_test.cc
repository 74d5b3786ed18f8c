// Comparison statistics and classification accuracy against values worked out by hand.
#include "eval/compare.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "eval/accuracy.h"

namespace graupel {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

TensorStats stats(std::vector<float> reference, std::vector<float> other) {
  Comparison comparison;
  EXPECT_TRUE(comparison.add("x", reference, other).ok());
  return comparison.in_order().at(0);
}

TEST(Comparison, ComputesWhatPaperAndPencilGive) {
  const TensorStats s = stats({3, 4, 0, 0}, {3, 4, 0.5f, 0});
  EXPECT_DOUBLE_EQ(s.mean_ref, 1.75);
  EXPECT_DOUBLE_EQ(s.std_ref, std::sqrt(25.0 / 4 - 1.75 * 1.75));
  EXPECT_DOUBLE_EQ(s.mean_other, 1.875);
  EXPECT_DOUBLE_EQ(s.max_abs, 0.5);
  EXPECT_DOUBLE_EQ(s.mean_abs, 0.125);
  EXPECT_DOUBLE_EQ(s.snr_db, 20.0);
  EXPECT_DOUBLE_EQ(s.cosine, 25 / (5 * std::sqrt(25.25)));
}

TEST(Comparison, TreatsEqualAndZeroTensorsSensibly) {
  EXPECT_EQ(stats({1, 2}, {1, 2}).snr_db, kInf);
  EXPECT_EQ(stats({0, 0}, {0, 0}).snr_db, kInf);
  EXPECT_EQ(stats({0, 0}, {0, 0}).cosine, 1);
  EXPECT_EQ(stats({0, 0}, {0, 1}).snr_db, -kInf);
  EXPECT_EQ(stats({0, 0}, {0, 1}).cosine, 0);
  EXPECT_TRUE(std::isnan(stats({0, kNan}, {0, 1}).max_abs));
}

TEST(Comparison, SplittingIntoFramesChangesNothing) {
  Comparison parts;
  ASSERT_TRUE(parts.add("x", std::vector<float>{3, 4}, std::vector<float>{3, 4}).ok());
  ASSERT_TRUE(parts.add("x", std::vector<float>{0, 0}, std::vector<float>{0.5f, 0}).ok());
  const TensorStats whole = stats({3, 4, 0, 0}, {3, 4, 0.5f, 0}), split = parts.in_order().at(0);
  EXPECT_EQ(whole.snr_db, split.snr_db);
  EXPECT_EQ(whole.std_other, split.std_other);
  EXPECT_EQ(split.count, 4);
}

TEST(Comparison, PutsTheWorstFirstAndNanBeforeAll) {
  Comparison comparison;
  const std::vector<float> one{1, 1};
  ASSERT_TRUE(comparison.add("good", one, std::vector<float>{1, 1.001f}).ok());
  ASSERT_TRUE(comparison.add("equal", one, one).ok());
  ASSERT_TRUE(comparison.add("bad", one, std::vector<float>{1, 2}).ok());
  ASSERT_TRUE(comparison.add("broken", one, std::vector<float>{1, kNan}).ok());
  std::vector<std::string> names;
  for (const TensorStats& s : comparison.worst_first()) names.push_back(s.name);
  EXPECT_EQ(names, (std::vector<std::string>{"broken", "bad", "good", "equal"}));
  EXPECT_EQ(comparison.in_order().at(0).name, "good");
}

TEST(Comparison, RefusesDifferentSizesAndNamesBoth) {
  Comparison comparison;
  const auto result = comparison.add("x", std::vector<float>{1}, std::vector<float>{1, 2});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::kMismatch);
}

TEST(TopK, LowestIndexWinsTiesAndNanLoses) {
  EXPECT_EQ(top_k(std::vector<float>{1, 3, 3, kNan, 2}, 5), (std::vector<int>{1, 2, 4, 0, 3}));
  EXPECT_EQ(top_k(std::vector<float>{1, 2}, 5), (std::vector<int>{1, 0}));
  EXPECT_TRUE(top_k({}, 1).empty());
}

TEST(Accuracy, CountsTopOneAndTopFive) {
  Accuracy accuracy;
  const std::vector<float> scores{7, 6, 5, 4, 3, 2};
  for (int label : {0, 4, 5}) accuracy.add(scores, label);
  EXPECT_EQ(accuracy.top1, 1);
  EXPECT_EQ(accuracy.top5, 2);
  EXPECT_DOUBLE_EQ(accuracy.top1_share(), 1.0 / 3);
}

}  // namespace
}  // namespace graupel
