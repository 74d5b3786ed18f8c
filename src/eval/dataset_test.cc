// Pictures and arrays written here, read back as input tensors.
#include "eval/dataset.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <limits>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "base/file.h"
#include "eval/image.h"
#include "har/npz.h"

namespace graupel {
namespace {

namespace fs = std::filesystem;

/// A folder of its own for each test.
class Datasets : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "graupel_dataset_XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  void write_picture(const std::string& name, const cv::Mat& picture) { ASSERT_TRUE(cv::imwrite(path(name), picture)); }
  void write_array(const std::string& name, const Tensor& tensor) {
    ASSERT_TRUE(write_file(path(name), save_npy(tensor)).ok());
  }

  fs::path folder_;
};

InputSpec picture_input(int64_t h, int64_t w, int64_t c, const Preprocess& preprocess = {}) {
  return {"image", {1, h, w, c}, {"images", {0, 2, 3, 1}, preprocess}};
}

std::vector<float> values(const Tensor& tensor) {
  const auto span = tensor.as<float>();
  return {span.begin(), span.end()};
}

Tensor counting(Shape shape, float first = 0) {
  auto [tensor, data] = Tensor::make<float>(shape);
  for (int64_t i = 0; i < element_count(shape); ++i) data[i] = first + static_cast<float>(i);
  return tensor;
}

cv::Mat blue_then_red() {
  cv::Mat picture(1, 2, CV_8UC3);
  picture.at<cv::Vec3b>(0, 0) = {255, 0, 0};
  picture.at<cv::Vec3b>(0, 1) = {10, 20, 30};
  return picture;
}

TEST_F(Datasets, KeepPixelsAsTheyAreWhenNothingIsDeclared) {
  write_picture("a.png", blue_then_red());
  const auto image = read_image(path("a.png"), {}, 1, 2, 3);
  ASSERT_TRUE(image.ok()) << image.error().text();
  EXPECT_EQ(image->type.shape, (Shape{1, 1, 2, 3}));
  EXPECT_EQ(values(*image), (std::vector<float>{0, 0, 255, 30, 20, 10}));
}

TEST_F(Datasets, ScaleShiftAndDivideInThatOrder) {
  write_picture("a.png", blue_then_red());
  Preprocess p;
  p.declared = true;
  p.color = Preprocess::Color::kBgr;
  p.scale = 255;
  p.mean = {0.485f, 0.456f, 0.406f};
  p.std = {0.229f, 0.224f, 0.225f};
  const auto image = read_image(path("a.png"), p, 1, 2, 3);
  ASSERT_TRUE(image.ok()) << image.error().text();
  std::vector<float> expected;
  const int pixels[] = {255, 0, 0, 10, 20, 30};
  for (std::size_t i = 0; i < 6; ++i) {
    const volatile float scaled = static_cast<float>(pixels[i]) / 255.0f;
    const volatile float shifted = scaled - p.mean[i % 3];
    expected.push_back(shifted / p.std[i % 3]);
  }
  EXPECT_EQ(values(*image), expected);
}

TEST_F(Datasets, LetterboxPutsFillAround) {
  write_picture("wide.png", cv::Mat(2, 6, CV_8UC3, cv::Scalar::all(9)));
  Preprocess p;
  p.declared = true;
  p.fit = Preprocess::Fit::kLetterbox;
  p.fill = 7;
  const auto rows = [&](int h) {
    const auto image = read_image(path("wide.png"), p, h, 6, 3);
    EXPECT_TRUE(image.ok()) << image.error().text();
    std::vector<float> firsts;
    for (int y = 0; y < h; ++y) firsts.push_back(image->as<float>()[static_cast<std::size_t>(y) * 18]);
    return firsts;
  };
  EXPECT_EQ(rows(5), (std::vector<float>{7, 9, 9, 7, 7}));
  p.align = Preprocess::Align::kTopLeft;
  EXPECT_EQ(rows(5), (std::vector<float>{9, 9, 7, 7, 7}));
}

TEST_F(Datasets, CropKeepsTheMiddle) {
  cv::Mat picture(2, 6, CV_8UC1);
  for (int i = 0; i < 12; ++i) picture.at<uint8_t>(i / 6, i % 6) = static_cast<uint8_t>(i);
  write_picture("gray.png", picture);
  Preprocess p;
  p.declared = true;
  p.color = Preprocess::Color::kGray;
  p.fit = Preprocess::Fit::kCrop;
  p.short_side = 2;
  const auto image = read_image(path("gray.png"), p, 2, 2, 1);
  ASSERT_TRUE(image.ok()) << image.error().text();
  EXPECT_EQ(values(*image), (std::vector<float>{2, 3, 8, 9}));
  p.short_side = 1;
  EXPECT_EQ(read_image(path("gray.png"), p, 2, 2, 1).error().code, ErrorCode::kMismatch);
}

TEST_F(Datasets, AFolderIsReadInTheOrderOfNames) {
  for (const char* name : {"b.png", "a.PNG", "c.jpg"}) write_picture(name, cv::Mat(4, 4, CV_8UC3, cv::Scalar::all(1)));
  ASSERT_TRUE(write_file(path("notes.txt"), ByteSpan()).ok());
  auto dataset = Dataset::open(folder_.string(), {picture_input(2, 2, 3)});
  ASSERT_TRUE(dataset.ok()) << dataset.error().text();
  ASSERT_EQ(dataset->size(), 3);
  EXPECT_EQ(dataset->name(0) + dataset->name(1) + dataset->name(2), "a.PNGb.pngc.jpg");
  EXPECT_TRUE(dataset->frame(2).ok());
}

TEST_F(Datasets, ArraysFitInStoredAndOriginalOrder) {
  const Tensor nhwc = counting({2, 2, 3, 4});
  write_array("nhwc.npy", nhwc);
  write_array("nchw.npy", transposed(nhwc, std::vector<int>{0, 3, 1, 2}));
  write_array("one.npy", counting({2, 3, 4}, 24));
  for (const char* name : {"nhwc.npy", "nchw.npy"}) {
    auto dataset = Dataset::open(path(name), {picture_input(2, 3, 4)});
    ASSERT_TRUE(dataset.ok()) << dataset.error().text();
    ASSERT_EQ(dataset->size(), 2) << name;
    EXPECT_EQ(values(dataset->frame(1)->at(0)), values(counting({1, 2, 3, 4}, 24))) << name;
    EXPECT_EQ(dataset->name(1), std::string(name) + "[1]");
  }
  auto one = Dataset::open(path("one.npy"), {picture_input(2, 3, 4)});
  ASSERT_TRUE(one.ok()) << one.error().text();
  EXPECT_EQ(values(one->frame(0)->at(0)), values(counting({1, 2, 3, 4}, 24)));
}

TEST_F(Datasets, ArraysOfBytesArePixels) {
  write_array("u8.npy", Tensor::of<uint8_t>({1, 1, 2, 1}, {10, 20}));
  Preprocess p;
  p.declared = true;
  p.color = Preprocess::Color::kGray;
  p.scale = 10;
  auto dataset = Dataset::open(path("u8.npy"), {picture_input(1, 2, 1, p)});
  ASSERT_TRUE(dataset.ok()) << dataset.error().text();
  EXPECT_EQ(values(dataset->frame(0)->at(0)), (std::vector<float>{1, 2}));
}

TEST_F(Datasets, SeveralInputsComeFromOneNpz) {
  const std::vector<NamedTensor> arrays{{"b", counting({2, 5})}, {"images", counting({2, 1, 1, 3})}};
  ASSERT_TRUE(write_file(path("both.npz"), *save_npz(arrays)).ok());
  auto dataset = Dataset::open(path("both.npz"), {picture_input(1, 1, 3), {"b", {1, 5}, {"bb", {0, 1}, {}}}});
  ASSERT_TRUE(dataset.ok()) << dataset.error().text();
  ASSERT_EQ(dataset->size(), 2);
  const auto frame = dataset->frame(1);
  ASSERT_TRUE(frame.ok()) << frame.error().text();
  EXPECT_EQ(values(frame->at(0)), (std::vector<float>{3, 4, 5}));
  EXPECT_EQ(values(frame->at(1)), (std::vector<float>{5, 6, 7, 8, 9}));
}

/// The error of opening `name` and reading its first frame.
std::string failure(const std::string& file, InputSpec input) {
  auto dataset = Dataset::open(file, {std::move(input)});
  if (!dataset.ok()) return dataset.error().text();
  const auto frame = dataset->frame(0);
  return frame.ok() ? "accepted" : frame.error().text();
}

TEST_F(Datasets, SayWhatIsWrongAndWhere) {
  const InputSpec input = picture_input(2, 2, 3);
  EXPECT_NE(failure(folder_.string(), input).find("holds no inputs"), std::string::npos);
  EXPECT_NE(failure(path("none.png"), input).find("does not exist"), std::string::npos);
  ASSERT_TRUE(write_file(path("broken.png"), std::as_bytes(std::span("no picture"))).ok());
  EXPECT_NE(failure(path("broken.png"), input).find("broken.png"), std::string::npos);
  write_array("shape.npy", counting({4, 4, 3}));
  const std::string shapes = failure(path("shape.npy"), input);
  EXPECT_NE(shapes.find("4x4x3"), std::string::npos);
  EXPECT_NE(shapes.find("1x2x2x3 (stored) or 1x3x2x2 (original order)"), std::string::npos) << shapes;
  write_array("nan.npy", Tensor::of<float>({1, 1, 3}, {0, 0, std::numeric_limits<float>::quiet_NaN()}));
  EXPECT_NE(failure(path("nan.npy"), picture_input(1, 1, 3)).find("element 2 of frame 0 is nan"), std::string::npos);
  write_array("empty.npy", counting({0, 2, 2, 3}));
  EXPECT_NE(failure(path("empty.npy"), input).find("empty"), std::string::npos);
  write_picture("color.png", blue_then_red());
  EXPECT_NE(failure(path("color.png"), picture_input(1, 2, 2)).find("2 channels"), std::string::npos);
  ASSERT_TRUE(write_file(path("a.txt"), ByteSpan()).ok());
  EXPECT_NE(failure(path("a.txt"), input).find("accepted: .jpg"), std::string::npos);
}

TEST_F(Datasets, FramesFromMemoryAreFittedLikeThoseOfFiles) {
  const InputSpec input = picture_input(2, 2, 3);
  const auto make = [](int index) -> Result<std::vector<Tensor>> {
    return std::vector<Tensor>{
        counting(index == 0 ? Shape{1, 2, 2, 3} : Shape{1, 3, 2, 2}, 12.0f * static_cast<float>(index))};
  };
  Dataset dataset = Dataset::of(2, make, {input});
  ASSERT_EQ(dataset.size(), 2);
  const auto stored = dataset.frame(0), original = dataset.frame(1);
  ASSERT_TRUE(stored.ok() && original.ok());
  EXPECT_EQ(values(stored->at(0))[5], 5);
  EXPECT_EQ(values(original->at(0))[1], 16) << "channel 1 of pixel (0, 0)";
  dataset.limit(1);
  EXPECT_EQ(dataset.size(), 1);
}

TEST_F(Datasets, FramesFromMemoryThatDoNotFitAreRefused) {
  const auto make = [](int) -> Result<std::vector<Tensor>> { return std::vector<Tensor>{counting({1, 5, 2, 3})}; };
  Dataset dataset = Dataset::of(1, make, {picture_input(2, 2, 3)});
  const auto frame = dataset.frame(0);
  ASSERT_FALSE(frame.ok());
  EXPECT_NE(frame.error().text().find("1x5x2x3"), std::string::npos) << frame.error().text();
}

/// The whole of `tensor`, which outlives it.
HeldArray held(const Tensor& tensor) { return {tensor.type.dtype, tensor.type.shape, tensor.bytes().data(), nullptr}; }

TEST_F(Datasets, ArraysInMemoryAreCutIntoFramesWhateverTheirFirstExtent) {
  const InputSpec pairs{"pairs", {2, 3}, {}}, picture = picture_input(2, 2, 3);
  const Tensor behind_another = counting({4, 3}), on_an_axis_before = counting({2, 2, 3}),
               pixels = counting({2, 3, 2, 2});
  for (const Tensor* array : {&behind_another, &on_an_axis_before}) {
    const auto dataset = Dataset::of_arrays({held(*array), held(pixels)}, {pairs, picture});
    ASSERT_TRUE(dataset.ok()) << dataset.error().text();
    Dataset frames = *dataset;
    ASSERT_EQ(frames.size(), 2);
    const auto second = frames.frame(1);
    ASSERT_TRUE(second.ok()) << second.error().text();
    EXPECT_EQ(second->at(0).type.shape, (Shape{2, 3}));
    EXPECT_EQ(values(second->at(0))[0], 6);
    EXPECT_EQ(values(second->at(1))[1], 16) << "channel 1 of pixel (0, 0) of frame 1, stored channels first";
  }
  const Tensor odd = counting({3, 3});
  EXPECT_NE(Dataset::of_arrays({held(odd)}, {pairs}).error().text().find("3x3"), std::string::npos);
  const Tensor three = counting({6, 3});
  EXPECT_NE(Dataset::of_arrays({held(three), held(pixels)}, {pairs, picture}).error().text().find("2 frames"),
            std::string::npos);
  EXPECT_NE(Dataset::of_arrays({}, {pairs}).error().text().find("1 inputs"), std::string::npos);
}

}  // namespace
}  // namespace graupel
