#include "ops/detect.h"

#include "ops/op_testing.h"
#include "ops/ops.h"

namespace graupel {
namespace {

Detect small_detector() {
  Detect op;
  op.params.arch = DetectArch::kYolov8;
  op.params.classes = 3;
  op.params.bins = 4;
  op.params.image_h = 32;
  op.params.image_w = 48;
  op.params.max_per_class = 5;
  op.params.heads = {{4, 6, 8, 0, 1, -1, {}, {}}};
  return op;
}

TEST(Detect, ItsOutputIsFloatAtEveryStage) {
  const Detect op = small_detector();
  const TensorType f32[] = {{DType::kF32, {1, 4, 6, 16}, {}}, {DType::kF32, {1, 4, 6, 3}, {}}};
  const auto scale = QuantParams::per_tensor(0.1f, 3);
  const TensorType u8[] = {{DType::kU8, {1, 4, 6, 16}, scale}, {DType::kU8, {1, 4, 6, 3}, scale}};
  const TensorType expected{DType::kF32, {1, 3, 5, 5}, {}};
  EXPECT_EQ(*op.infer(f32), expected);
  EXPECT_EQ(*op.infer(u8), expected);
  EXPECT_TRUE(is_host(op));
  EXPECT_FALSE(is_host(Unary{}));
}

TEST(Detect, ItsValueIsTheKernels) {
  const Detect op = small_detector();
  const std::vector<Tensor> in = {testing::random_reals({1, 4, 6, 16}, 1, -3, 3),
                                  testing::random_reals({1, 4, 6, 3}, 2, 0, 1)};
  const Tensor out = testing::evaluate(op, in);
  std::vector<float> expected(75);
  const float* const pointers[] = {in[0].as<float>().data(), in[1].as<float>().data()};
  Detector::create(op.params).value().run(pointers, expected.data());
  EXPECT_TRUE(std::ranges::equal(out.as<float>(), expected));
  EXPECT_GT(expected[20], 0) << "nothing was detected";
}

TEST(Detect, InputsThatAreNoHeadsAreRefused) {
  const Detect op = small_detector();
  const TensorType boxes{DType::kF32, {1, 4, 6, 16}, {}}, scores{DType::kF32, {1, 4, 6, 3}, {}};
  const auto refusal = [&](const Detect& one, std::vector<TensorType> in) {
    const auto type = infer(one, in);
    return type.ok() ? std::string() : type.error().text();
  };
  EXPECT_NE(refusal(op, {boxes, boxes}).find("input 1 has shape 1x4x6x16; its head says 1x4x6x3"), std::string::npos)
      << refusal(op, {boxes, boxes});
  EXPECT_NE(refusal(op, {boxes}), "");
  EXPECT_NE(refusal(op, {boxes, {DType::kS32, {1, 4, 6, 3}, {}}}).find("accepted: f32, u8"), std::string::npos);
  Detect hostile = op;
  hostile.params.heads[0].height = -1;
  EXPECT_NE(refusal(hostile, {boxes, scores}).find("height is -1"), std::string::npos);
}

}  // namespace
}  // namespace graupel
