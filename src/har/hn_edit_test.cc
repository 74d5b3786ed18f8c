// Edits through HN documents and parameter arrays: what may change changes everywhere, the rest is refused by name.
#include "har/hn_edit.h"

#include <gtest/gtest.h>

#include "har/hn.h"
#include "har/parameters.h"
#include "ir/graph_testing.h"

namespace graupel {
namespace {

/// input → conv1 (output) → dense-like conv2 (output).
Graph two_outputs() {
  Graph graph;
  graph.name = "net";
  GraphBuilder builder(graph);
  const ValueId x = builder.input("input_layer1", {1, 2, 2, 2});
  const auto conv = [&](const std::string& name, ValueId in, uint32_t seed) {
    const ValueId w = builder.constant(random_tensor({1, 1, 2, 2}, seed), name + "/kernel");
    const ValueId b = builder.constant(random_tensor({2}, seed + 1), name + "/bias");
    return builder.layer(name, Conv{}, {in, w, b});
  };
  const ValueId first = conv("conv1", x, 1), second = conv("conv2", first, 3);
  builder.output(first);
  builder.output(second);
  return graph;
}

/// The document with every `from` in its layers, wiring and output order replaced.
JsonOut with_name(const JsonOut& hn, const std::string& from, const std::string& to) {
  std::string text = hn.dump();
  for (std::size_t at = 0; (at = text.find('"' + from + '"', at)) != std::string::npos; at += to.size())
    text.replace(at + 1, from.size(), to);
  return JsonOut::parse(text);
}

std::string refusal(const JsonOut& edited) {
  Graph graph = two_outputs();
  const std::string before = print_graph(graph);
  const Result<> result = apply_hn(graph, edited);
  EXPECT_EQ(print_graph(graph), before) << "a refused edit left something behind";
  return result.ok() ? "" : result.error().text();
}

TEST(HnEdit, TheSameDocumentChangesNothing) {
  Graph graph = two_outputs();
  const std::string before = graph_to_json(graph).dump();
  ASSERT_TRUE(apply_hn(graph, graph_to_vendor_hn(graph)).ok());
  EXPECT_EQ(graph_to_json(graph).dump(), before);
}

TEST(HnEdit, RenamesALayerItsValuesAndItsParameters) {
  Graph graph = two_outputs();
  const Result<> result = apply_hn(graph, with_name(graph_to_vendor_hn(graph), "net/conv2", "net//head/Conv"));
  ASSERT_TRUE(result.ok()) << result.error().text();
  EXPECT_EQ(graph.layers[1].name, "/head/Conv");
  EXPECT_EQ(graph[graph.layers[1].in[1]].name, "/head/Conv/kernel");
  EXPECT_EQ(graph_parameters(graph)[2].name, "net//head/Conv/kernel:0");
  EXPECT_EQ(graph_to_vendor_hn(graph)["net_params"]["output_layers_order"][1], "net//head/Conv");
}

TEST(HnEdit, ReordersOutputs) {
  Graph graph = two_outputs();
  JsonOut hn = graph_to_vendor_hn(graph);
  hn["net_params"]["output_layers_order"] = {"net/conv2", "net/conv1"};
  ASSERT_TRUE(apply_hn(graph, hn).ok());
  EXPECT_EQ(graph[graph.outputs[0]].name, "conv2");
  EXPECT_EQ(graph.output_info[1].origin, "conv1");
}

TEST(HnEdit, SetsAnIntervalActivation) {
  Graph graph = two_outputs();
  JsonOut hn = graph_to_vendor_hn(graph);
  hn["layers"]["net/conv1"]["params"]["activation"] = "relu6";
  ASSERT_TRUE(apply_hn(graph, hn).ok());
  EXPECT_EQ(std::get<Conv>(graph.layers[0].op).clamp, (Clamp{0, 6}));
}

TEST(HnEdit, RefusesOtherEditsByName) {
  const Graph graph = two_outputs();
  JsonOut strides = graph_to_vendor_hn(graph), removed = strides, rewired = strides, tanh = strides, renamed = strides;
  strides["layers"]["net/conv2"]["params"]["strides"] = {1, 2, 2, 1};
  EXPECT_NE(refusal(strides).find("layer 'net/conv2': unsupported: 'params.strides'"), std::string::npos)
      << refusal(strides);
  removed["layers"].erase("net/conv2");
  EXPECT_NE(refusal(removed).find("cannot be added or removed"), std::string::npos);
  rewired["layers"]["net/conv2"]["input"] = {"net/input_layer1"};
  EXPECT_NE(refusal(rewired).find("'input'"), std::string::npos);
  tanh["layers"]["net/conv1"]["params"]["activation"] = "tanh";
  EXPECT_NE(refusal(tanh).find("accepted: linear, relu, relu6"), std::string::npos);
  renamed["name"] = "other";
  EXPECT_NE(refusal(renamed).find("net_name"), std::string::npos);
  EXPECT_NE(refusal(with_name(renamed, "net/conv2", "net/conv1")), "");
  EXPECT_NE(refusal(with_name(graph_to_vendor_hn(graph), "net/conv2", "elsewhere/conv2")).find("scope"),
            std::string::npos);
  EXPECT_NE(refusal(JsonOut::object()).find("has no 'name'"), std::string::npos);
}

TEST(HnEdit, RefusesTextThatIsNoDocument) {
  Graph graph = two_outputs();
  for (const std::string text : {"", "[]", "{\"name\": 1", "{\"name\":\"net\",\"net_params\":[],\"layers\":{}}"})
    EXPECT_FALSE(apply_hn_text(graph, text).ok()) << text;
}

TEST(Parameters, AreReplacedByNameAndTheOthersStay) {
  Graph graph = two_outputs();
  std::vector<NamedTensor> parameters = graph_parameters(graph);
  const NamedTensor bias{parameters[1].name, Tensor::of<float>({2}, {5, 6})};
  ASSERT_TRUE(set_graph_parameters(graph, std::span(&bias, 1)).ok());
  EXPECT_EQ(graph_parameters(graph)[1].tensor.as<float>()[1], 6);
  EXPECT_TRUE(std::ranges::equal(graph_parameters(graph)[0].tensor.bytes(), parameters[0].tensor.bytes()));
}

TEST(Parameters, OfAnotherNameShapeOrTypeAreRefused) {
  Graph graph = two_outputs();
  const NamedTensor unknown{"net/conv9/bias:0", Tensor::of<float>({2}, {5, 6})};
  const NamedTensor longer{"net/conv1/bias:0", Tensor::of<float>({3}, {5, 6, 7})};
  const NamedTensor integers{"net/conv1/bias:0", Tensor::of<int32_t>({2}, {5, 6})};
  for (const NamedTensor* one : {&unknown, &longer, &integers}) {
    const Result<> result = set_graph_parameters(graph, std::span(one, 1));
    ASSERT_FALSE(result.ok());
    EXPECT_NE(result.error().text().find(one->name), std::string::npos) << result.error().text();
  }
}

}  // namespace
}  // namespace graupel
