#include "ir/layer_order.h"

#include "ir/graph_testing.h"
#include "ir/layer_kind.h"

namespace graupel {
namespace {

using Names = std::vector<std::string>;

/// Builds images of 4 channels layer by layer; what a layer was called here is found again by `called`.
struct Net {
  Graph graph;
  GraphBuilder builder{graph};
  std::map<std::string, ValueId> made;

  Net() { made["x"] = builder.input("x", {1, 4, 4, 4}); }

  Net& op(const std::string& name, Op op, const Names& in, const std::vector<Shape>& constants = {}) {
    std::vector<ValueId> operands;
    for (const std::string& source : in) operands.push_back(made.at(source));
    for (const Shape& shape : constants) operands.push_back(builder.constant(random_tensor(shape, 1)));
    made[name] = builder.layer(name, std::move(op), std::move(operands));
    return *this;
  }
  Net& conv(const std::string& name, const std::string& from) { return op(name, Conv{}, {from}, {{1, 1, 4, 4}, {4}}); }
  Net& depthwise(const std::string& name, const std::string& from) {
    Conv conv;
    conv.groups = 4;
    return op(name, conv, {from}, {{1, 1, 1, 4}, {4}});
  }
  Net& activation(const std::string& name, const std::string& from) {
    return op(name, Unary{UnaryKind::kSigmoid}, {from});
  }
  Net& product(const std::string& name, const Names& in) { return op(name, Binary{Binary::Kind::kMul, {}}, in); }
  Net& concat(const std::string& name, const Names& in) {
    Concat concat;
    concat.axis = 1;
    return op(name, concat, in);
  }
  Net& output(const std::string& name) { return builder.output(made.at(name)), *this; }

  /// Names the layers and says what those that were made as `names` are called now.
  Names called(const Names& names) {
    name_layers(graph);
    EXPECT_TRUE(verify(graph).ok());
    Names result;
    for (const std::string& name : names) result.push_back(graph[made.at(name)].name);
    return result;
  }
};

TEST(LayerOrder, AChainIsNumberedPerKind) {
  Net net;
  net.conv("a", "x").depthwise("b", "a").conv("c", "b").output("c");
  EXPECT_EQ(net.called({"x", "a", "b", "c"}), (Names{"input_layer1", "conv1", "dw1", "conv2"}));
}

TEST(LayerOrder, WhatTheVendorFusesTakesNoNumber) {
  Net net;
  net.conv("a", "x").op("norm", Affine{}, {"a"}, {{4}, {4}});
  net.activation("gate", "norm").product("silu", {"norm", "gate"}).conv("b", "silu").activation("act", "b");
  net.concat("c", {"silu", "act"}).activation("alone", "c").output("alone");
  EXPECT_EQ(net.called({"a", "norm", "gate", "silu", "b", "act", "c", "alone"}),
            (Names{"conv1", "conv1_normalization", "conv1_activation", "conv1_ew_mult", "conv2", "conv2_activation",
                   "concat1", "activation1"}));
}

TEST(LayerOrder, AnActivationThatIsNotTheOnlyReaderIsALayerOfItsOwn) {
  Net net;
  net.conv("a", "x").activation("act", "a").conv("b", "a").product("scaled", {"b", "act"}).output("scaled");
  EXPECT_EQ(net.called({"a", "act", "b", "scaled"}), (Names{"conv1", "activation1", "conv2", "ew_mult1"}));
}

// A level of a YOLOv8-like detector: s leads on to the next level, r… and c… are its head.
Net& add_level(Net& net, const std::string& level, const std::string& from, bool last) {
  if (!last)
    net.conv(level + "s", from).concat(level + "join", {level + "s", "x"}).conv(level + "next", level + "join");
  for (const std::string branch : {"r", "c"}) {
    net.conv(level + branch + "1", from).conv(level + branch + "2", level + branch + "1");
    net.conv(level + branch + "3", level + branch + "2").output(level + branch + "3");
  }
  return net;
}

TEST(LayerOrder, AHeadIsNumberedLevelByLevelAndBeforeWhatComesBehindAJoin) {
  Net net;
  net.conv("stem", "x");
  add_level(net, "p3", "stem", false);
  add_level(net, "p4", "p3next", true);
  EXPECT_EQ(
      net.called({"stem", "p3s", "p3r1", "p3c1", "p3r2", "p3c2", "p3r3", "p3c3", "p3next", "p4r3", "p4c3"}),
      (Names{"conv1", "conv2", "conv3", "conv4", "conv5", "conv6", "conv7", "conv8", "conv9", "conv14", "conv15"}));
}

// YOLOv8l: 97 convolutions before the last head, whose ends are conv100 and conv103.
TEST(LayerOrder, ProvisionalNamesAreComparedAsText) {
  Net net;
  net.conv("c1", "x");
  for (int i = 2; i <= 97; ++i) net.conv(cat("c", i), cat("c", i - 1));
  add_level(net, "p5", "c97", true);
  EXPECT_EQ(net.called({"c97", "p5r1", "p5r2", "p5r3", "p5c1", "p5c2", "p5c3"}),
            (Names{"conv97", "conv98", "conv99", "conv100", "conv101", "conv102", "conv103"}));
}

// YOLO11: the class branch is depthwise, convolution, depthwise, convolution, convolution.
TEST(LayerOrder, ConvolutionsComeBeforeDepthwiseOnes) {
  Net net;
  net.conv("stem", "x").conv("s", "stem").conv("r1", "stem").conv("r2", "r1").conv("r3", "r2").output("r3");
  net.depthwise("d1", "stem").conv("c2", "d1").depthwise("d3", "c2").conv("c4", "d3").conv("c5", "c4").output("c5");
  net.concat("join", {"s", "x"}).conv("next", "join").output("next");
  EXPECT_EQ(net.called({"s", "r1", "r2", "r3", "d1", "c2", "d3", "c4", "c5", "next"}),
            (Names{"conv2", "conv3", "conv4", "conv5", "dw1", "conv6", "dw2", "conv7", "conv8", "conv9"}));
}

TEST(LayerOrder, EveryLayerIsInOneUnit) {
  Net net;
  net.conv("stem", "x").op("turned", Transpose{{0, 2, 1, 3}}, {"stem"});
  add_level(net, "p3", "turned", false).output("p3next");
  std::vector<int> seen(net.graph.layers.size());
  for (const LayerUnit& unit : numbering_order(net.graph)) {
    ++seen[static_cast<uint32_t>(unit.lead)];
    for (LayerId id : unit.fused) ++seen[static_cast<uint32_t>(id)];
  }
  EXPECT_EQ(seen, std::vector<int>(net.graph.layers.size(), 1));
}

TEST(LayerKind, TheUnitOfALayerIsKnownByItsName) {
  EXPECT_EQ(unit_name("conv12"), "conv12");
  EXPECT_EQ(unit_name("conv12_activation"), "conv12");
  EXPECT_EQ(unit_name("ew_add3_activation2"), "ew_add3");
  EXPECT_EQ(unit_name("x"), "x");
}

}  // namespace
}  // namespace graupel
