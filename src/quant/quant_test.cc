// Tests of ranges, calibration statistics and integer weights.
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "ir/graph_testing.h"
#include "quant/quantize.h"
#include "quant/ranges.h"
#include "quant/weights.h"

namespace graupel {
namespace {

std::vector<float> normal_values(uint32_t seed, std::size_t count, float spread) {
  std::mt19937 random(seed);
  std::vector<float> values(count);
  // Sums of uniforms: the same values in every standard library.
  for (float& v : values) {
    float sum = 0;
    for (int i = 0; i < 12; ++i) sum += static_cast<float>(random()) / 4294967296.0f;
    v = (sum - 6) * spread;
  }
  return values;
}

TensorType input_type(float scale, DType dtype = DType::kU8) {
  return {dtype, {1, 2}, QuantParams::per_tensor(scale, 0)};
}

Histogram histogram_of(std::span<const float> values) {
  Extremes range;
  range.add(values);
  Histogram histogram(range);
  histogram.add(values);
  return histogram;
}

double squared_error(std::span<const float> values, const QuantParams& params) {
  double sum = 0;
  for (float v : values) {
    const double q =
        std::clamp(std::nearbyint(static_cast<double>(v) / params.scale[0]) + params.zero_point[0], 0.0, 255.0);
    const double error = static_cast<double>(v) - (q - params.zero_point[0]) * static_cast<double>(params.scale[0]);
    sum += error * error;
  }
  return sum;
}

TEST(Cover, MakesZeroACodeAndReachesBothEnds) {  // N1.1
  for (const auto& [lo, hi] : {std::pair{-1.0, 3.0}, {0.0, 6.0}, {-5.0, 0.0}, {2.0, 7.0}, {0.0, 0.0}}) {
    const QuantParams params = cover(lo, hi);
    const double scale = params.scale[0], zero = params.zero_point[0];
    EXPECT_GT(scale, 0);
    EXPECT_GE(zero, 0);
    EXPECT_LE(zero, 255);
    EXPECT_LE((0 - zero) * scale, std::min(lo, 0.0) + scale / 2);
    EXPECT_GE((255 - zero) * scale, std::max(hi, 0.0) - scale / 2);
  }
}

TEST(Histogram, MergesInAnyOrderToTheSameCounts) {  // N10.2
  const auto a = normal_values(1, 5000, 1), b = normal_values(2, 3000, 2), c = normal_values(3, 100, 0.1f);
  Extremes range;
  for (const auto* part : {&c, &a, &b}) range.add(*part);
  Histogram forward(range), backward(range), merged(range);
  for (const auto* part : {&a, &b, &c}) forward.add(*part);
  for (const auto* part : {&c, &b, &a}) backward.add(*part);
  for (const auto* part : {&b, &a, &c}) {
    Histogram one(range);
    one.add(*part);
    merged.merge(one);
  }
  EXPECT_TRUE(std::equal(forward.counts().begin(), forward.counts().end(), backward.counts().begin()));
  EXPECT_TRUE(std::equal(forward.counts().begin(), forward.counts().end(), merged.counts().begin()));
  EXPECT_EQ(forward.total(), 8100u);
}

TEST(ChooseRange, ClipsAnOutlierWhenThatLowersTheError) {
  auto values = normal_values(4, 100000, 1);
  values.push_back(60);
  const Histogram histogram = histogram_of(values);
  const QuantParams widest = choose_range(histogram, RangeMethod::kMinMax, 0);
  const QuantParams best = choose_range(histogram, RangeMethod::kMse, 100);
  EXPECT_LT(best.scale[0], widest.scale[0]);
  EXPECT_LT(squared_error(values, best), squared_error(values, widest));
  const QuantParams percentile = choose_range(histogram, RangeMethod::kPercentile, 99.9);
  EXPECT_LT(percentile.scale[0], widest.scale[0] / 3);
}

TEST(ChooseRange, IgnoresWhatItsReaderCannotSee) {
  // Behind a ReLU, values below zero do not matter: all codes go to the positive side.
  const auto values = normal_values(5, 100000, 3);
  const QuantParams seen =
      choose_range(histogram_of(values), RangeMethod::kMse, 100, [](double x) { return std::max(x, 0.0); });
  const QuantParams blind = choose_range(histogram_of(values), RangeMethod::kMse, 100);
  EXPECT_LT(seen.zero_point[0], blind.zero_point[0] / 4);
  EXPECT_LT(seen.scale[0], blind.scale[0]);
}

TEST(QuantizeLinear, GivesEachOutputChannelItsOwnSymmetricScale) {  // N1.2, N1.3
  const Tensor weights = Tensor::of<float>({2, 2}, {0.5f, 100.0f, -1.0f, -25.0f});
  const Tensor bias = Tensor::of<float>({2}, {0.25f, -3.0f});
  LayerRule all_seen;
  all_seen.weights.mode = Clipping::Mode::kDisabled;
  const auto codes = quantize_linear(weights, bias, input_type(0.5f), all_seen);
  ASSERT_TRUE(codes.ok());
  const auto w = codes->weights.as<int8_t>();
  EXPECT_EQ(w[2], -127);
  EXPECT_EQ(w[1], 127);
  EXPECT_EQ(w[0], 64);
  const auto& scale = codes->weights.type.quant->scale;
  EXPECT_FLOAT_EQ(scale[0], 1.0f / 127);
  EXPECT_FLOAT_EQ(scale[1], 100.0f / 127);
  EXPECT_EQ(codes->bias.as<int32_t>()[1],
            static_cast<int32_t>(std::nearbyint(-3.0 / (0.5 * static_cast<double>(scale[1])))));
}

TEST(QuantizeLinear, WidensTheScaleWhereABiasWouldNotFit) {  // N2.3
  const Tensor weights = Tensor::of<float>({1, 2}, {1e-9f, 0.0f});
  const Tensor bias = Tensor::of<float>({2}, {1000.0f, 1000.0f});
  const auto codes = quantize_linear(weights, bias, input_type(0.01f), {});
  ASSERT_TRUE(codes.ok());
  for (int c : {0, 1}) {
    const double real = codes->bias.as<int32_t>()[static_cast<std::size_t>(c)] *
                        static_cast<double>(codes->bias.type.quant->scale[static_cast<std::size_t>(c)]);
    EXPECT_NEAR(real, 1000.0, 1.5);
  }
}

TEST(QuantizeLinear, RefusesWeightsThatAreNotFinite) {
  const Tensor weights = Tensor::of<float>({1, 2}, {1.0f, std::nanf("")});
  const Tensor bias = Tensor::of<float>({2}, {0.0f, 0.0f});
  const auto codes = quantize_linear(weights, bias, input_type(1), {});
  ASSERT_FALSE(codes.ok());
  EXPECT_NE(codes.error().message.find("channel 1"), std::string::npos);
}

TEST(QuantizeLinear, UsesAsManyBitsAsItIsTold) {  // N1.2, N8.2
  const auto values = normal_values(7, 4000, 1);
  const Tensor weights = Tensor::of<float>({4000, 1}, std::span<const float>(values));
  const Tensor bias = Tensor::of<float>({1}, {3.0f});
  double previous = 1e9;
  for (const auto& [bits, most] : {std::pair{4, 7}, {8, 127}, {16, 32639}}) {
    LayerRule rule;
    rule.weight_bits = bits;
    const auto codes = quantize_linear(weights, bias, input_type(0.1f), rule);
    ASSERT_TRUE(codes.ok());
    EXPECT_EQ(codes->weights.type.dtype, bits == 16 ? DType::kS16 : DType::kS8);
    EXPECT_EQ(codes->bias.type.dtype, bits == 16 ? DType::kS64 : DType::kS32);
    double error = 0;
    int largest = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const int code = bits == 16 ? codes->weights.as<int16_t>()[i] : codes->weights.as<int8_t>()[i];
      largest = std::max(largest, std::abs(code));
      error += std::abs(code * static_cast<double>(codes->weights.type.quant->scale[0]) - values[i]);
    }
    EXPECT_EQ(largest, most);
    EXPECT_LT(error, previous / 10);
    previous = error;
  }
  const auto wide_input = quantize_linear(weights, bias, input_type(0.1f, DType::kU16), {});
  ASSERT_TRUE(wide_input.ok());
  EXPECT_EQ(wide_input->weights.type.dtype, DType::kS8);
  EXPECT_EQ(wide_input->bias.type.dtype, DType::kS64);
}

TEST(QuantizeLinear, ClipsWeightsWhereItIsTold) {
  auto values = normal_values(8, 1000, 1);
  values[0] = 50;
  const Tensor weights = Tensor::of<float>({1000, 1}, std::span<const float>(values));
  const Tensor bias = Tensor::of<float>({1}, {0.0f});
  const auto scale = [&](Clipping clipping) {
    LayerRule rule;
    rule.weights = clipping;
    return quantize_linear(weights, bias, input_type(1), rule)->weights.type.quant->scale[0];
  };
  EXPECT_FLOAT_EQ(scale({Clipping::Mode::kDisabled, {}}), 50.0f / 127);
  EXPECT_FLOAT_EQ(scale({Clipping::Mode::kManual, {-2, 1}}), 2.0f / 127);
  EXPECT_LT(scale({Clipping::Mode::kPercentile, {0.5, 99.5}}), 4.0f / 127);
  // Of few steps the search gives up the ends.
  LayerRule coarse;
  coarse.weight_bits = 4;
  values[0] = 0;
  const Tensor even = Tensor::of<float>({1000, 1}, std::span<const float>(values));
  const float searched = quantize_linear(even, bias, input_type(1), coarse)->weights.type.quant->scale[0];
  coarse.weights.mode = Clipping::Mode::kDisabled;
  EXPECT_LT(searched, quantize_linear(even, bias, input_type(1), coarse)->weights.type.quant->scale[0]);
}

TEST(ParsePrecision, ReadsTwoAndThreePartFormsAndNamesWhatItAccepts) {
  EXPECT_EQ(*parse_precision("a8_w8"), (Precision{8, 8, 8}));
  EXPECT_EQ(*parse_precision("a8_w4"), (Precision{8, 4, 8}));
  EXPECT_EQ(*parse_precision("a16_w16"), (Precision{16, 16, 16}));
  EXPECT_EQ(*parse_precision("a8_w4_a16"), (Precision{8, 4, 16}));
  EXPECT_EQ(*parse_precision("a16_w8_a8"), (Precision{16, 8, 8}));
  for (const char* wrong :
       {"", "a8", "a8_", "w8_a8", "a8_w8_", "a8_w8_w8", "a4_w8", "a8_w2", "a8_w8_a8_a8", "a_w8", "a8_w8x"}) {
    const auto precision = parse_precision(wrong);
    ASSERT_FALSE(precision.ok()) << wrong;
    EXPECT_NE(precision.error().message.find("aX_wY_aZ"), std::string::npos) << precision.error().message;
  }
  EXPECT_EQ(parse_precision("native").error().code, ErrorCode::kUnsupported);
}

TEST(ParseRangeMethod, NamesWhatItAccepts) {
  EXPECT_EQ(*parse_range_method("mse"), RangeMethod::kMse);
  EXPECT_EQ(*parse_range_method("percentile"), RangeMethod::kPercentile);
  EXPECT_EQ(*parse_range_method("minmax"), RangeMethod::kMinMax);
  const auto wrong = parse_range_method("kl");
  ASSERT_FALSE(wrong.ok());
  EXPECT_EQ(wrong.error().text(), "invalid: range method 'kl' (accepted: mse, percentile, minmax)");
}

/// conv_chain(), quantized on random frames with these options.
Result<Graph> quantized_chain(const QuantizeOptions& options) {
  Graph graph = conv_chain();
  graph.stage = Stage::kOptimized;
  const FrameSource frames = [](int index) -> Result<std::optional<std::vector<Tensor>>> {
    if (index >= 4) return std::optional<std::vector<Tensor>>();
    return std::optional(std::vector{random_tensor({1, 2, 2, 2}, 10 + static_cast<uint32_t>(index))});
  };
  return quantize_graph(graph, frames, options, nullptr);
}

TEST(LayerOptions, WidenWhatALayerReadsAndMakesButNotTheGraphsInput) {  // N8.1, N8.2
  QuantizeOptions options;
  options.layers["conv1"].precision = Precision{16, 16, 16};
  const auto graph = quantized_chain(options);
  ASSERT_TRUE(graph.ok()) << graph.error().text();
  const Layer &conv = graph->layers[0], &activation = graph->layers[1];
  EXPECT_EQ((*graph)[graph->inputs[0]].type.dtype, DType::kU8);
  EXPECT_EQ((*graph)[conv.in[1]].type.dtype, DType::kS16);
  EXPECT_EQ((*graph)[conv.in[2]].type.dtype, DType::kS64);
  EXPECT_EQ((*graph)[conv.out[0]].type.dtype, DType::kU16);
  EXPECT_EQ((*graph)[activation.out[0]].type.dtype, DType::kU16) << "the activation belongs to its layer";
  options.layers["input_layer1"].precision = Precision{16, 8, 16};
  EXPECT_EQ((*quantized_chain(options))[graph->inputs[0]].type.dtype, DType::kU16);
}

TEST(LayerOptions, ListedOutputsAndActivationsHaveTheirOwnPrecision) {  // N8.1
  QuantizeOptions options;
  options.layers["activation1"].precision = Precision{8, 8, 16};
  const auto graph = quantized_chain(options);
  ASSERT_TRUE(graph.ok()) << graph.error().text();
  EXPECT_EQ((*graph)[graph->layers[0].out[0]].type.dtype, DType::kU8);
  EXPECT_EQ((*graph)[graph->layers[1].out[0]].type.dtype, DType::kU16);
  QuantizeOptions by_port;
  by_port.layers["output_layer1"].precision = Precision{16, 16, 16};
  EXPECT_EQ((*quantized_chain(by_port))[graph->layers[1].out[0]].type.dtype, DType::kU16);
}

TEST(LayerOptions, ForceAndClipRanges) {  // N1.1
  QuantizeOptions options;
  options.layers["conv1"].range_out = Interval{0, 12.75};
  const auto forced = quantized_chain(options);
  ASSERT_TRUE(forced.ok()) << forced.error().text();
  EXPECT_EQ((*forced)[forced->layers[1].out[0]].type.quant, QuantParams::per_tensor(0.05f, 0));
  options = {};
  options.layers["conv1"].range_in = Interval{-1.28, 1.27};
  EXPECT_EQ((*quantized_chain(options))[forced->inputs[0]].type.quant, QuantParams::per_tensor(0.01f, 128));
  options = {};
  options.layers["activation1"].activations = {Clipping::Mode::kManual, {0, 0.255}};
  EXPECT_EQ((*quantized_chain(options))[forced->layers[1].out[0]].type.quant, QuantParams::per_tensor(0.001f, 0));
}

TEST(LayerOptions, NameALayerThatIsNotThereAndRangesThatAreNone) {
  QuantizeOptions options;
  options.layers["conv7"].precision = Precision{};
  const auto unknown = quantized_chain(options);
  ASSERT_FALSE(unknown.ok());
  EXPECT_NE(unknown.error().text().find("conv7"), std::string::npos);
  options = {};
  options.layers["conv1"].range_out = Interval{3, 3};
  EXPECT_FALSE(quantized_chain(options).ok());
}

}  // namespace
}  // namespace graupel
