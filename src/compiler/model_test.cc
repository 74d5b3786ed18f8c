// The public C++ interface on the bundled model: the same results as the verbs, and failures that say what to do.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <set>

#include "graupel/compiler.hpp"
#include "graupel/runtime.hpp"

namespace {

namespace fs = std::filesystem;
using graupel::CompiledModel;
using graupel::Failure;
using graupel::Frames;
using graupel::Model;

const fs::path kZoo = fs::path(GRAUPEL_SOURCE_DIR) / "zoo" / "glyphs";

class PublicInterface : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = fs::temp_directory_path() / ("graupel_model_test_" + std::to_string(::getpid()));
    fs::create_directory(folder_);
    model_ = std::make_unique<Model>(Model::parse((kZoo / "glyphs.onnx").string()));
    model_->optimize(Frames::open(first_file(kZoo / "calibration")));
    model_->compile();
    model_->save_hef((folder_ / "glyphs.hef").string());
    model_->save((folder_ / "glyphs.har").string());
  }
  static void TearDownTestSuite() {
    model_.reset();
    fs::remove_all(folder_);
  }
  static Frames pictures() { return Frames::open(first_file(kZoo / "test")); }
  static std::string first_file(const fs::path& folder) {
    std::set<std::string> files;
    for (const auto& entry : fs::directory_iterator(folder)) files.insert(entry.path().string());
    return *files.begin();
  }

  static inline fs::path folder_;
  static inline std::unique_ptr<Model> model_;
};

template <class Call>
std::string failure_of(Call call) {
  try {
    call();
  } catch (const Failure& failure) {
    return failure.kind() + ": " + failure.what();
  }
  return "";
}

TEST_F(PublicInterface, CompiledRunsEqualTheQuantizedEmulation) {
  EXPECT_EQ(model_->stage(), "compiled");
  EXPECT_FALSE(model_->verify(pictures(), {1, 2}, {1, 3}).has_value());
  const auto quantized = model_->run(pictures(), "quantized"), compiled = model_->run(pictures(), "compiled", 2);
  ASSERT_EQ(quantized.size(), 1u);
  EXPECT_EQ(quantized[0].shape, compiled[0].shape);
  EXPECT_EQ(quantized[0].values, compiled[0].values);
}

TEST_F(PublicInterface, AHefRunsWithTheRuntimeAloneOnFloatsAndCodes) {
  CompiledModel compiled =
      CompiledModel::open((folder_ / "glyphs.hef").string(), {.threads = 2, .isa = "ref", .poison = 0xAA});
  ASSERT_EQ(compiled.inputs().size(), 1u);
  const auto& in = compiled.inputs()[0];
  const auto& out = compiled.outputs()[0];
  constexpr int kFrames = 3;
  std::vector<uint8_t> codes(static_cast<std::size_t>(in.elements * kFrames));
  for (std::size_t i = 0; i < codes.size(); ++i) codes[i] = static_cast<uint8_t>(i * 37 % 251);
  std::vector<float> values;
  for (const uint8_t code : codes) values.push_back(static_cast<float>(in.scale * (code - in.zero_point)));
  std::vector<uint8_t> out_codes(static_cast<std::size_t>(out.elements * kFrames));
  std::vector<float> out_values(out_codes.size());
  const uint8_t* code_in[] = {codes.data()};
  uint8_t* code_out[] = {out_codes.data()};
  const float* value_in[] = {values.data()};
  float* value_out[] = {out_values.data()};
  compiled.run_codes(code_in, code_out, kFrames);
  compiled.run(value_in, value_out, kFrames);
  for (std::size_t i = 0; i < out_codes.size(); ++i)
    ASSERT_EQ(out_values[i], static_cast<float>(out.scale) * static_cast<float>(out_codes[i] - out.zero_point)) << i;

  int layers = 0;
  compiled.set_tap([&](std::string_view, std::span<const int64_t>, const uint8_t*) { ++layers; });
  std::vector<uint8_t> tapped(out_codes.size());
  code_out[0] = tapped.data();
  compiled.run_codes(code_in, code_out, kFrames);
  EXPECT_GT(layers, kFrames);
  EXPECT_EQ(tapped, out_codes);
}

TEST_F(PublicInterface, ComparisonNamesLayersOfTheOriginalModel) {
  const auto distance = model_->compare(pictures());
  ASSERT_EQ(distance.outputs.size(), 1u);
  EXPECT_GT(distance.outputs[0].snr_db, 20);
  ASSERT_GT(distance.layers.size(), 1u);
  EXPECT_LE(distance.layers.front().snr_db, distance.layers.back().snr_db);
  EXPECT_FALSE(distance.layers.front().origins.empty());
}

TEST_F(PublicInterface, AHarReopensWhereItWasSaved) {
  const Model again = Model::load((folder_ / "glyphs.har").string());
  EXPECT_EQ(again.stage(), "compiled");
  EXPECT_EQ(again.run(pictures())[0].values, model_->run(pictures())[0].values);
}

TEST_F(PublicInterface, FailuresNameTheThingAndWhatToDo) {
  EXPECT_PRED_FORMAT2(testing::IsSubstring, "absent.onnx", failure_of([] { Model::parse("absent.onnx"); }));
  Model parsed = Model::parse((kZoo / "glyphs.onnx").string());
  EXPECT_PRED_FORMAT2(testing::IsSubstring, "optimize", failure_of([&] { parsed.compile(); }));
  EXPECT_PRED_FORMAT2(testing::IsSubstring, "compile() it first", failure_of([&] { parsed.save_hef("x.hef"); }));
  EXPECT_PRED_FORMAT2(testing::IsSubstring, "accepted: native",
                      failure_of([&] { parsed.run(pictures(), "quantised"); }));
  EXPECT_PRED_FORMAT2(testing::IsSubstring, "2 values", failure_of([&] {
                        parsed.run(Frames::of({{{2, 3}, {1, 2}}}));
                      }));
  EXPECT_PRED_FORMAT2(testing::IsSubstring, "corrupt",
                      failure_of([&] { CompiledModel::open((folder_ / "glyphs.har").string()); }));
  CompiledModel compiled = CompiledModel::open((folder_ / "glyphs.hef").string());
  EXPECT_PRED_FORMAT2(testing::IsSubstring, "1 input", failure_of([&] { compiled.run({}, {}); }));
}

}  // namespace
