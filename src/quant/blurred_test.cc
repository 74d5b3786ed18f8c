// Channels of very different sizes under one scale: 16 bits where a result needs the small ones.
#include <gtest/gtest.h>

#include "ir/graph_testing.h"
#include "quant/quantize.h"

namespace graupel {
namespace {

struct Case {
  int64_t side = 16;
  std::vector<float> sizes;    ///< of the channels that the first layer makes
  std::vector<float> weights;  ///< of the second layer, one per channel of the first
  bool mean = false;           ///< the mean over the image is a result too
};

/// x → first: channel c is a mixture of x times sizes[c] → second: each channel times its weight.
Graph network(const Case& c) {
  Graph graph;
  graph.name = "sizes";
  graph.stage = Stage::kOptimized;
  GraphBuilder builder(graph);
  const auto channels = static_cast<int64_t>(c.sizes.size());
  const ValueId x = builder.input("input_layer1", {1, c.side, c.side, 2});
  const Tensor mixture = random_tensor({1, 1, 2, channels}, 4);
  auto [first, f] = Tensor::make<float>({1, 1, 2, channels});
  auto [second, s] = Tensor::make<float>({1, 1, channels, channels});
  std::fill_n(s, channels * channels, 0.0f);
  for (int64_t i = 0; i < channels; ++i) {
    const auto at = static_cast<std::size_t>(i);
    for (int64_t k = 0; k < 2; ++k)
      f[k * channels + i] = (0.5f + mixture.as<float>()[static_cast<std::size_t>(k * channels + i)] / 4) * c.sizes[at];
    s[i * channels + i] = c.weights[at];
  }
  const auto conv = [&](const std::string& name, ValueId in, const Tensor& weights) {
    const Tensor bias = Tensor::of<float>({channels}, std::vector<float>(c.sizes.size(), 0));
    return builder.layer(name, Conv{},
                         {in, builder.constant(weights, name + "/kernel"), builder.constant(bias, name + "/bias")});
  };
  const ValueId made = conv("first", x, first);
  builder.output(conv("second", made, second));
  if (c.mean) builder.output(builder.layer("mean", Reduce{Reduce::Kind::kMean, 1, 2, true}, {made}));
  return graph;
}

DType first_codes(const Case& c, const QuantizeOptions& options = {}) {
  const FrameSource frames = [&](int index) -> Result<std::optional<std::vector<Tensor>>> {
    if (index > 1) return std::optional<std::vector<Tensor>>();
    return std::optional(std::vector{random_tensor({1, c.side, c.side, 2}, 7 + static_cast<uint32_t>(index))});
  };
  const Result<Graph> graph = quantize_graph(network(c), frames, options, nullptr);
  EXPECT_TRUE(graph.ok()) << (graph.ok() ? "" : graph.error().text());
  return graph.ok() ? (*graph)[graph->layers[0].out[0]].type.dtype : DType::kF32;
}

const std::vector<float> kAlike{1, 2, 1, 1.5f}, kApart{400, 1, 2, 1}, kLevelled{0.0025f, 1, 0.5f, 1};

TEST(Blurred, SmallChannelsThatAResultNeedsHaveSixteenBits) {  // N8.1
  EXPECT_EQ(first_codes({16, kApart, kLevelled}), DType::kU16);
}

TEST(Blurred, NotWhereChannelsAreAlikeOrTheSmallOnesCountForNothing) {
  EXPECT_EQ(first_codes({16, kAlike, kLevelled}), DType::kU8);
  EXPECT_EQ(first_codes({16, kApart, {1, 1, 1, 1}}), DType::kU8);
}

TEST(Blurred, NotAgainstWhatOptionsSay) {
  QuantizeOptions asked, without;
  asked.layers["first"].precision = Precision{8, 8, 8};
  without.widen_blurred = false;
  EXPECT_EQ(first_codes({16, kApart, kLevelled}, asked), DType::kU8);
  EXPECT_EQ(first_codes({16, kApart, kLevelled}, without), DType::kU8);
}

TEST(Blurred, NotWhereALayerTakesNoSixteenBits) {  // N8.4: a mean of at most 32767 of them
  EXPECT_EQ(first_codes({182, kApart, kLevelled, true}), DType::kU8);
  EXPECT_EQ(first_codes({181, kApart, kLevelled, true}), DType::kU16);
}

}  // namespace
}  // namespace graupel
