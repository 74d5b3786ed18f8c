#include "compiler/load_recipe.h"

#include <algorithm>
#include <filesystem>

#include "base/file.h"
#include "har/archive.h"
#include "har/graph_json.h"
#include "recipe/commands.h"

namespace graupel {
namespace {

namespace fs = std::filesystem;

/// What the vendor's compiler puts between layers; scripts that it wrote itself remove them again.
bool is_made_by_compiler(const ScriptValue& value) {
  return value.text.find("format_conversion") != std::string::npos ||
         value.text.find("precision_change") != std::string::npos;
}

std::string without_scope(const std::string& name) { return name.substr(name.rfind('/') + 1); }

/// Every layer that an acting command names must exist, in the model or by an earlier command. Returns sentences on
/// patterns that match none.
Result<std::vector<std::string>> check_layers(const Recipe& recipe, LayerNames names) {
  std::vector<std::string> unmatched;
  for (const RecipeCommand& command : recipe.commands) {
    if (command.row->stage == RecipeStage::kCompiler) continue;
    for (const ScriptArgument& argument : command.arguments) {
      const ArgumentKind kind = argument.row->kind;
      if (command.row->state != RecipeState::kActs || (kind != ArgumentKind::kLayer && kind != ArgumentKind::kLayers))
        continue;
      if (command.name == "remove_node" && is_made_by_compiler(argument.value)) continue;
      for (const ScriptValue& value : command.values(argument.row->name)) {
        GRAUPEL_TRY(const auto found, resolve_layers({value}, names).within(command.title()));
        if (found.empty())
          unmatched.push_back(cat(value.at.text(), ": the pattern {", value.text, "} of ", command.title(),
                                  " matches no layer and changes nothing"));
      }
    }
    for (const std::string& name : command.returns) names.names.push_back(without_scope(name));
  }
  return unmatched;
}

void make_absolute(ScriptValue& value, const std::string& folder) {
  const fs::path path(value.text);
  if (path.is_relative()) value.text = (fs::path(folder) / path).lexically_normal().string();
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

/// One sentence for all commands that steer the hardware, one for arguments without an effect, one for commands that
/// came too late.
std::vector<std::string> sentences(const Recipe& recipe, Stage stage) {
  std::vector<std::string> messages, ignored, arguments, late;
  const auto note = [](std::vector<std::string>& names, const std::string& name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  };
  for (const RecipeCommand& command : recipe.commands) {
    const std::string title = command.title();
    if (command.row->state == RecipeState::kIgnored) {
      note(ignored, title);
      continue;
    }
    const bool modifies = command.row->stage == RecipeStage::kModification;
    if (stage == Stage::kQuantized || (stage == Stage::kOptimized && modifies)) {
      note(late, title);
      continue;
    }
    for (const ScriptArgument& argument : command.arguments)
      if (argument.row->ignored && argument.value.text != argument.row->fallback)
        note(arguments, cat(argument.row->name, " of ", title));
  }
  if (!late.empty())
    messages.push_back(cat("the model is ", to_string(stage), " already; not applied again: ", joined(late)));
  if (!ignored.empty())
    messages.push_back(cat("without an effect here, because they steer the vendor's hardware: ", joined(ignored)));
  if (!arguments.empty()) messages.push_back(cat("arguments without an effect here: ", joined(arguments)));
  return messages;
}

}  // namespace

LayerNames layer_names(const Graph& graph) {
  LayerNames names{file_safe_name(graph.name), {}};
  for (ValueId id : graph.inputs) names.names.push_back(graph[id].name);
  for (const Layer& layer : graph.layers) names.names.push_back(layer.name);
  for (std::size_t i = 0; i < graph.outputs.size(); ++i) names.names.push_back(cat("output_layer", i + 1));
  return names;
}

Result<std::vector<std::string>> load_recipe(Har& har, const std::string& text, const std::string& folder,
                                             bool append) {
  if (!har.parsed) return invalid("the HAR has no parsed graph; parse the model again");
  GRAUPEL_TRY(const Recipe recipe, parse_recipe(text));
  std::string whole = append && !har.recipe.empty() ? har.recipe : std::string();
  if (!whole.empty() && whole.back() != '\n') whole += '\n';
  whole += text;
  GRAUPEL_TRY(const Recipe all, parse_recipe(whole));
  GRAUPEL_TRY(std::vector<std::string> messages, check_layers(all, layer_names(*har.parsed)));
  har.recipe = whole;
  // Appended text seldom has paths of its own; the first script's keep their meaning.
  if (!append || har.recipe_folder.empty()) har.recipe_folder = folder;
  for (std::string& sentence : sentences(recipe, har.stage())) messages.push_back(std::move(sentence));
  return messages;
}

Result<std::vector<std::string>> load_recipe_file(Har& har, const std::string& path, bool append) {
  GRAUPEL_TRY(const MappedFile file, MappedFile::open(path));
  std::error_code error;
  const fs::path absolute = fs::absolute(path, error);
  if (error) return io_error("'", path, "': ", error.message());
  return load_recipe(har, std::string(to_text(file.bytes())), absolute.parent_path().string(), append)
      .within("'", path, "'");
}

Result<Recipe> effective_recipe(const Har& har) {
  GRAUPEL_TRY(Recipe recipe, parse_recipe(har.recipe).within("the HAR's model script"));
  std::string folder = har.recipe_folder;
  if (folder.empty()) {
    std::error_code error;
    folder = fs::current_path(error).string();
    if (error) return io_error("the working directory: ", error.message());
  }
  for (RecipeCommand& command : recipe.commands)
    for (ScriptArgument& argument : command.arguments)
      if (argument.row->kind == ArgumentKind::kPath) make_absolute(argument.value, folder);
  return recipe;
}

Result<std::optional<int>> calibration_frames(const Har& har) {
  GRAUPEL_TRY(const Recipe recipe, parse_recipe(har.recipe).within("the HAR's model script"));
  std::optional<int> frames;
  for (const RecipeCommand& command : recipe.commands)
    if (command.row->feature == "calibration" && command.has("calibset_size"))
      frames = static_cast<int>(command.number("calibset_size"));
  return frames;
}

}  // namespace graupel
