// Numbers of the transforms: what is clipped, what wraps around, and how halves are rounded.
#include "hailort/hailort_testing.h"

namespace hailort::testing {
namespace {

constexpr hailo_format_t kFloats = {HAILO_FORMAT_TYPE_FLOAT32, HAILO_FORMAT_ORDER_NHWC, HAILO_FORMAT_FLAGS_NONE};
constexpr hailo_format_t kCodes = {HAILO_FORMAT_TYPE_UINT8, HAILO_FORMAT_ORDER_NHWC, HAILO_FORMAT_FLAGS_NONE};
constexpr hailo_format_t kWide = {HAILO_FORMAT_TYPE_UINT16, HAILO_FORMAT_ORDER_NHWC, HAILO_FORMAT_FLAGS_NONE};

hailo_format_t ordered(hailo_format_order_t order) { return {HAILO_FORMAT_TYPE_UINT8, order, HAILO_FORMAT_FLAGS_NONE}; }

Bytes quantize(std::vector<float> values, hailo_quant_info_t quant) {
  const hailo_3d_image_shape_t shape = {1, 1, static_cast<uint32_t>(values.size())};
  auto context = InputTransformContext::create(shape, kFloats, shape, kCodes, std::vector{quant}).release();
  Bytes codes(values.size());
  EXPECT_EQ(context->transform(MemoryView(values.data(), values.size() * 4), MemoryView(codes.data(), codes.size())),
            HAILO_SUCCESS);
  return codes;
}

TEST(Transform, TheIdentityWrapsAroundInsteadOfClipping) {
  EXPECT_EQ(quantize({-5, 300, 0.5f, 1.5f, 2.5f, 255}, {0, 1, 0, 255}), (Bytes{251, 44, 0, 2, 2, 255}));
}

TEST(Transform, OtherScalesClipAndRoundHalvesToEven) {
  EXPECT_EQ(quantize({0.25f, 0.75f, 1.25f, 300, -7}, {0, 0.5f, 0, 127.5f}), (Bytes{0, 2, 2, 255, 0}));
  EXPECT_EQ(quantize({0.25f, 0.75f}, {1, 0.5f, -0.5f, 127}), (Bytes{2, 2}));  // the zero point is added before rounding
}

TEST(Transform, FloatsAreCodesMinusZeroPointTimesScale) {
  const hailo_3d_image_shape_t shape = {1, 2, 2};
  Bytes codes = {0, 3, 128, 255};
  std::vector<float> reals(4);
  auto context = OutputTransformContext::create(shape, kCodes, shape, kFloats,
                                                std::vector<hailo_quant_info_t>{{3, 0.1f, 0, 1}}, {})
                     .release();
  ASSERT_EQ(context->transform(MemoryView(codes.data(), 4), MemoryView(reals.data(), 16)), HAILO_SUCCESS);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(reals[i], (static_cast<float>(codes[i]) - 3.0f) * 0.1f);
  std::vector<uint16_t> wide(4);
  auto cast =
      OutputTransformContext::create(shape, kCodes, shape, kWide, std::vector<hailo_quant_info_t>{{3, 0.1f, 0, 1}}, {})
          .release();
  ASSERT_EQ(cast->transform(MemoryView(codes.data(), 4), MemoryView(wide.data(), 8)), HAILO_SUCCESS);
  EXPECT_EQ(wide, (std::vector<uint16_t>{0, 3, 128, 255}));
}

TEST(Transform, OrdersMoveElements) {
  const hailo_3d_image_shape_t shape = {2, 3, 2};
  const Bytes nhwc = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
  const auto into = [&](hailo_format_t host, std::size_t bytes) {
    auto context =
        OutputTransformContext::create(shape, kCodes, shape, host, std::vector<hailo_quant_info_t>{{0, 1, 0, 255}}, {})
            .release();
    Bytes out(bytes, 99);
    EXPECT_EQ(context->transform(MemoryView::create_const(nhwc.data(), 12), MemoryView(out.data(), bytes)),
              HAILO_SUCCESS);
    return out;
  };
  EXPECT_EQ(into(ordered(HAILO_FORMAT_ORDER_NCHW), 12), (Bytes{0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11}));
  EXPECT_EQ(into(ordered(HAILO_FORMAT_ORDER_NHCW), 12), (Bytes{0, 2, 4, 1, 3, 5, 6, 8, 10, 7, 9, 11}));
  EXPECT_EQ(into(ordered(HAILO_FORMAT_ORDER_RGB4), 16), (Bytes{0, 1, 2, 3, 4, 5, 99, 99, 6, 7, 8, 9, 10, 11, 99, 99}));
  hailo_format_t transposed = kCodes;
  transposed.flags = HAILO_FORMAT_FLAGS_TRANSPOSED;
  EXPECT_EQ(into(transposed, 12), (Bytes{0, 1, 6, 7, 2, 3, 8, 9, 4, 5, 10, 11}));
}

TEST(Transform, PictureFormatsOfTheDeviceAreTheHostsByteForByte) {
  const std::vector<hailo_quant_info_t> quant = {{0, 1, 0, 255}};
  const hailo_3d_image_shape_t planes = {2, 4, 3}, pairs = {4, 4, 2};
  const struct {
    hailo_format_order_t device, host;
    hailo_3d_image_shape_t shape;
  } cases[] = {{HAILO_FORMAT_ORDER_HAILO_YYUV, HAILO_FORMAT_ORDER_NV12, planes},
               {HAILO_FORMAT_ORDER_HAILO_YYVU, HAILO_FORMAT_ORDER_NV21, planes},
               {HAILO_FORMAT_ORDER_HAILO_YYYYUV, HAILO_FORMAT_ORDER_I420, planes},
               {HAILO_FORMAT_ORDER_YUY2, HAILO_FORMAT_ORDER_YUY2, pairs}};
  for (const auto& one : cases) {
    EXPECT_EQ(HailoRTDefaults::expand_auto_format({}, ordered(one.device)).order, one.host);
    for (const hailo_format_order_t host : {one.host, HAILO_FORMAT_ORDER_AUTO}) {
      auto context = InputTransformContext::create(one.shape, ordered(host), one.shape, ordered(one.device), quant);
      ASSERT_EQ(context.status(), HAILO_SUCCESS);
      Bytes picture(one.shape.height * one.shape.width * one.shape.features), codes(picture.size());
      for (std::size_t i = 0; i < picture.size(); ++i) picture[i] = static_cast<uint8_t>(i * 7);
      EXPECT_EQ(
          (*context)->transform(MemoryView(picture.data(), picture.size()), MemoryView(codes.data(), codes.size())),
          HAILO_SUCCESS);
      EXPECT_EQ(codes, picture);
    }
    EXPECT_EQ(InputTransformContext::create(one.shape, kCodes, one.shape, ordered(one.device), quant).status(),
              HAILO_INVALID_ARGUMENT);
  }
}

TEST(Transform, WhatDoesNotGoTogetherIsAnInvalidArgument) {
  const hailo_3d_image_shape_t shape = {2, 2, 1}, other = {2, 3, 1};
  const std::vector<hailo_quant_info_t> quant = {{0, 1, 0, 255}};
  EXPECT_EQ(InputTransformContext::create(shape, kWide, shape, kCodes, quant).status(), HAILO_INVALID_ARGUMENT);
  EXPECT_EQ(InputTransformContext::create(shape, kCodes, shape, kFloats, quant).status(), HAILO_INVALID_ARGUMENT);
  EXPECT_EQ(InputTransformContext::create(other, kCodes, shape, kCodes, quant).status(), HAILO_INVALID_ARGUMENT);
  EXPECT_EQ(InputTransformContext::create(shape, ordered(HAILO_FORMAT_ORDER_NV12), shape, kCodes, quant).status(),
            HAILO_INVALID_ARGUMENT);
  auto context = InputTransformContext::create(shape, kCodes, shape, kCodes, quant).release();
  Bytes small(3), right(4);
  EXPECT_EQ(context->transform(MemoryView(small.data(), 3), MemoryView(right.data(), 4)), HAILO_INVALID_ARGUMENT);
}

}  // namespace
}  // namespace hailort::testing
