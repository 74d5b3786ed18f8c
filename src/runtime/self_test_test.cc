#include "runtime/self_test.h"

#include <gtest/gtest.h>

#include <cstring>

#include "base/hash.h"
#include "program/sample_program.h"

namespace graupel {
namespace {

using testing::sample_program;

/// The program with other weights in its first convolution.
Program damaged(const Program& program) {
  Program other = program;
  Bytes constants(program.constants.bytes().begin(), program.constants.bytes().end());
  const ConstRef weights = std::get<ConvParams>(program.instrs[0].params).weights;
  for (uint32_t i = 0; i < 64; ++i) constants[weights.offset + i] = static_cast<std::byte>(i + 1);
  other.constants = std::move(constants);
  return other;
}

TEST(SelfTest, HoldsOnEveryLevelAndNamesTheFirstLayerThatDiffers) {
  const Program program = testing::sample_program_with_detection(1);
  const Result<Golden> golden = make_golden(program);
  ASSERT_TRUE(golden.ok()) << golden.error().text();
  EXPECT_EQ(golden->taps.size(), program.taps.size());
  EXPECT_EQ(golden->outputs.size(), 4u);
  EXPECT_EQ(golden->host.size(), 1u);
  EXPECT_EQ(*make_golden(program), *golden);
  for (const Isa isa : {Isa::kRef, detected_isa()})
    for (const int threads : {1, 3}) {
      Session session = Session::create(program, {threads, isa, uint8_t{0xAA}}).value();
      const Result<> equal = self_test(session, *golden);
      EXPECT_TRUE(equal.ok()) << equal.error().text();
    }
  const Program other = damaged(program);
  Session session = Session::create(other, {2, {}, {}}).value();
  const Result<> differs = self_test(session, *golden);
  ASSERT_FALSE(differs.ok());
  EXPECT_EQ(differs.error().code, ErrorCode::kMismatch);
  EXPECT_NE(differs.error().message.find("layer 'layer1'"), std::string::npos) << differs.error().message;
  EXPECT_NE(differs.error().message.find(hex64(golden->taps[0])), std::string::npos) << differs.error().message;
}

TEST(SelfTest, SeesOutputsAndHostStepsApart) {
  const Program program = testing::sample_program_with_detection(1);
  const Golden golden = make_golden(program).value();
  Session session = Session::create(program, {1, {}, {}}).value();
  Golden other = golden;
  other.outputs[1] ^= 1;
  EXPECT_NE(self_test(session, other).error().message.find("output 'padded'"), std::string::npos);
  other = golden;
  other.host[0] ^= 1;
  EXPECT_NE(self_test(session, other).error().message.find("host step 'yolov8_nms_postprocess'"), std::string::npos);
  other = golden;
  other.taps.pop_back();
  EXPECT_EQ(self_test(session, other).error().code, ErrorCode::kCorrupt);
}

// The sequence of docs/formats.md: SplitMix64 from seed 1 gives these first bytes.
TEST(SelfTest, InputIsTheDocumentedSequence) {
  const Program program = sample_program(1);
  const auto codes = golden_input(program.inputs[0], 1234567, 0);
  // 6457827717110365317, the first output of SplitMix64 from 1234567.
  uint64_t first = 0;
  std::memcpy(&first, codes.data(), sizeof first);
  EXPECT_EQ(first, 6457827717110365317u);
}

}  // namespace
}  // namespace graupel
