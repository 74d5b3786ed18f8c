// npy and npz against files that NumPy wrote, and against damage.
#include "har/npz.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace graupel {
namespace {

// Written by numpy.save and numpy.savez(_compressed).
// clang-format off
constexpr unsigned char kF32[] = {
    147, 78, 85, 77, 80, 89, 1, 0, 118, 0, 123, 39, 100, 101, 115, 99, 114, 39, 58, 32, 39, 60, 102, 52,
    39, 44, 32, 39, 102, 111, 114, 116, 114, 97, 110, 95, 111, 114, 100, 101, 114, 39, 58, 32, 70, 97, 108, 115,
    101, 44, 32, 39, 115, 104, 97, 112, 101, 39, 58, 32, 40, 50, 44, 32, 51, 41, 44, 32, 125, 32, 32, 32,
    32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32,
    32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32,
    32, 32, 32, 32, 32, 32, 32, 10, 0, 0, 0, 0, 0, 0, 0, 63, 0, 0, 128, 63, 0, 0, 192, 63,
    0, 0, 0, 64, 0, 0, 32, 64,
};
constexpr unsigned char kFortran[] = {
    147, 78, 85, 77, 80, 89, 1, 0, 118, 0, 123, 39, 100, 101, 115, 99, 114, 39, 58, 32, 39, 60, 105, 52,
    39, 44, 32, 39, 102, 111, 114, 116, 114, 97, 110, 95, 111, 114, 100, 101, 114, 39, 58, 32, 84, 114, 117, 101,
    44, 32, 39, 115, 104, 97, 112, 101, 39, 58, 32, 40, 50, 44, 32, 51, 41, 44, 32, 125, 32, 32, 32, 32,
    32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32,
    32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32,
    32, 32, 32, 32, 32, 32, 32, 10, 0, 0, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0, 4, 0, 0, 0,
    2, 0, 0, 0, 5, 0, 0, 0,
};
constexpr unsigned char kBools[] = {
    147, 78, 85, 77, 80, 89, 1, 0, 118, 0, 123, 39, 100, 101, 115, 99, 114, 39, 58, 32, 39, 124, 98, 49,
    39, 44, 32, 39, 102, 111, 114, 116, 114, 97, 110, 95, 111, 114, 100, 101, 114, 39, 58, 32, 70, 97, 108, 115,
    101, 44, 32, 39, 115, 104, 97, 112, 101, 39, 58, 32, 40, 51, 44, 41, 44, 32, 125, 32, 32, 32, 32, 32,
    32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32,
    32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32,
    32, 32, 32, 32, 32, 32, 32, 10, 1, 0, 1,
};
constexpr unsigned char kScalar[] = {
    147, 78, 85, 77, 80, 89, 1, 0, 118, 0, 123, 39, 100, 101, 115, 99, 114, 39, 58, 32, 39, 60, 102, 56,
    39, 44, 32, 39, 102, 111, 114, 116, 114, 97, 110, 95, 111, 114, 100, 101, 114, 39, 58, 32, 70, 97, 108, 115,
    101, 44, 32, 39, 115, 104, 97, 112, 101, 39, 58, 32, 40, 41, 44, 32, 125, 32, 32, 32, 32, 32, 32, 32,
    32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32,
    32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32,
    32, 32, 32, 32, 32, 32, 32, 10, 0, 0, 0, 0, 0, 0, 10, 64,
};
constexpr unsigned char kNpz[] = {
    80, 75, 3, 4, 45, 0, 0, 0, 0, 0, 0, 0, 33, 0, 43, 251, 63, 153, 255, 255, 255, 255, 255, 255,
    255, 255, 22, 0, 20, 0, 110, 101, 116, 47, 99, 111, 110, 118, 49, 47, 107, 101, 114, 110, 101, 108, 58, 48,
    46, 110, 112, 121, 1, 0, 16, 0, 132, 0, 0, 0, 0, 0, 0, 0, 132, 0, 0, 0, 0, 0, 0, 0,
    147, 78, 85, 77, 80, 89, 1, 0, 118, 0, 123, 39, 100, 101, 115, 99, 114, 39, 58, 32, 39, 124, 105, 49,
    39, 44, 32, 39, 102, 111, 114, 116, 114, 97, 110, 95, 111, 114, 100, 101, 114, 39, 58, 32, 70, 97, 108, 115,
    101, 44, 32, 39, 115, 104, 97, 112, 101, 39, 58, 32, 40, 50, 44, 32, 50, 41, 44, 32, 125, 32, 32, 32,
    32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32,
    32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32,
    32, 32, 32, 32, 32, 32, 32, 10, 255, 2, 3, 252, 80, 75, 3, 4, 45, 0, 0, 0, 0, 0, 0, 0,
    33, 0, 185, 147, 123, 152, 255, 255, 255, 255, 255, 255, 255, 255, 5, 0, 20, 0, 110, 46, 110, 112, 121, 1,
    0, 16, 0, 136, 0, 0, 0, 0, 0, 0, 0, 136, 0, 0, 0, 0, 0, 0, 0, 147, 78, 85, 77, 80,
    89, 1, 0, 118, 0, 123, 39, 100, 101, 115, 99, 114, 39, 58, 32, 39, 60, 105, 56, 39, 44, 32, 39, 102,
    111, 114, 116, 114, 97, 110, 95, 111, 114, 100, 101, 114, 39, 58, 32, 70, 97, 108, 115, 101, 44, 32, 39, 115,
    104, 97, 112, 101, 39, 58, 32, 40, 49, 44, 41, 44, 32, 125, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32,
    32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32,
    32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32,
    32, 32, 10, 7, 0, 0, 0, 0, 0, 0, 0, 80, 75, 1, 2, 45, 3, 45, 0, 0, 0, 0, 0, 0,
    0, 33, 0, 43, 251, 63, 153, 132, 0, 0, 0, 132, 0, 0, 0, 22, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 128, 1, 0, 0, 0, 0, 110, 101, 116, 47, 99, 111, 110, 118, 49, 47, 107, 101, 114, 110, 101,
    108, 58, 48, 46, 110, 112, 121, 80, 75, 1, 2, 45, 3, 45, 0, 0, 0, 0, 0, 0, 0, 33, 0, 185,
    147, 123, 152, 136, 0, 0, 0, 136, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 128,
    1, 204, 0, 0, 0, 110, 46, 110, 112, 121, 80, 75, 5, 6, 0, 0, 0, 0, 2, 0, 2, 0, 119, 0,
    0, 0, 139, 1, 0, 0, 0, 0,
};
constexpr unsigned char kCompressed[] = {
    80, 75, 3, 4, 45, 0, 0, 0, 8, 0, 0, 0, 33, 0, 57, 189, 69, 167, 255, 255, 255, 255, 255, 255,
    255, 255, 9, 0, 20, 0, 122, 101, 114, 111, 115, 46, 110, 112, 121, 1, 0, 16, 0, 32, 135, 1, 0, 0,
    0, 0, 0, 194, 0, 0, 0, 0, 0, 0, 0, 237, 200, 49, 18, 193, 64, 0, 64, 209, 104, 157, 98, 187,
    101, 38, 133, 180, 14, 160, 99, 52, 41, 84, 38, 35, 107, 20, 70, 204, 6, 13, 78, 225, 194, 146, 43, 168,
    20, 239, 117, 255, 127, 54, 245, 122, 187, 155, 20, 143, 226, 25, 219, 212, 31, 114, 92, 134, 248, 186, 87, 177,
    12, 241, 216, 229, 91, 110, 46, 251, 46, 183, 105, 252, 171, 230, 220, 167, 225, 247, 167, 230, 154, 134, 158, 85,
    139, 81, 57, 47, 195, 59, 252, 102, 90, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 127, 235, 11, 80, 75, 1, 2, 45, 3, 45, 0, 0, 0, 8,
    0, 0, 0, 33, 0, 57, 189, 69, 167, 194, 0, 0, 0, 32, 135, 1, 0, 9, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 128, 1, 0, 0, 0, 0, 122, 101, 114, 111, 115, 46, 110, 112, 121, 80, 75, 5, 6,
    0, 0, 0, 0, 1, 0, 1, 0, 55, 0, 0, 0, 253, 0, 0, 0, 0, 0,
};
// clang-format on

template <std::size_t kSize>
Bytes bytes_of(const unsigned char (&data)[kSize]) {
  const auto view = std::as_bytes(std::span(data));
  return {view.begin(), view.end()};
}

template <class T>
std::vector<T> values(const Tensor& tensor) {
  const auto span = tensor.as<T>();
  return {span.begin(), span.end()};
}

TEST(Npy, WritesTheBytesThatNumpyWrites) {
  const Tensor tensor = Tensor::of<float>({2, 3}, {0, 0.5f, 1, 1.5f, 2, 2.5f});
  EXPECT_EQ(save_npy(tensor), bytes_of(kF32));
}

TEST(Npy, ReadsWhatNumpyWrote) {
  const auto f32 = load_npy(bytes_of(kF32));
  ASSERT_TRUE(f32.ok()) << f32.error().text();
  EXPECT_EQ(f32->type.shape, (Shape{2, 3}));
  EXPECT_EQ(values<float>(*f32), (std::vector<float>{0, 0.5f, 1, 1.5f, 2, 2.5f}));
  const auto bools = load_npy(bytes_of(kBools));
  ASSERT_TRUE(bools.ok()) << bools.error().text();
  EXPECT_EQ(values<bool>(*bools), (std::vector<bool>{true, false, true}));
  const auto scalar = load_npy(bytes_of(kScalar));
  ASSERT_TRUE(scalar.ok()) << scalar.error().text();
  EXPECT_EQ(scalar->type.shape, Shape{});
  EXPECT_EQ(values<double>(*scalar), std::vector<double>{3.25});
}

TEST(Npy, BringsFortranOrderToCOrder) {
  const auto tensor = load_npy(bytes_of(kFortran));
  ASSERT_TRUE(tensor.ok()) << tensor.error().text();
  EXPECT_EQ(tensor->type.shape, (Shape{2, 3}));
  EXPECT_EQ(values<int32_t>(*tensor), (std::vector<int32_t>{0, 1, 2, 3, 4, 5}));
}

TEST(Npy, ReadsBackEveryElementTypeAndRank) {
  for (const Tensor& tensor :
       {Tensor::of<uint8_t>({0}, {}), Tensor::of<int16_t>({1, 1, 2}, {-5, 5}), Tensor::of<uint16_t>({2}, {1, 65535}),
        Tensor::of<int64_t>({}, {-1}), Tensor::of<int8_t>({1, 1, 1, 1, 1, 1, 1, 1}, {-128})}) {
    const Bytes bytes = save_npy(tensor);
    EXPECT_EQ((bytes.size() - tensor.type.bytes()) % 64, 0u);
    const auto back = load_npy(bytes);
    ASSERT_TRUE(back.ok()) << back.error().text();
    EXPECT_EQ(back->type, tensor.type);
    EXPECT_TRUE(std::ranges::equal(back->bytes(), tensor.bytes()));
  }
}

TEST(Npy, RefusesForeignTypesWithTheAcceptedOnes) {
  Bytes bytes = bytes_of(kF32);
  std::ranges::replace(bytes, std::byte{'<'}, std::byte{'>'});
  const auto result = load_npy(bytes);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::kUnsupported);
  EXPECT_NE(result.error().message.find("'>f4' (accepted"), std::string::npos) << result.error().message;
}

TEST(Npz, ReadsStoredAndCompressedFilesOfNumpy) {
  const auto npz = load_npz(bytes_of(kNpz));
  ASSERT_TRUE(npz.ok()) << npz.error().text();
  ASSERT_EQ(npz->size(), 2u);
  EXPECT_EQ((*npz)[0].name, "net/conv1/kernel:0");
  EXPECT_EQ(values<int8_t>((*npz)[0].tensor), (std::vector<int8_t>{-1, 2, 3, -4}));
  EXPECT_EQ(values<int64_t>((*npz)[1].tensor), std::vector<int64_t>{7});
  const auto compressed = load_npz(bytes_of(kCompressed));
  ASSERT_TRUE(compressed.ok()) << compressed.error().text();
  EXPECT_EQ(compressed->at(0).tensor.type.shape, Shape{100000});
}

TEST(Npz, DoesNotInflateBeyondTheLimit) {
  const auto result = load_npz(bytes_of(kCompressed), 50000);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::kCorrupt);
}

TEST(Npz, WritesTheSameBytesTwiceAndReadsThemBack) {
  const std::vector<NamedTensor> tensors{{"b/x:0", Tensor::of<float>({2}, {1, -0.0f})},
                                         {"a", Tensor::of<int32_t>({1, 2}, {3, 4})}};
  const auto first = save_npz(tensors), second = save_npz(tensors);
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(*first, *second);
  const auto back = load_npz(*first, first->size());
  ASSERT_TRUE(back.ok()) << back.error().text();
  ASSERT_EQ(back->size(), 2u);
  EXPECT_EQ((*back)[0].name, "b/x:0");
  EXPECT_TRUE(std::ranges::equal((*back)[0].tensor.bytes(), tensors[0].tensor.bytes()));
}

TEST(Npz, SurvivesEveryCutAndRandomFlips) {
  const Bytes npy = bytes_of(kF32);
  for (std::size_t size = 0; size < npy.size(); ++size) EXPECT_FALSE(load_npy(ByteSpan(npy).first(size)).ok()) << size;
  const Bytes npz = bytes_of(kNpz);
  for (std::size_t size = 0; size < npz.size(); ++size) (void)load_npz(ByteSpan(npz).first(size)).ok();
  constexpr unsigned kSeed = 7;
  std::mt19937 random(kSeed);
  for (int i = 0; i < 3000; ++i) {
    Bytes flipped = i % 2 == 0 ? npy : npz;
    flipped[random() % flipped.size()] = static_cast<std::byte>(random());
    (void)(i % 2 == 0 ? load_npy(flipped).ok() : load_npz(flipped, npz.size()).ok());
  }
}

}  // namespace
}  // namespace graupel
