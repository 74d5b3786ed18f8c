// HAR round trips: the same graph back, the same bytes again, and every damage found.
#include "har/har.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <map>
#include <random>

#include "har/archive.h"
#include "har/graph_json.h"
#include "har/modifications_json.h"
#include "har/names.h"

namespace graupel {
namespace {

Tensor random_floats(Shape shape, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> uniform(-1, 1);
  auto [tensor, data] = Tensor::make<float>(shape);
  for (int64_t i = 0; i < element_count(shape); ++i) data[i] = uniform(random);
  return tensor;
}

/// Appends a layer whose output type is infer()'s.
ValueId append(Graph& graph, std::string name, Op op, std::vector<ValueId> in) {
  Layer layer{std::move(name), std::move(op), std::move(in), {}, {"/origin/" + std::to_string(graph.layers.size())}};
  const auto type = infer(layer.op, graph.input_types(layer));
  EXPECT_TRUE(type.ok()) << type.error().text();
  layer.out = {graph.add_value(layer.name, *type)};
  graph.layers.push_back(layer);
  return layer.out[0];
}

ValueId add_constant(Graph& graph, std::string name, Tensor tensor) {
  const TensorType type = tensor.type;
  return graph.add_value(std::move(name), type, std::move(tensor));
}

Graph small_graph() {
  Graph graph;
  graph.name = "small";
  const ValueId image = graph.add_value("image", {DType::kF32, {1, 8, 8, 3}, {}});
  Conv conv;
  conv.window = {3, 3, 1, 1, 1, 1, 1, 1};
  conv.pad_bottom = conv.pad_right = 1;
  conv.clamp = {0, std::numeric_limits<float>::infinity()};
  const ValueId first = append(graph, "conv1", conv,
                               {image, add_constant(graph, "kernel", random_floats({3, 3, 3, 4}, 1)),
                                add_constant(graph, "bias", random_floats({4}, 2))});
  const ValueId gate = append(graph, "activation1", Unary{UnaryKind::kSilu, 0, 0}, {first});
  const ValueId sum = append(graph, "ew_add1", Binary{Binary::Kind::kAdd, {}}, {gate, first});
  graph.inputs = {image};
  graph.outputs = {sum, gate};
  Preprocess preprocess;
  preprocess.color = Preprocess::Color::kBgr;
  preprocess.mean = {0.1f, 1e-30f, 3};
  preprocess.declared = true;
  graph.input_info = {{"input.1", {0, 2, 3, 1}, preprocess}};
  graph.output_info = {{"out", {0, 2, 3, 1}, {}}, {"gate", {0, 1, 2, 3}, {}}};
  return graph;
}

/// A detector of one head behind one convolution.
Graph detector_graph() {
  Graph graph;
  graph.name = "detector";
  const ValueId image = graph.add_value("image", {DType::kF32, {1, 4, 4, 3}, {}});
  const auto head = [&](const std::string& name, int64_t channels, unsigned seed) {
    return append(graph, name, Conv{},
                  {image, add_constant(graph, name + "/kernel", random_floats({1, 1, 3, channels}, seed)),
                   add_constant(graph, name + "/bias", random_floats({channels}, seed + 1))});
  };
  Detect detect;
  detect.params.arch = DetectArch::kYolov6;
  detect.params.classes = 2;
  detect.params.image_h = detect.params.image_w = 32;
  detect.params.heads = {{4, 4, 8, 0, 1, -1, {}, {}}};
  const ValueId out = append(graph, "yolov6_nms_postprocess", detect, {head("conv1", 4, 1), head("conv2", 2, 3)});
  graph.inputs = {image};
  graph.outputs = {out};
  graph.input_info = {{"input.1", {0, 2, 3, 1}, {}}};
  graph.output_info = {{"detections", {0, 1, 2, 3}, {}}};
  return graph;
}

void expect_same(const Graph& a, const Graph& b) {
  EXPECT_EQ(graph_to_json(a), graph_to_json(b));
  ASSERT_EQ(a.values.size(), b.values.size());
  for (std::size_t i = 0; i < a.values.size(); ++i) {
    EXPECT_EQ(a.values[i].type, b.values[i].type);
    ASSERT_EQ(a.values[i].constant.has_value(), b.values[i].constant.has_value());
    if (a.values[i].constant) {
      EXPECT_TRUE(std::ranges::equal(a.values[i].constant->bytes(), b.values[i].constant->bytes()));
    }
  }
  for (std::size_t i = 0; i < a.layers.size(); ++i) EXPECT_EQ(a.layers[i].op, b.layers[i].op);
  for (std::size_t i = 0; i < a.input_info.size(); ++i)
    EXPECT_EQ(a.input_info[i].preprocess, b.input_info[i].preprocess);
}

Har small_har() {
  Har har;
  har.name = "small";
  har.parsed = small_graph();
  har.optimized = small_graph();
  har.optimized->stage = Stage::kOptimized;
  har.recipe = "normalization1 = normalization([0.0], [1.0])\n";
  return har;
}

Bytes saved(const Har& har) {
  auto bytes = save_har(har);
  EXPECT_TRUE(bytes.ok()) << bytes.error().text();
  return *bytes;
}

TEST(Har, GivesBackTheGraphsOfEveryStageItHolds) {
  const Har har = small_har();
  const auto back = load_har(saved(har));
  ASSERT_TRUE(back.ok()) << back.error().text();
  EXPECT_EQ(back->name, "small");
  EXPECT_EQ(back->stage(), Stage::kOptimized);
  EXPECT_EQ(back->recipe, har.recipe);
  ASSERT_TRUE(back->parsed.has_value());
  expect_same(*har.parsed, *back->parsed);
  expect_same(*har.optimized, *back->optimized);
  EXPECT_FALSE(back->quantized.has_value());
}

TEST(Har, KeepsADetectorAndShowsItsSuppression) {
  Har har;
  har.name = "detector";
  har.parsed = detector_graph();
  har.nms_config = "{}\n";
  const Bytes bytes = *save_har(har);
  const Result<Har> loaded = load_har(bytes);
  ASSERT_TRUE(loaded.ok()) << loaded.error().text();
  expect_same(*loaded->parsed, *har.parsed);
  EXPECT_EQ(loaded->parsed->layers.back().op, har.parsed->layers.back().op);
  EXPECT_EQ(loaded->nms_config, har.nms_config);
  std::map<std::string, std::string> members;
  const auto files = read_tar(bytes, bytes.size());
  ASSERT_TRUE(files.ok());
  for (const Member& member : *files) members[member.name] = to_text(member.data);
  EXPECT_EQ(members.at("detector.nms.json"), har.nms_config);
  EXPECT_NE(members.at("detector.metadata.json").find("\"nms_meta_arch\": \"yolov6\""), std::string::npos);
  const JsonIn hn = *parse_json(members.at("detector.hn"));
  const JsonIn& layer = hn["layers"]["detector/yolov6_nms_postprocess"];
  EXPECT_EQ(layer["type"], "postprocess");
  EXPECT_EQ(layer["params"]["meta_arch"], "yolov6");
  EXPECT_EQ(layer["output"][0], "detector/postprocess_output_layer");
  EXPECT_EQ(hn["layers"]["detector/postprocess_output_layer"]["type"], "output_layer");
}

TEST(Har, HasTheSameBytesAgainAndAfterARoundTrip) {
  const Bytes bytes = saved(small_har());
  EXPECT_EQ(bytes, saved(small_har()));
  const auto back = load_har(bytes);
  ASSERT_TRUE(back.ok()) << back.error().text();
  EXPECT_EQ(bytes, saved(*back));
}

TEST(Har, HasTheVendorsMembersAndKeys) {
  const Bytes bytes = saved(small_har());
  const auto members = read_tar(bytes, bytes.size());
  ASSERT_TRUE(members.ok()) << members.error().text();
  std::vector<std::string> names;
  for (const Member& member : *members) names.push_back(member.name);
  EXPECT_EQ(names, (std::vector<std::string>{"small.metadata.json", "small.hn", "small.native.hn", "small.npz",
                                             "small.fpo.npz", "small.alls", "small.original_model_meta.json",
                                             "small.checksum"}));
  const auto hn = parse_json(to_text(members->at(1).data));
  ASSERT_TRUE(hn.ok()) << hn.error().text();
  const JsonIn& conv = (*hn)["layers"]["small/conv1"];
  EXPECT_EQ(conv["type"], "conv");
  EXPECT_EQ(conv["params"]["activation"], "relu");
  EXPECT_EQ(conv["params"]["padding"], "SAME");
  EXPECT_EQ(conv["output_shapes"].size(), 2u) << "one shape per consumer";
  EXPECT_EQ(conv["input_shapes"][0], (JsonIn{-1, 8, 8, 3}));
  EXPECT_EQ((*hn)["net_params"]["output_layers_order"], (JsonIn{"small/ew_add1", "small/activation1"}));
  const auto params = load_npz(members->at(3).data);
  ASSERT_TRUE(params.ok()) << params.error().text();
  EXPECT_EQ(params->at(0).name, "small/conv1/kernel:0");
}

TEST(Har, KeepsTheCompiledProgramAndTheChip) {
  Har har = small_har();
  har.quantized = small_graph();
  har.quantized->stage = Stage::kQuantized;
  har.hef = std::make_shared<Bytes>(to_bytes("the program"));
  har.hw_arch = "hailo8l";
  const Bytes bytes = saved(har);
  EXPECT_NE(to_text(bytes).find("\"state\": \"compiled_model\""), std::string::npos);
  const auto members = read_tar(bytes, bytes.size());
  ASSERT_TRUE(members.ok());
  EXPECT_EQ(members->at(members->size() - 2).name, "small.hef");
  EXPECT_EQ(to_text(members->at(members->size() - 2).data), "the program");
}

TEST(Har, ModificationsAreKeptByLayerAndComeBackInTheirOrder) {
  Har har = small_har();
  har.modifications = {{true, "input_layer1", "normalization", "", true, {1, 4, 4, 3}, {"norm1"}},
                       {true, "input_layer2", "normalization", "", true, {1, 4, 4, 3}, {"norm2"}},
                       {true, "input_layer1", "input_conversion", "nv12_to_rgb", false, {1, 2, 4, 3}, {"a", "b"}},
                       {false, "fc1", "change_output_activation", "sigmoid", true, {1, 36}, {}}};
  const Bytes bytes = saved(har);
  const auto back = load_har(bytes);
  ASSERT_TRUE(back.ok()) << back.error().text();
  EXPECT_EQ(back->modifications, har.modifications);
  const auto members = read_tar(bytes, bytes.size());
  const auto member = std::ranges::find(*members, std::string("small.modifications_meta_data.json"), &Member::name);
  ASSERT_NE(member, members->end());
  const JsonIn json = *parse_json(to_text(member->data));
  EXPECT_EQ(json["inputs"]["small/input_layer1"].size(), 2u);
  EXPECT_EQ(json["inputs"]["small/input_layer1"][1]["conversion_type"], std::string("nv12_to_rgb"));
  EXPECT_EQ(json["outputs"]["small/fc1"][0]["cmd_type"], std::string("change_output_activation"));
  for (const char* wrong :
       {"{}", R"({"inputs": [], "outputs": {}})", R"({"inputs": {"other/input_layer1": []}, "outputs": {}})",
        R"({"inputs": {"small/x": [{}]}, "outputs": {}})",
        R"({"inputs": {"small/x": [{"position": 1, "cmd_type": "a", "conversion_type": "", "emulate_conversion": true,
            "output_shape": [1], "layers": []}]}, "outputs": {}})"})
    EXPECT_FALSE(modifications_from_json(*parse_json(wrong), "small").ok()) << wrong;
}

TEST(Har, KeepsTheConfigurationOfNmsAndWhatEndNodesCutOff) {
  Har har = small_har();
  har.nms_config = "{}\n";
  har.postprocess_onnx = std::make_shared<Bytes>(to_bytes("the tail"));
  const Bytes bytes = saved(har);
  const auto back = load_har(bytes);
  ASSERT_TRUE(back.ok()) << back.error().text();
  EXPECT_EQ(back->nms_config, har.nms_config);
  ASSERT_NE(back->postprocess_onnx, nullptr);
  EXPECT_EQ(*back->postprocess_onnx, *har.postprocess_onnx);
  std::vector<std::string> names;
  const auto members = read_tar(bytes, bytes.size());
  for (const Member& member : *members) names.push_back(member.name);
  for (const char* name : {"small.nms.json", "small.postprocess.onnx"})
    EXPECT_NE(std::find(names.begin(), names.end(), name), names.end()) << name;
}

TEST(Har, FindsEveryCut) {
  const Bytes bytes = saved(small_har());
  for (std::size_t size = 0; size < bytes.size(); size += size % 512 == 0 ? 1 : 511) {
    const auto result = load_har(ByteSpan(bytes).first(size));
    ASSERT_FALSE(result.ok()) << "cut at " << size;
    EXPECT_EQ(result.error().code, ErrorCode::kCorrupt) << result.error().text();
  }
}

TEST(Har, FindsEveryFlippedByte) {
  const Bytes bytes = saved(small_har());
  constexpr unsigned kSeed = 11;
  std::mt19937 random(kSeed);
  for (std::size_t i = 0; i < bytes.size(); i += 1 + random() % 37) {
    Bytes flipped = bytes;
    flipped[i] ^= static_cast<std::byte>(1u << random() % 8);
    const auto result = load_har(flipped);
    ASSERT_FALSE(result.ok()) << "flipped byte " << i << ", seed " << kSeed;
    EXPECT_EQ(result.error().code, ErrorCode::kCorrupt) << result.error().text();
  }
}

TEST(Har, RefusesAVendorsFileWithAClearSentence) {
  const std::vector<Member> members{{"net.metadata.json", to_bytes(R"({"state": "hailo_model", "hn": "net.hn"})")},
                                    {"net.hn", to_bytes(R"({"name": "net", "layers": {}})")}};
  const auto bytes = write_tar(members);
  ASSERT_TRUE(bytes.ok());
  const auto result = load_har(*bytes);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::kUnsupported);
  EXPECT_NE(result.error().message.find("parse the original ONNX model"), std::string::npos);
}

TEST(Har, RefusesWhatIsNoTar) {
  std::mt19937 random(3);
  Bytes noise(5000);
  std::ranges::generate(noise, [&] { return static_cast<std::byte>(random()); });
  for (const Bytes& bytes : {Bytes(), noise, to_bytes("hello")}) {
    const auto result = load_har(bytes);
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().code, ErrorCode::kCorrupt);
  }
}

/// Loads the small graph after one textual change of its JSON: what a hostile file with a good checksum could say.
Result<Graph> load_changed(const std::string& from, const std::string& to) {
  const Graph graph = small_graph();
  std::string text = print_json(graph_to_json(graph));
  const std::size_t at = text.find(from);
  if (at == std::string::npos) ADD_FAILURE() << "no " << from << " in " << text;
  if (at == std::string::npos) return graph;
  text.replace(at, from.size(), to);
  GRAUPEL_TRY(const JsonIn json, parse_json(text));
  return graph_from_json(json, graph_constants(graph));
}

TEST(GraphJson, RefusesHostileContent) {
  ASSERT_TRUE(load_changed("\"small\"", "\"other\"").ok());
  const std::pair<const char*, const char*> changes[] = {
      {"\"Conv\"", "\"Convolution\""},
      {"\"Silu\"", "\"Sulu\""},
      {"\"stride_h\": 1", "\"stride_h\": 0"},
      {"\"stride_h\": 1", "\"stride_h\": -1"},
      {"\"groups\": 1", "\"groups\": 0"},
      {"\"groups\": 1", "\"groups\": 2147483648"},
      {"\"kernel_h\": 3", "\"kernel_h\": 4"},
      {"\"pad_top\": 1", "\"pad_top\": -2147483648"},
      {"\"dilation_w\": 1", "\"dilation_w\": 0"},
      {"\"version\": 1", "\"version\": 2"},
      {"\"parsed\"", "\"quantized\""},
      {"\"bgr\"", "\"cmyk\""},
      {"\"scale\": 1.0", "\"scale\": 0.0"},
      {"\"residual\": false", "\"residual\": true"},
      {"kernel:0", "kernel:1"},
      {"\"lo\": 0.0", "\"lo\": \"minus\""},
      {"\"outputs\": [", "\"outputs\": [99,"},
      {"\"shape\": [", "\"shape\": [1000000000, 1000000000,"},
  };
  for (const auto& [from, to] : changes) EXPECT_FALSE(load_changed(from, to).ok()) << from << " -> " << to;
}

TEST(GraphJson, FloatsReadBackTheSameBits) {
  constexpr unsigned kSeed = 5;
  std::mt19937 random(kSeed);
  std::vector<float> floats{0.0f, -0.0f, 1.0f / 3, 1e-45f, 3.4028235e38f, -16777217.0f};
  while (floats.size() < 2000) {
    const float value = std::bit_cast<float>(static_cast<uint32_t>(random()));
    if (!std::isnan(value)) floats.push_back(value);
  }
  const auto json = parse_json(print_json(value_to_json(floats)));
  ASSERT_TRUE(json.ok()) << json.error().text();
  std::vector<float> back;
  ASSERT_TRUE(value_from_json(*json, back).ok());
  ASSERT_EQ(back.size(), floats.size());
  for (std::size_t i = 0; i < floats.size(); ++i)
    EXPECT_EQ(std::bit_cast<uint32_t>(back[i]), std::bit_cast<uint32_t>(floats[i])) << floats[i] << ", seed " << kSeed;
}

TEST(Names, SpellEveryUnaryKindOnce) {
  auto names = std::vector<std::string_view>(enum_names<UnaryKind>().begin(), enum_names<UnaryKind>().end());
  EXPECT_TRUE(std::ranges::none_of(names, &std::string_view::empty));
  std::ranges::sort(names);
  EXPECT_EQ(std::ranges::adjacent_find(names), names.end());
  EXPECT_EQ(*parse_enum<UnaryKind>(enum_name(UnaryKind::kSign)), UnaryKind::kSign);
}

}  // namespace
}  // namespace graupel
