// The YAML beside a model: what is read, and what is refused in which words.
#include "eval/preprocess_file.h"

#include <gtest/gtest.h>

namespace graupel {
namespace {

std::string message(const std::string& yaml) {
  const auto file = parse_preprocess(yaml);
  return file.ok() ? "accepted" : file.error().text();
}

TEST(PreprocessFile, ReadsEveryKey) {
  const auto file = parse_preprocess(
      "color: bgr\nfit: crop\nalign: top_left\nfill: 0\nshort_side: 256\nscale: 255\n"
      "mean: [0.485, 0.456, 0.406]\nstd: [0.229, 0.224, 0.225]\nlayout: nchw\ndtype: f32\n");
  ASSERT_TRUE(file.ok()) << file.error().text();
  Preprocess expected;
  expected.color = Preprocess::Color::kBgr;
  expected.fit = Preprocess::Fit::kCrop;
  expected.align = Preprocess::Align::kTopLeft;
  expected.fill = 0;
  expected.short_side = 256;
  expected.scale = 255;
  expected.mean = {0.485f, 0.456f, 0.406f};
  expected.std = {0.229f, 0.224f, 0.225f};
  expected.declared = true;
  EXPECT_EQ(file->preprocess, expected);
  EXPECT_EQ(file->layout, "nchw");
  EXPECT_EQ(file->dtype, "f32");
}

TEST(PreprocessFile, NamesWhatIsAccepted) {
  EXPECT_NE(message("colour: rgb").find("unknown key 'colour' (accepted: color, fit,"), std::string::npos);
  EXPECT_NE(message("color: cmyk").find("'cmyk' (accepted: rgb, bgr, gray)"), std::string::npos)
      << message("color: cmyk");
  EXPECT_NE(message("fit: [1]").find("stretch, letterbox, crop"), std::string::npos);
  EXPECT_NE(message("layout: chw").find("nchw, nhwc"), std::string::npos);
  for (const char* bad : {"std: [0, 1, 1]", "scale: 0", "scale: .nan", "mean: 3", "mean: []", "mean: [a]", "fill: 256",
                          "short_side: -1", "- a\n- b", "", "a: [", "[a]: b"})
    EXPECT_NE(message(bad), "accepted") << bad;
}

TEST(PreprocessFile, IsCheckedAgainstTheModelsInput) {
  const std::vector<int32_t> nchw{0, 2, 3, 1};
  PreprocessFile file;
  EXPECT_TRUE(check_preprocess(file, {1, 8, 8, 3}, nchw).ok());
  EXPECT_FALSE(check_preprocess(file, {1, 8, 8, 1}, nchw).ok());
  EXPECT_FALSE(check_preprocess(file, {1, 8}, {0, 1}).ok());
  file.preprocess.mean = {1, 2};
  EXPECT_FALSE(check_preprocess(file, {1, 8, 8, 3}, nchw).ok());
  file.preprocess.mean = {};
  file.layout = "nhwc";
  const auto result = check_preprocess(file, {1, 8, 8, 3}, nchw);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::kMismatch);
}

}  // namespace
}  // namespace graupel
