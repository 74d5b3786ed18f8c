// Tests of shapes, types and tensors.
#include "tensor/tensor.h"

#include <gtest/gtest.h>

namespace graupel {
namespace {

TEST(Shape, PrintsAndCounts) {
  EXPECT_EQ(to_string(Shape{1, 3, 8}), "1x3x8");
  EXPECT_EQ(to_string(Shape{}), "scalar");
  EXPECT_EQ(element_count({}), 1);
  EXPECT_EQ(element_count({2, 0, 5}), 0);
}

TEST(Shape, RefusesWhatNoTensorMayHave) {
  EXPECT_TRUE(validate({1, 640, 640, 3}).ok());
  EXPECT_EQ(validate({1, -1}).error().code, ErrorCode::kInvalid);
  EXPECT_EQ(validate({1 << 20, 1 << 20}).error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(validate(Shape(9, 1)).error().code, ErrorCode::kUnsupported);
}

TEST(DType, NamesRoundTrip) {
  for (DType dtype : {DType::kF32, DType::kU8, DType::kS8, DType::kU16, DType::kS16, DType::kS32, DType::kS64,
                      DType::kF64, DType::kBool})
    EXPECT_EQ(*parse_dtype(to_string(dtype)), dtype);
  EXPECT_FALSE(parse_dtype("float").ok());
}

TEST(Tensor, TransposesAnyRank) {
  const Tensor image = Tensor::of<int32_t>({1, 2, 2, 3}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
  const int to_nchw[] = {0, 3, 1, 2};
  const Tensor planes = transposed(image, to_nchw);
  EXPECT_EQ(planes.type.shape, (Shape{1, 3, 2, 2}));
  const std::vector<int32_t> expected = {0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11};
  EXPECT_TRUE(std::equal(expected.begin(), expected.end(), planes.as<int32_t>().begin()));
}

TEST(Tensor, TransposeMovesTheQuantizedAxis) {
  Tensor weights = Tensor::of<int8_t>({2, 3}, {1, 2, 3, 4, 5, 6});
  weights.type.quant = QuantParams{{1, 2, 3}, {0, 0, 0}, 1};
  const int swap[] = {1, 0};
  EXPECT_EQ(transposed(weights, swap).type.quant->axis, 0);
}

TEST(Tensor, CopiesShareTheirBytes) {
  const Tensor a = Tensor::of<float>({2}, {1, 2});
  const Tensor b = a.reshaped({1, 2});
  EXPECT_EQ(a.data.get(), b.data.get());
}

}  // namespace
}  // namespace graupel
