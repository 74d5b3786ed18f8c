// The runtime links protobuf-lite, the compiler all of protobuf: one program may need both.
#include <gtest/gtest.h>

#include "hef/hef.h"
#include "onnx/model.h"
#include "program/sample_program.h"

namespace graupel {
namespace {

TEST(Protobuf, LiteAndFullMessagesLiveInOneProgram) {
  const Program program = testing::sample_program(1);
  const Result<Hef> hef = load_hef(save_hef(program, {"hash", {}, false}));
  ASSERT_TRUE(hef.ok()) << hef.error().text();
  EXPECT_EQ(*hef->program(), program);
  const Result<onnx::Model> model = onnx::read_model(GRAUPEL_SOURCE_DIR "/zoo/glyphs/glyphs.onnx");
  ASSERT_TRUE(model.ok()) << model.error().text();
  EXPECT_FALSE(model->nodes.empty());
}

}  // namespace
}  // namespace graupel
