// graupel recipe: reads a model script without a model, and lists what scripts may say.
#include "recipe/recipe.h"

#include "base/file.h"
#include "graupel/command.h"
#include "graupel/print.h"
#include "recipe/commands.h"
#include "recipe/listing.h"

namespace graupel::cli {
namespace {

struct Options {
  std::string script;
  bool commands = false;
};

std::string_view state_name(RecipeState state) {
  return state == RecipeState::kActs ? "acts" : state == RecipeState::kNotYet ? "not yet" : "ignored";
}

Result<int> recipe(const Options& options, const Common& common) {
  if (options.commands) {
    std::fputs(command_listing().c_str(), stdout);
    return kOk;
  }
  if (options.script.empty()) return invalid("give a model script, or --commands for what it may say");
  GRAUPEL_TRY(const MappedFile file, MappedFile::open(options.script));
  const std::string_view text(reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size());
  GRAUPEL_TRY(const Recipe parsed, parse_recipe(text).within("'", options.script, "'"));
  if (!common.json) {
    std::fputs(print_recipe(parsed).c_str(), stdout);
    return kOk;
  }
  Json commands = Json::array();
  for (const RecipeCommand& command : parsed.commands)
    commands.push_back({{"line", command.at.line},
                        {"command", command.title()},
                        {"state", state_name(command.row->state)},
                        {"text", print_command(command)}});
  print_json({{"script", options.script}, {"commands", commands}});
  return kOk;
}

}  // namespace

void add_recipe(CLI::App& app, Common& common, Action& action) {
  CLI::App* verb = add_verb(app, common, "recipe", "Check a model script and print it, one command per line");
  auto options = std::make_shared<Options>();
  verb->add_option("script", options->script, "The model script (.alls)");
  verb->add_flag("--commands", options->commands, "Print every command, its arguments and whether it acts");
  verb->callback([options, &common, &action] { action = [options, &common] { return recipe(*options, common); }; });
}

}  // namespace graupel::cli
