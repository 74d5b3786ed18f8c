// Tests of model scripts: the grammar, the command table, layer names, and that the documentation is current.
#include "recipe/recipe.h"

#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <set>
#include <sstream>

#include "recipe/commands.h"
#include "recipe/layer_names.h"
#include "recipe/listing.h"

namespace graupel {
namespace {

Recipe parsed(std::string_view text) {
  Result<Recipe> recipe = parse_recipe(text);
  EXPECT_TRUE(recipe.ok()) << text << ": " << (recipe.ok() ? "" : recipe.error().text());
  return recipe.ok() ? *recipe : Recipe{};
}

std::string refused(std::string_view text) {
  const Result<Recipe> recipe = parse_recipe(text);
  EXPECT_FALSE(recipe.ok()) << text;
  return recipe.ok() ? "" : recipe.error().message;
}

void expect_refused(std::string_view text, std::initializer_list<std::string_view> parts) {
  const std::string message = refused(text);
  for (std::string_view part : parts)
    EXPECT_NE(message.find(part), std::string::npos) << text << "\nsays: " << message << "\nlacks: " << part;
}

TEST(Grammar, PrintsOneCommandPerLineWithoutCommentsAndBlanks) {
  const std::string text =
      "\xEF\xBB\xBF# a whole line\r\n"
      "\n"
      "  norm = normalization([0.0,0.0 , 0.0], [255.0, 255.0, 255.0]) # behind\t\r\n"
      "post_quantization_optimization(finetune, policy = enabled, loss_layer_names=[conv1,\n"
      "    conv2,   # the second\n"
      "    conv3,], learning_rate=1e-5 )  \n"
      "nms_postprocess('a b.json', yolov5,engine=cpu)\n"
      "quantization_param({conv_feature_splitter[0-9]*_[2-3]},precision_mode=a8_w8)";
  EXPECT_EQ(print_recipe(parsed(text)),
            "norm = normalization([0.0, 0.0, 0.0], [255.0, 255.0, 255.0])\n"
            "post_quantization_optimization(finetune, policy=enabled, loss_layer_names=[conv1, conv2, conv3], "
            "learning_rate=1e-5)\n"
            "nms_postprocess(\"a b.json\", yolov5, engine=cpu)\n"
            "quantization_param({conv_feature_splitter[0-9]*_[2-3]}, precision_mode=a8_w8)\n");
}

TEST(Grammar, BindsSeveralNamesOneNameOrBraces) {
  const Recipe recipe = parsed(
      "a, net/b-1, c = defuse(conv1, 2)\n{} = defuse_block(matmul1, matmul2, defuse_count=4)\nctx = context([conv1])");
  ASSERT_EQ(recipe.commands.size(), 3u);
  EXPECT_EQ(recipe.commands[0].returns, (std::vector<std::string>{"a", "net/b-1", "c"}));
  EXPECT_TRUE(recipe.commands[1].braces);
  EXPECT_EQ(recipe.commands[1].values("layers").size(), 2u);
  EXPECT_EQ(recipe.commands[2].returns, std::vector<std::string>{"ctx"});
}

TEST(Grammar, CallsMethodsOfNames) {
  const Recipe recipe = parsed("ctx.place(0, [conv1, conv_sd0-3])");
  ASSERT_EQ(recipe.commands.size(), 1u);
  EXPECT_EQ(recipe.commands[0].object, "ctx");
  EXPECT_EQ(recipe.commands[0].name, "place");
  EXPECT_EQ(print_recipe(recipe), "ctx.place(0, [conv1, conv_sd0-3])\n");
}

TEST(Grammar, ReadsNumbersWithUnitsOfTime) {
  const Recipe recipe = parsed("allocator_param(timeout=25m, cluster_timeout=5h, splitter_timeout=600)");
  EXPECT_EQ(recipe.commands[0].number("timeout"), 1500);
  EXPECT_EQ(recipe.commands[0].number("cluster_timeout"), 18000);
  EXPECT_EQ(recipe.commands[0].number("splitter_timeout"), 600);
  EXPECT_EQ(print_recipe(recipe), "allocator_param(timeout=25m, cluster_timeout=5h, splitter_timeout=600)\n");
}

TEST(Grammar, TellsWhereAScriptIsBroken) {
  expect_refused("set_seed(seed=1)\nset_seed(seed=1", {"line 2, column 9", "never closed"});
  expect_refused("set_seed seed", {"line 1, column 10", "'('"});
  expect_refused("nms_postprocess(\"a.json, yolov5)", {"line 1, column 17", "closing"});
  expect_refused("quantization_param({conv*, a)", {"line 1, column 20", "}"});
  expect_refused("set_seed(seed=1) set_seed(seed=2)", {"line 1, column 18", "one command per line"});
  expect_refused("set_seed(seed=1.2.3)", {"line 1, column 15", "neither a name nor a number"});
  expect_refused("set_seed(seed=@)", {"line 1, column 15", "'@'"});
  expect_refused("normalization([1 2], [1, 2])", {"line 1, column 18", "',' or ']'"});
  expect_refused("normalization(mean=[1], [2])", {"line 1, column 25", "without a name"});
  expect_refused("normalization(" + std::string(40, '[') + ")", {"deep"});
}

TEST(Table, RefusesWhatItDoesNotKnowAndNamesTheNearest) {
  expect_refused("\n  normalisation([0], [1])", {"line 2, column 3", "'normalisation'", "'normalization'"});
  expect_refused("allocator_param(timout=1)", {"line 1, column 17", "'timout'", "'timeout'"});
  expect_refused("pre_quantization_optimization(equalisation, policy=enabled)",
                 {"line 1, column 31", "'equalisation'", "'equalization'"});
  expect_refused("quantization_param(conv1, precision_mode=a8_w9)", {"line 1, column 42", "'a8_w9'", "'a8_w8'"});
  expect_refused("change_output_activation(sigmoyd)", {"'sigmoyd'", "'sigmoid'"});
  expect_refused("model_optimization_config(batch_size=1)", {"starts with what it sets", "'calibration'"});
}

TEST(Table, RefusesValuesOfAnotherKind) {
  expect_refused("set_seed(seed=1.5)", {"'1.5'", "integer"});
  expect_refused("model_optimization_flavor(optimization_level=5)", {"'5'", "'4'"});
  expect_refused("normalization(mean, [1])", {"'mean'", "numbers"});
  expect_refused("pre_quantization_optimization(equalization, policy=perhaps)", {"'perhaps'", "enabled"});
  expect_refused("quantization_param(conv1, max_elementwise_feed_repeat=2m)", {"'2m'"});
  expect_refused("post_quantization_optimization(finetune, loss_types=[l2, l3])", {"'l3'", "'l2rel'"});
}

TEST(Table, RefusesMissingRepeatedAndSurplusArguments) {
  expect_refused("normalization([0])", {"needs the argument 'std'"});
  expect_refused("set_seed(seed=1, seed=2)", {"given twice"});
  expect_refused("remove_node(conv1, conv2)", {"line 1, column 20", "no further value"});
  expect_refused("x = change_output_activation(sigmoid)", {"'x'"});
}

TEST(Table, LetsOptionalPlacesGiveWay) {
  EXPECT_FALSE(parsed("change_output_activation(sigmoid)").commands[0].has("layer"));
  const Recipe named = parsed("change_output_activation(net/conv3, sigmoid)");
  EXPECT_EQ(named.commands[0].word("layer"), "net/conv3");
  EXPECT_EQ(named.commands[0].word("activation"), "sigmoid");
  EXPECT_EQ(parsed("nms_postprocess(meta_arch=yolov8)").commands[0].find("config_path"), nullptr);
  const Recipe nms = parsed("nms_postprocess(\"../Cfg.json\", meta_arch=yolov8)");
  EXPECT_EQ(nms.commands[0].word("config_path"), "../Cfg.json");
  const Recipe buffers = parsed("buffers(a, b, 12, FULL_ROW)");
  EXPECT_FALSE(buffers.commands[0].has("more_rows"));
  EXPECT_EQ(buffers.commands[0].word("format"), "full_row");
}

TEST(Table, GivesDefaultsForWhatIsLeftOut) {
  const RecipeCommand command = parsed("model_optimization_config(calibration)").commands[0];
  EXPECT_EQ(command.number("calibset_size"), 64);
  EXPECT_EQ(command.title(), "model_optimization_config(calibration)");
  EXPECT_TRUE(parsed("pre_quantization_optimization(equalization)").commands[0].enabled("policy"));
  EXPECT_FALSE(parsed("pre_quantization_optimization(equalization, policy=Disabled)").commands[0].enabled("policy"));
}

// Something that an argument of this row accepts.
std::string sample_value(const ArgumentRow& argument) {
  if (!argument.values.empty() && argument.kind != ArgumentKind::kSwitch)
    return std::string(listed_values(argument.values)[0]);
  switch (argument.kind) {
    case ArgumentKind::kInteger:
    case ArgumentKind::kCount: return "3";
    case ArgumentKind::kNumber: return "0.5";
    case ArgumentKind::kNumbers: return "[0.5, -1e3]";
    case ArgumentKind::kDuration: return "25m";
    case ArgumentKind::kSwitch: return "enabled";
    case ArgumentKind::kPath: return "\"file.json\"";
    case ArgumentKind::kLayers: return "[net/conv1, conv2]";
    default: return "conv1";
  }
}

// A call with everything that the row asks for, and besides what `also` picks.
std::string sample_call(const CommandRow& row, const std::function<bool(const ArgumentRow&)>& also) {
  std::vector<std::string> arguments;
  if (!row.feature.empty()) arguments.emplace_back(row.feature);
  for (const ArgumentRow& argument : row.arguments) {
    const bool required = argument.place == ArgumentPlace::kFirst || argument.place == ArgumentPlace::kRest;
    if (required) arguments.push_back(sample_value(argument));
    if (argument.place == ArgumentPlace::kRest) arguments.push_back("conv2");
  }
  for (const ArgumentRow& argument : row.arguments) {
    const bool required = argument.place == ArgumentPlace::kFirst || argument.place == ArgumentPlace::kRest;
    if (!required && also(argument)) arguments.push_back(cat(argument.name, "=", sample_value(argument)));
  }
  std::string text;
  for (const std::string& argument : arguments) text += (text.empty() ? "" : ", ") + argument;
  // Four names for three parts and what joins them.
  return cat(row.name == "defuse" ? "a, b, c, d = " : "", row.name, "(", text, ")\n");
}

TEST(Table, EveryCommandParsesWithEveryArgumentAndPrintsBack) {
  for (const CommandRow& row : command_rows()) {
    const std::string text = sample_call(row, [](const ArgumentRow&) { return true; });
    const Recipe recipe = parsed(text);
    EXPECT_EQ(print_recipe(recipe), text);
    ASSERT_EQ(recipe.commands.size(), 1u) << text;
    EXPECT_EQ(recipe.commands[0].row, &row) << text;
    for (const ArgumentRow& argument : row.arguments) EXPECT_TRUE(recipe.commands[0].has(argument.name)) << text;
  }
}

TEST(Table, HasEachCommandOnceAndDefaultsThatItAccepts) {
  std::set<std::string> titles;
  for (const CommandRow& row : command_rows()) {
    EXPECT_TRUE(titles.insert(cat(row.name, "(", row.feature)).second) << row.name << " " << row.feature;
    EXPECT_FALSE(row.effect.empty()) << row.name;
    std::string text = sample_call(row, [](const ArgumentRow&) { return false; });
    text.resize(text.size() - 2);
    for (const ArgumentRow& argument : row.arguments)
      if (!argument.fallback.empty())
        text += cat(text.back() == '(' ? "" : ", ", argument.name, "=", argument.fallback);
    parsed(text + ")");
  }
}

TEST(Table, ACommandThatMakesSeveralLayersBindsThemAll) {
  parsed("a, b, c = defuse(conv1, 2)\na, b = defuse(conv1, 2, defuse_type=SUPER_DW)\n{} = defuse(conv1, 2)");
  EXPECT_EQ(parse_recipe("a, b = defuse(conv1, 2)").error().message,
            "line 1, column 1: defuse of 2 parts makes 3 layers and binds 2 names; bind one for each");
  EXPECT_EQ(parse_recipe("\na = defuse(conv1, 2, defuse_type=SPATIAL)").error().message,
            "line 2, column 1: defuse of 2 parts makes at least 2 layers and binds 1 names; bind one for each");
}

TEST(Table, CountsBeginAtOne) {
  for (const std::string wrong : {"0", "-1", "1.5", "1e12", "x"})
    EXPECT_NE(parse_recipe(cat("model_optimization_config(calibration, calibset_size=", wrong, ")"))
                  .error()
                  .message.find("line 1, column 54: '" + wrong + "' for 'calibset_size' (accepted: an integer from 1)"),
              std::string::npos)
        << wrong;
}

TEST(Patterns, MatchWholeNames) {
  EXPECT_TRUE(matches_pattern("*", ""));
  EXPECT_TRUE(matches_pattern("conv*", "conv12"));
  EXPECT_FALSE(matches_pattern("conv", "conv1"));
  EXPECT_TRUE(matches_pattern("conv?", "conv1"));
  EXPECT_TRUE(matches_pattern("conv_feature_splitter[0-9]*_[2-3]", "conv_feature_splitter12_3"));
  EXPECT_FALSE(matches_pattern("conv_feature_splitter[0-9]*_[2-3]", "conv_feature_splitter12_1"));
  EXPECT_TRUE(matches_pattern("*1*2", "a1b1c2"));
  EXPECT_TRUE(matches_pattern("[!a-c]x", "dx"));
  EXPECT_FALSE(matches_pattern("[!a-c]x", "bx"));
  EXPECT_TRUE(matches_pattern("a[", "a["));
}

std::vector<ScriptValue> layers_of(const std::string& value) {
  return parsed(cat("quantization_param(", value, ", precision_mode=a8_w8)")).commands[0].values("layers");
}

TEST(Layers, ResolveWithAndWithoutScopeInGraphOrder) {
  const LayerNames known{"net", {"conv1", "conv2", "ew_add1", "fc1"}};
  using Names = std::vector<std::string>;
  EXPECT_EQ(*resolve_layers(layers_of("[fc1, net/conv2]"), known), (Names{"conv2", "fc1"}));
  EXPECT_EQ(*resolve_layers(layers_of("{conv*}"), known), (Names{"conv1", "conv2"}));
  EXPECT_EQ(*resolve_layers(layers_of("{net/ew_add*}"), known), Names{"ew_add1"});
  EXPECT_EQ(*resolve_layers(layers_of("{nothing*}"), known), Names{});
  const auto absent = resolve_layers(layers_of("conv3"), known);
  ASSERT_FALSE(absent.ok());
  EXPECT_NE(absent.error().message.find("line 1, column 20: there is no layer 'conv3'; nearest: 'conv1'"),
            std::string::npos)
      << absent.error().message;
  const auto foreign = resolve_layers(layers_of("other/conv1"), known);
  ASSERT_FALSE(foreign.ok());
  EXPECT_NE(foreign.error().message.find("network 'other'"), std::string::npos) << foreign.error().message;
}

TEST(Listing, IsWhatTheDocumentationSays) {
  std::ifstream file(std::string(GRAUPEL_SOURCE_DIR) + "/docs/recipe.md");
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_EQ(text.str(), command_listing()) << "run: build/release/tools/graupel recipe --commands > docs/recipe.md";
}

}  // namespace
}  // namespace graupel
