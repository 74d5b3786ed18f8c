// The verbs on the bundled model: stages agree, and where they are made to differ the difference is found and named.
#include "compiler/verbs.h"

#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>

#include "base/file.h"
#include "compiler/compare_stages.h"
#include "compiler/model_file.h"
#include "compiler/run_frames.h"
#include "compiler/verify_program.h"

namespace graupel {
namespace {

namespace fs = std::filesystem;

const fs::path kZoo = fs::path(GRAUPEL_SOURCE_DIR) / "zoo" / "glyphs";

/// The bundled model, quantized on a few of its pictures.
const ModelFile& quantized_model() {
  static const ModelFile kModel = [] {
    auto model = load_model((kZoo / "glyphs.onnx").string());
    check(model.ok(), "the bundled model parses");
    auto frames = Dataset::open((kZoo / "calibration").string(), *input_specs(*model));
    check(frames.ok(), "the bundled pictures open");
    frames->limit(8);
    OptimizeOptions options;
    options.quantize.threads = 1;
    const auto summary = optimize(*model->har, *frames, options);
    check(summary.ok() && summary->frames == 8, "the bundled model quantizes");
    return std::move(*model);
  }();
  return kModel;
}

Dataset test_frames(int count) {
  auto frames = Dataset::open((kZoo / "test").string(), *input_specs(quantized_model()));
  check(frames.ok(), "the bundled test pictures open");
  frames->limit(count);
  return std::move(*frames);
}

TEST(Verbs, TheProgramComputesTheBytesOfTheEmulation) {
  const Har& har = *quantized_model().har;
  const auto compiled = compile_har(har, "0123456789abcdef");
  ASSERT_TRUE(compiled.ok()) << compiled.error().text();
  Dataset frames = test_frames(3);
  VerifyOptions options;
  options.threads = {1, 2};
  options.batches = {1, 2};
  const auto report = verify_program(*har.quantized, compiled->program, frames, options);
  ASSERT_TRUE(report.ok()) << report.error().text();
  EXPECT_FALSE(report->difference.has_value());
  EXPECT_GE(report->combinations, 4);
  EXPECT_GT(report->bytes_compared, 0);
}

TEST(Verbs, VerifyNamesTheFirstLayerThatDiffers) {
  const Har& har = *quantized_model().har;
  const auto compiled = compile_har(har, "");
  ASSERT_TRUE(compiled.ok()) << compiled.error().text();
  Graph other = *har.quantized;
  std::string changed;
  for (const Layer& layer : other.layers) {
    if (!std::holds_alternative<Conv>(layer.op) || layer.name == other.layers[0].name) continue;
    Value& bias = other[layer.in[2]];
    std::vector<int32_t> values(bias.constant->as<int32_t>().begin(), bias.constant->as<int32_t>().end());
    for (int32_t& value : values) value = 0;
    const TensorType type = bias.type;
    bias.constant = Tensor::of<int32_t>(type.shape, std::span<const int32_t>(values));
    bias.constant->type = type;
    changed = layer.name;
    break;
  }
  ASSERT_FALSE(changed.empty());
  Dataset frames = test_frames(2);
  VerifyOptions options;
  options.isas = {Isa::kRef};
  options.threads = {1};
  const auto report = verify_program(other, compiled->program, frames, options);
  ASSERT_TRUE(report.ok()) << report.error().text();
  ASSERT_TRUE(report->difference.has_value());
  EXPECT_FALSE(report->difference->in_output_only);
  // A convolution whose table was fused has no tap of its own; then the table's layer is the first that shows it.
  const auto position = [&](const std::string& name) {
    for (std::size_t i = 0; i < other.layers.size(); ++i)
      if (other.layers[i].name == name) return static_cast<int>(i);
    return -1;
  };
  EXPECT_GE(position(report->difference->layer), position(changed));
  EXPECT_LE(position(report->difference->layer), position(changed) + 1);
  EXPECT_NE(report->difference->expected, report->difference->actual);
}

TEST(Verbs, VerifyNamesTheLayerWhoseInstructionIsDamaged) {
  const Har& har = *quantized_model().har;
  const auto compiled = compile_har(har, "");
  ASSERT_TRUE(compiled.ok()) << compiled.error().text();
  Program damaged = compiled->program;
  std::size_t at = damaged.instrs.size() / 2;
  while (!std::holds_alternative<ConvParams>(damaged.instrs[at].params)) ++at;
  const ConstRef weights = std::get<ConvParams>(damaged.instrs[at].params).weights;
  Bytes constants(damaged.constants.bytes().begin(), damaged.constants.bytes().end());
  for (uint32_t i = 0; i < weights.size; i += 2)
    std::swap(constants[weights.offset + i], constants[weights.offset + i + 1]);
  damaged.constants = std::move(constants);
  // What the instruction completes: the layer, or the one that it is fused into.
  const std::string layer = damaged.layer_names[damaged.instrs[at].layer];
  const auto taps = find_taps(damaged, std::vector{layer});
  ASSERT_TRUE(taps.ok()) << taps.error().text();
  Dataset frames = test_frames(2);
  VerifyOptions options;
  options.threads = {1};
  options.batches = {1};
  const auto report = verify_program(*har.quantized, damaged, frames, options);
  ASSERT_TRUE(report.ok()) << report.error().text();
  ASSERT_TRUE(report->difference.has_value());
  EXPECT_EQ(report->difference->layer, damaged.layer_names[damaged.taps[taps->at(0)].layer]);
  EXPECT_FALSE(report->difference->in_output_only);
}

TEST(Verbs, OptimizingKeepsTheFloatMeaning) {
  Dataset frames = test_frames(3);
  const ModelFile& model = quantized_model();
  const auto result = compare_stages({model, RunStage::kNative}, {model, RunStage::kOptimized}, frames,
                                     {.threads = 1, .isa = Isa::kRef});
  ASSERT_TRUE(result.ok()) << result.error().text();
  EXPECT_GT(result->outputs.at(0).snr_db, 100);
  EXPECT_GT(result->layers.size(), 5u);
  EXPECT_GT(result->layers.at(0).snr_db, 90) << "worst layer: " << result->layers.at(0).name;
}

TEST(Verbs, RunReportsAccuracyAndKeepsOutputs) {
  Dataset frames = test_frames(40);
  const auto labels = read_labels((kZoo / "test" / "labels.csv").string(), {});
  ASSERT_TRUE(labels.ok()) << labels.error().text();
  RunFramesOptions options;
  options.run.threads = 1;
  options.labels = *labels;
  options.keep_arrays = true;
  const auto summary = run_frames({quantized_model(), RunStage::kCompiled}, frames, options);
  ASSERT_TRUE(summary.ok()) << summary.error().text();
  EXPECT_GE(summary->accuracy->top1_share(), 0.8);
  EXPECT_EQ(summary->arrays.at(0).tensor.type.shape, (Shape{40, 36}));
  EXPECT_EQ(summary->best.size(), 40u);
}

TEST(Verbs, AHarThatIsNotQuantizedCannotBeCompiled) {
  Har har = *quantized_model().har;
  har.quantized.reset();
  const auto compiled = compile_har(har, "");
  ASSERT_FALSE(compiled.ok());
  EXPECT_NE(compiled.error().text().find("graupel optimize"), std::string::npos);
}

TEST(Verbs, AQuantizedHarComesBackFromItsFile) {
  const Har& har = *quantized_model().har;
  const auto bytes = save_har(har);
  ASSERT_TRUE(bytes.ok()) << bytes.error().text();
  const auto back = load_har(*bytes);
  ASSERT_TRUE(back.ok()) << back.error().text();
  EXPECT_EQ(back->stage(), Stage::kQuantized);
  EXPECT_EQ(print_graph(*back->quantized), print_graph(*har.quantized));
  const auto again = save_har(*back);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(*bytes, *again);
  const auto program = compile_har(har, "x"), same = compile_har(*back, "x");
  ASSERT_TRUE(program.ok() && same.ok());
  EXPECT_EQ(program->hef, same->hef);
}

}  // namespace
}  // namespace graupel
