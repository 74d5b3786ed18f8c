#include "ops/quantize_linear.h"

#include "ops/import_testing.h"

namespace graupel {
namespace {

using namespace testing;
using Form = QuantizeLinear::Form;

const Tensor kRow = Tensor::of<float>({1, 6}, {-9, -0.75f, -0.25f, 0, 0.25f, 80});

TEST(QuantizeLinear, RoundsTiesToEvenAndSaturates) {
  EXPECT_EQ(floats_of(evaluate(QuantizeLinear{Form::kCodes, 0.5f, 10, 0, 255}, {kRow})),
            (std::vector<float>{0, 8, 10, 10, 10, 170}));
  EXPECT_EQ(floats_of(evaluate(QuantizeLinear{Form::kCodes, 0.5f, 0, -128, 127}, {kRow})),
            (std::vector<float>{-18, -2, 0, 0, 0, 127}));
  EXPECT_EQ(floats_of(evaluate(QuantizeLinear{Form::kRounded, 0.5f, 10, 0, 255}, {kRow})),
            (std::vector<float>{-5, -1, 0, 0, 0, 80}));
  const Tensor codes = Tensor::of<float>({3}, {0, 10, 255});
  EXPECT_EQ(floats_of(evaluate(QuantizeLinear{Form::kReals, 0.5f, 10, 0, 255}, {codes})),
            (std::vector<float>{-5, 0, 122.5f}));
}

// N3.1: with the model's own scale on both sides the table leaves every code as it is.
TEST(QuantizeLinear, KeepsCodesOfItsOwnScale) {
  auto [codes, data] = Tensor::make<uint8_t>({1, 2, 4, 32}, QuantParams::per_tensor(0.02f, 131));
  for (int i = 0; i < 256; ++i) data[i] = static_cast<uint8_t>(i);
  const Tensor same = run_quantized(QuantizeLinear{Form::kRounded, 0.02f, 131, 0, 255}, {codes}, {}, 1);
  for (int i = 0; i < 256; ++i) ASSERT_EQ(same.as<uint8_t>()[i], i);
  const Tensor whole = run_quantized(QuantizeLinear{Form::kCodes, 0.02f, 3, -128, 127}, {codes}, {}, 1);
  EXPECT_EQ(whole.type.quant, QuantParams::per_tensor(1, 128));
  for (int i = 0; i < 256; ++i) ASSERT_EQ(whole.as<uint8_t>()[i], i);
}

TEST(ImportQuantizeLinear, TakesTheCodesFromTheZeroPoint) {
  OneNode node("QuantizeLinear", 13);
  node.input(kRow).file_constant(Tensor::of<float>({}, {0.5f})).file_constant(Tensor::of<int8_t>({}, {3}));
  const Result<Tensor> codes = node.run();
  ASSERT_TRUE(codes.ok()) << error_of(codes);
  EXPECT_EQ(floats_of(*codes), (std::vector<float>{-15, 1, 3, 3, 3, 127}));
  OneNode channels("QuantizeLinear", 13);
  channels.input(kRow).file_constant(Tensor::of<float>({2}, {0.5f, 1}));
  EXPECT_NE(error_of(channels.run()).find("one scale"), std::string::npos);
  OneNode wide("QuantizeLinear", 21);
  wide.input(kRow).file_constant(Tensor::of<float>({}, {0.5f})).file_constant(Tensor::of<uint16_t>({}, {3}));
  EXPECT_NE(error_of(wide.run()).find("codes are u16"), std::string::npos);
}

}  // namespace
}  // namespace graupel
