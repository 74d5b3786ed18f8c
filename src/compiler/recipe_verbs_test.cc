// Model scripts on the bundled model: loading, refusing, and what the stages then compute.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "compiler/compare_stages.h"
#include "compiler/connections.h"
#include "compiler/load_recipe.h"
#include "compiler/model_file.h"
#include "compiler/stage_runner.h"
#include "compiler/verbs.h"
#include "hef/hef.h"

namespace graupel {
namespace {

namespace fs = std::filesystem;

const fs::path kZoo = fs::path(GRAUPEL_SOURCE_DIR) / "zoo" / "glyphs";

const ModelFile& bundled() {
  static const ModelFile kModel = [] {
    auto model = load_model((kZoo / "glyphs.onnx").string());
    check(model.ok(), "the bundled model parses");
    return std::move(*model);
  }();
  return kModel;
}

Har loaded(const std::string& script) {
  Har har = *bundled().har;
  const auto messages = load_recipe(har, script, "", false);
  EXPECT_TRUE(messages.ok()) << messages.error().text();
  return har;
}

std::string refusal(const std::string& script) {
  Har har = *bundled().har;
  const auto messages = load_recipe(har, script, "", false);
  EXPECT_FALSE(messages.ok()) << script;
  EXPECT_TRUE(har.recipe.empty()) << "a refused script is not kept";
  return messages.ok() ? "" : messages.error().text();
}

Dataset calibration(const Graph& graph, int count) {
  auto frames = Dataset::open((kZoo / "calibration").string(), input_specs(graph));
  check(frames.ok(), "the bundled pictures open");
  frames->limit(count);
  return std::move(*frames);
}

std::vector<float> run(const Har& har, RunStage stage, std::span<const float> values) {
  ModelFile model = bundled();
  model.har = har;
  auto runner = StageRunner::create(model, stage, {.threads = 1, .isa = Isa::kRef});
  EXPECT_TRUE(runner.ok()) << runner.error().text();
  const Graph* graph = graph_of(har, stage);
  const Tensor in = Tensor::of<float>((*graph)[graph->inputs[0]].type.shape, values);
  const auto out = runner->run(std::span(&in, 1));
  EXPECT_TRUE(out.ok()) << out.error().text();
  const auto result = (*out)[0].as<float>();
  return {result.begin(), result.end()};
}

std::vector<float> raw_pixels() {
  const Har& har = *bundled().har;
  std::vector<float> pixels(static_cast<std::size_t>(element_count((*har.parsed)[har.parsed->inputs[0]].type.shape)));
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<float>((i * 131 + 17) % 256);
  return pixels;
}

const std::string kNormalization = "input_normalization = normalization([127.5], [64.0])\n";

TEST(LoadRecipe, NamesLinesColumnsAndTheNearestLayers) {
  EXPECT_NE(refusal("set_seed(seed=1)\nremove_node(conv99)").find("line 2, column 13: there is no layer 'conv99'"),
            std::string::npos);
  EXPECT_NE(refusal("quantization_param([conv1, conv_1], precision_mode=a8_w8)").find("nearest: 'conv1'"),
            std::string::npos);
  EXPECT_NE(refusal("remove_node(other/conv1)").find("network 'other'"), std::string::npos);
}

TEST(LoadRecipe, LaterCommandsMayNameWhatEarlierOnesBind) {
  const Har har = loaded(kNormalization + "quantization_param(input_normalization, precision_mode=a8_w8)");
  EXPECT_EQ(har.recipe.substr(0, kNormalization.size()), kNormalization);
}

TEST(LoadRecipe, AppendsAndListsWhatIsIgnoredOnce) {
  Har har = loaded("# a comment\nset_seed(seed=5)");
  const auto messages =
      load_recipe(har, "allocator_param(timeout=25m)\nallocator_param(seed=1)\nperformance_param(fps=5)\n", "", true);
  ASSERT_TRUE(messages.ok()) << messages.error().text();
  ASSERT_EQ(messages->size(), 1u);
  EXPECT_NE(messages->at(0).find("allocator_param, performance_param"), std::string::npos) << messages->at(0);
  EXPECT_EQ(har.recipe,
            "# a comment\nset_seed(seed=5)\nallocator_param(timeout=25m)\nallocator_param(seed=1)\n"
            "performance_param(fps=5)\n");
}

TEST(LoadRecipe, ArgumentsWithoutAnEffectAreListedOnce) {
  Har har = *bundled().har;
  const auto messages = load_recipe(har,
                                    "quantization_param(conv1, bias_mode=double_scale_decomposition)\n"
                                    "quantization_param(conv2, bias_mode=double_scale_decomposition)\n"
                                    "model_optimization_config(calibration, device=cuda, calibset_size=8)\n",
                                    "", false);
  ASSERT_TRUE(messages.ok()) << messages.error().text();
  ASSERT_EQ(messages->size(), 1u);
  EXPECT_EQ(messages->at(0),
            "arguments without an effect here: bias_mode of quantization_param, device of "
            "model_optimization_config(calibration)");
}

TEST(LoadRecipe, AnEngineIsOnlySpokenOfWhereAnotherIsAskedFor) {
  Har har = *bundled().har;
  EXPECT_TRUE(load_recipe(har, "nms_postprocess(meta_arch=yolov8, engine=cpu)\n", "", false)->empty());
  const auto messages = load_recipe(har, "nms_postprocess(meta_arch=yolov8, engine=nn_core)\n", "", false);
  ASSERT_TRUE(messages.ok() && messages->size() == 1);
  EXPECT_EQ(messages->at(0), "arguments without an effect here: engine of nms_postprocess");
}

TEST(LoadRecipe, APatternThatMatchesNothingIsSaid) {
  Har har = *bundled().har;
  const auto messages = load_recipe(har,
                                    "quantization_param({conv*}, precision_mode=a8_w8)\n"
                                    "quantization_param([conv1, {cnv*}], precision_mode=a8_w8)\n",
                                    "", false);
  ASSERT_TRUE(messages.ok()) << messages.error().text();
  ASSERT_EQ(messages->size(), 1u);
  EXPECT_EQ(messages->at(0),
            "line 2, column 28: the pattern {cnv*} of quantization_param matches no layer and changes nothing");
}

TEST(LoadRecipe, KeepsNoPathInTheHarAndAbsoluteOnesInTheCommands) {
  Har har = *bundled().har;
  ASSERT_TRUE(load_recipe(har, "nms_postprocess(\"../a/cfg.json\", meta_arch=yolov8)", "/scripts/here", false).ok());
  const auto recipe = effective_recipe(har);
  ASSERT_TRUE(recipe.ok()) << recipe.error().text();
  EXPECT_EQ(print_recipe(*recipe), "nms_postprocess(\"/scripts/a/cfg.json\", meta_arch=yolov8)\n");
  EXPECT_EQ(har.recipe.find("/scripts"), std::string::npos);
}

TEST(FullPrecision, RawPixelsGiveTheFloatModelsAnswers) {
  Har har = loaded(kNormalization);
  const auto summary = optimize_full_precision(har, {});
  ASSERT_TRUE(summary.ok()) << summary.error().text();
  const std::vector<float> raw = raw_pixels();
  std::vector<float> normalized = raw;
  for (float& value : normalized) value = (value - 127.5f) / 64;
  const std::vector<float> got = run(har, RunStage::kOptimized, raw),
                           expected = run(har, RunStage::kNative, normalized);
  ASSERT_EQ(got.size(), expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], expected[i], 2e-4f) << "output " << i;
  ASSERT_EQ(har.modifications.size(), 1u);
  EXPECT_EQ(har.modifications[0].port, "input_layer1");
  EXPECT_EQ(har.modifications[0].layers, std::vector<std::string>{"input_normalization"});
}

// The connections from the input to the first layer that the parsed graph has too.
std::vector<std::string> first_connections(const std::string& script) {
  Har har = loaded(script);
  EXPECT_TRUE(optimize_full_precision(har, {}).ok());
  std::vector<std::string> lines;
  for (const Connection& one : layer_connections(*har.optimized, har.modifications)) {
    lines.push_back(cat(one.from, " -> ", one.to, one.folded ? " (folded)" : ""));
    if (one.to == har.parsed->layers[0].name) break;
  }
  return lines;
}

TEST(FullPrecision, ConnectionsShowLayersOfTheScriptEvenWhenTheyAreFolded) {
  const std::string first = bundled().har->parsed->layers[0].name;
  using Lines = std::vector<std::string>;
  EXPECT_EQ(first_connections("swap = input_conversion(bgr_to_rgb)\n"),
            (Lines{"input_layer1 -> swap", "swap -> " + first + " (folded)"}));
  EXPECT_EQ(first_connections("norm = normalization([0.0], [255.0])\nswap = input_conversion(bgr_to_rgb)\n"),
            (Lines{"input_layer1 -> swap", "swap -> norm", "norm -> " + first + " (folded)"}));
  EXPECT_EQ(first_connections(kNormalization),
            (Lines{"input_layer1 -> input_normalization", "input_normalization -> " + first}));
}

TEST(FullPrecision, TheLastCommandSitsNearestTheInput) {
  Har har = loaded(
      "a = normalization([1.0], [2.0])\n"
      "b = normalization([10.0], [5.0])\n");
  ASSERT_TRUE(optimize_full_precision(har, {}).ok());
  const std::vector<float> raw = raw_pixels();
  std::vector<float> both = raw;
  for (float& value : both) value = ((value - 10) / 5 - 1) / 2;
  const std::vector<float> got = run(har, RunStage::kOptimized, raw), expected = run(har, RunStage::kNative, both);
  for (std::size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], expected[i], 2e-4f) << "output " << i;
}

TEST(FullPrecision, AnErrorNamesTheCommandAndLeavesTheHarAlone) {
  Har har = loaded("set_seed(seed=1)\nn = normalization([1.0, 2.0], [1.0, 2.0])");
  const auto summary = optimize_full_precision(har, {});
  ASSERT_FALSE(summary.ok());
  EXPECT_NE(summary.error().text().find("line 2, column 1, normalization"), std::string::npos)
      << summary.error().text();
  EXPECT_FALSE(har.optimized.has_value());
}

TEST(Optimize, PixelsAreTheirOwnCodesAndTheScriptLimitsTheFrames) {
  Har har = loaded(kNormalization + "model_optimization_config(calibration, batch_size=2, calibset_size=5)\n");
  ASSERT_TRUE(optimize_full_precision(har, {}).ok());
  Dataset frames = calibration(*har.optimized, 8);
  OptimizeOptions options;
  options.quantize.threads = 1;
  const auto summary = optimize(har, frames, options);
  ASSERT_TRUE(summary.ok()) << summary.error().text();
  EXPECT_EQ(summary->frames, 5);
  EXPECT_TRUE(summary->rewrites.empty()) << "the full-precision stage was there";
  const TensorType& input = (*har.quantized)[har.quantized->inputs[0]].type;
  EXPECT_EQ(input.quant->scale[0], 1.0f);
  EXPECT_EQ(input.quant->zero_point[0], 0);
  const auto bytes = save_har(har);
  ASSERT_TRUE(bytes.ok()) << bytes.error().text();
  const auto back = load_har(*bytes);
  ASSERT_TRUE(back.ok()) << back.error().text();
  EXPECT_EQ(back->modifications, har.modifications);
  EXPECT_EQ(back->recipe, har.recipe);
}

TEST(Optimize, LevelsAndAlgorithmsThatAreMissingAreWarnedOf) {
  Har har = loaded(
      "model_optimization_flavor(optimization_level=2, compression_level=1)\n"
      "post_quantization_optimization(finetune, policy=disabled)\n"
      "post_quantization_optimization(adaround, policy=enabled)\n");
  Dataset frames = calibration(*har.parsed, 1);
  OptimizeOptions options;
  options.quantize.threads = 1;
  const auto summary = optimize(har, frames, options);
  ASSERT_TRUE(summary.ok()) << summary.error().text();
  std::string all;
  for (const std::string& warning : summary->warnings) all += warning + "\n";
  EXPECT_NE(all.find("compression"), std::string::npos) << all;
  EXPECT_NE(all.find("level 2 asks for fine-tuning"), std::string::npos) << all;
  EXPECT_NE(all.find("line 3, column 1, post_quantization_optimization(adaround)"), std::string::npos) << all;
  EXPECT_EQ(all.find("(finetune)"), std::string::npos) << all;
}

TEST(Optimize, WithoutBiasCorrectionBiasesStayAsRounded) {
  OptimizeOptions options;
  options.quantize.threads = 1;
  Har plain = loaded(""), uncorrected = loaded("post_quantization_optimization(bias_correction, policy=disabled)");
  Har none = loaded("model_optimization_flavor(optimization_level=-100)");
  for (Har* har : {&plain, &uncorrected, &none}) {
    Dataset frames = calibration(*har->parsed, 8);
    const auto summary = optimize(*har, frames, options);
    ASSERT_TRUE(summary.ok()) << summary.error().text();
  }
  EXPECT_NE(compile_har(plain, "")->hef, compile_har(uncorrected, "")->hef);
  EXPECT_NE(compile_har(none, "")->hef, compile_har(uncorrected, "")->hef);
}

// The HAR after quantizing with a script on a few bundled pictures.
Har quantized(const std::string& script) {
  Har har = loaded(script);
  Dataset frames = calibration(*har.parsed, 4);
  OptimizeOptions options;
  options.quantize.threads = 1;
  const auto summary = optimize(har, frames, options);
  EXPECT_TRUE(summary.ok()) << script << ": " << (summary.ok() ? "" : summary.error().text());
  return har;
}

TEST(Optimize, SixteenBitsAtAllOutputsWhenTheScriptAsks) {
  const auto bits = [](const std::string& script) {
    const Har har = quantized(script);
    return (*har.quantized)[har.quantized->outputs[0]].type.dtype;
  };
  EXPECT_EQ(bits("model_optimization_config(globals, output_16bit=enabled)"), DType::kU16);
  EXPECT_EQ(bits("model_optimization_config(globals, output_16bit=disabled)"), DType::kU8);
}

TEST(Optimize, WithoutAlgorithmsWeightsAreNotClipped) {
  const Har har = quantized("model_optimization_flavor(optimization_level=-100)");
  const Graph &before = *har.optimized, &after = *har.quantized;
  ASSERT_EQ(before.layers.size(), after.layers.size());
  const ValueId weights = after.layers.back().in[1];
  const QuantParams& quant = *after[weights].type.quant;
  const auto values = before[before.layers.back().in[1]].constant->as<float>();
  const std::size_t channels = quant.scale.size();
  for (std::size_t c = 0; c < channels; ++c) {
    float largest = 0;
    for (std::size_t k = c; k < values.size(); k += channels) largest = std::max(largest, std::abs(values[k]));
    EXPECT_FLOAT_EQ(quant.scale[c], largest / 127) << "channel " << c;
  }
}

TEST(Compare, ANormalizedInputIsHeldAgainstTheStageThatReadsTheSame) {
  ModelFile model = bundled();
  model.har = quantized(kNormalization);
  EXPECT_EQ(reference_stage_of(model), RunStage::kOptimized);
  EXPECT_EQ(reference_stage_of(bundled()), RunStage::kNative);
  Dataset frames = calibration(*model.har->parsed, 1);
  const auto native = compare_stages({model, RunStage::kNative}, {model, RunStage::kQuantized}, frames, {1, Isa::kRef});
  ASSERT_TRUE(native.ok()) << native.error().text();
  ASSERT_EQ(native->warnings.size(), 1u);
  EXPECT_NE(native->warnings[0].find("stage quantized"), std::string::npos) << native->warnings[0];
  EXPECT_NE(native->warnings[0].find("normalization of input_layer1"), std::string::npos) << native->warnings[0];
  const auto same =
      compare_stages({model, RunStage::kOptimized}, {model, RunStage::kQuantized}, frames, {1, Isa::kRef});
  ASSERT_TRUE(same.ok()) << same.error().text();
  EXPECT_TRUE(same->warnings.empty());
}

TEST(Compile, TheHefSaysForWhichChipItIs) {
  const std::map<std::string_view, std::string> shown{
      {"hailo8", "HAILO8"},     {"hailo8r", "HAILO8"},    {"hailo8l", "HAILO8L"},  {"hailo15h", "HAILO15H"},
      {"hailo15m", "HAILO15M"}, {"hailo15l", "HAILO15L"}, {"hailo10h", "HAILO10H"}};
  Har har = quantized("");
  for (std::string_view arch : hw_archs()) {
    ASSERT_TRUE(shown.contains(arch)) << arch;
    har.hw_arch = arch;
    const auto compiled = compile_har(har, "");
    ASSERT_TRUE(compiled.ok()) << compiled.error().text();
    const auto hef = load_hef(compiled->hef);
    ASSERT_TRUE(hef.ok()) << arch << ": " << hef.error().text();
    EXPECT_EQ(hef->info.architecture, shown.at(arch));
    EXPECT_EQ(*hef->program(), compiled->program);
    EXPECT_EQ(hef->info.streams.size(), 2u);
  }
}

TEST(StageRunner, AScoreThresholdNeedsSuppression) {
  const auto runner = StageRunner::create(bundled(), RunStage::kNative, {1, Isa::kRef, 0.5f});
  ASSERT_FALSE(runner.ok());
  EXPECT_NE(runner.error().text().find("ends in no nms_postprocess"), std::string::npos) << runner.error().text();
}

TEST(Optimize, WhatCameTooLateIsSaidAndNotApplied) {
  Har har = loaded("");
  ASSERT_TRUE(optimize_full_precision(har, {}).ok());
  const std::string before = print_graph(*har.optimized);
  const auto messages = load_recipe(har, kNormalization, "", false);
  ASSERT_TRUE(messages.ok()) << messages.error().text();
  ASSERT_EQ(messages->size(), 1u);
  EXPECT_NE(messages->at(0).find("not applied again: normalization"), std::string::npos) << messages->at(0);
  Dataset frames = calibration(*har.optimized, 1);
  OptimizeOptions options;
  options.quantize.threads = 1;
  ASSERT_TRUE(optimize(har, frames, options).ok());
  EXPECT_EQ(print_graph(*har.optimized), before);
}

}  // namespace
}  // namespace graupel
