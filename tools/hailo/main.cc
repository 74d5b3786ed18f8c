// hailo: the vendor's command line. Each verb is one file; this one parses arguments and turns errors into exit codes.
#include <algorithm>
#include <filesystem>

#include "base/file.h"
#include "base/nearest_names.h"
#include "compiler/load_recipe.h"
#include "hailo/command.h"
#include "hailo/log.h"

namespace graupel::hailo {

namespace fs = std::filesystem;

Result<ModelFile> open_har(const std::string& path) {
  GRAUPEL_TRY(ModelFile model, load_model(path));
  if (model.kind != ModelKind::kHar)
    return invalid("'", path, "' is ", to_string(model.kind),
                   ", not a HAR; run `hailo parser onnx` on the model first");
  return model;
}

Result<std::string> har_or_only_one(const std::string& path) {
  if (!path.empty()) return path;
  std::vector<std::string> found;
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(".", ignored)) {
    if (entry.path().extension() != ".har") continue;
    const Result<ModelFile> model = load_model(entry.path().string());
    if (model.ok() && model->har && model->har->stage() == Stage::kParsed)
      found.push_back(entry.path().filename().string());
  }
  std::sort(found.begin(), found.end());
  if (found.size() == 1) return found[0];
  std::string names;
  for (const std::string& name : found) names += cat(names.empty() ? ": " : ", ", name);
  return invalid("no HAR is given and the current folder has ", found.size(), " that are not optimized yet", names,
                 "; name the HAR before the options");
}

Result<> load_script(Har& har, const std::string& path) {
  GRAUPEL_TRY(const std::vector<std::string> sentences, load_recipe_file(har, path, false));
  info(cat("Loading model script commands to ", har.name, " from ", path));
  for (const std::string& sentence : sentences) warn(sentence);
  return {};
}

Result<> write_har(const Har& har, const std::string& path) {
  GRAUPEL_TRY(const Bytes bytes, save_har(har));
  GRAUPEL_DO(write_file(path, bytes));
  info(cat("Saved HAR to: ", fs::absolute(path).lexically_normal().string()));
  return {};
}

void warn_unused(const std::string& option, bool given) {
  if (given) warn(cat(option, " has no effect here"));
}

void add_hw_arch(CLI::App& verb, std::string& arch) {
  const std::vector<std::string> names(hw_archs().begin(), hw_archs().end());
  verb.add_option("--hw-arch", arch, "The chip that the compiled file says it is for; no number depends on it")
      ->check(CLI::IsMember(names));
}

Result<Dataset> open_frames(const std::string& path, const ModelFile& model, int limit) {
  GRAUPEL_TRY(std::vector<InputSpec> inputs, input_specs(model));
  GRAUPEL_TRY(Dataset frames, Dataset::open(path, std::move(inputs)));
  if (limit > 0) frames.limit(limit);
  return frames;
}

namespace {

/// Option names may be cut short where they stay unambiguous, as the vendor's parser allows.
std::vector<std::string> completed(const CLI::App& app, std::vector<std::string> words) {
  const CLI::App* verb = &app;
  for (std::string& word : words) {
    if (!word.starts_with("-")) {
      const auto named = verb->get_subcommands([&](const CLI::App* one) { return one->get_name() == word; });
      if (!named.empty()) verb = named[0];
      continue;
    }
    if (!word.starts_with("--")) continue;
    const std::string name = word.substr(0, word.find('='));
    std::vector<std::string> matches;
    for (const CLI::Option* option : verb->get_options())
      for (const std::string& longer : option->get_lnames()) {
        if ("--" + longer == name) matches = {"--" + longer, "exact"};
        if (("--" + longer).starts_with(name) && matches.size() != 2) matches.push_back("--" + longer);
      }
    if (matches.size() == 1) word = matches[0] + word.substr(name.size());
  }
  return words;
}

/// A sentence on the first word, when it is to be a verb and is none.
std::string unknown_verb(const CLI::App& app, const std::vector<std::string>& words) {
  if (words.empty() || words[0].starts_with("-")) return {};
  std::vector<std::string> names;
  for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(verb->get_name());
  if (std::find(names.begin(), names.end(), words[0]) != names.end()) return {};
  return cat("there is no verb '", words[0], "'; nearest: ", quoted_list(nearest_names(words[0], names, 3)),
             "; `hailo help` lists them");
}

/// `hailo help`, `hailo help parser`: as -h of that verb.
void add_help(CLI::App& app) {
  CLI::App* verb = app.add_subcommand("help", "This text, or that of a verb");
  auto about = std::make_shared<std::string>();
  verb->add_option("verb", *about, "The verb");
  verb->callback([&app, about] {
    const auto named = app.get_subcommands([&](const CLI::App* one) { return one->get_name() == *about; });
    if (!about->empty() && named.empty())
      throw CLI::ValidationError("help", cat("there is no verb '", *about, "'; `hailo help` lists them"));
    const CLI::App& one = named.empty() ? app : *named[0];
    const std::string name = named.empty() ? app.get_name() : app.get_name() + " " + one.get_name();
    std::printf("%s", app.get_formatter()->make_help(&one, name, CLI::AppFormatMode::Normal).c_str());
    throw CLI::Success();
  });
}

int exit_code(ErrorCode code) {
  const bool refused = code == ErrorCode::kInvalid || code == ErrorCode::kUnsupported;
  const bool damaged = code == ErrorCode::kCorrupt || code == ErrorCode::kMismatch;
  return refused ? 3 : damaged ? 4 : 5;
}

int run(int argc, char** argv) {
  CLI::App app("Hailo SDK's command line, spoken by Graupel: parser, optimize, compiler and what goes with them");
  app.name("hailo");
  app.require_subcommand(1);
  app.set_version_flag("--version",
                       std::string("Hailo Dataflow Compiler v" GRAUPEL_DFC_VERSION " (Graupel " GRAUPEL_VERSION ")"));
  app.footer(
      "Exit codes: 0 done; 2 the command line is wrong; 3 the input is invalid or not supported;\n"
      "4 a file is damaged or does not fit another; 5 something was not found or the system refused.");
  Action action;
  add_help(app);
  for (const auto add : {add_analyze_noise, add_compiler, add_har, add_join, add_optimize, add_params_csv, add_parser,
                         add_profiler, add_refused, add_visualizer})
    add(app, action);
  std::vector<std::string> words = completed(app, {argv + 1, argv + argc});
  if (const std::string sentence = unknown_verb(app, words); !sentence.empty()) {
    std::fprintf(stderr, "hailo: %s\n", sentence.c_str());
    return 2;
  }
  std::reverse(words.begin(), words.end());
  try {
    app.parse(std::move(words));
  } catch (const CLI::ParseError& fault) {
    return app.exit(fault) == 0 ? 0 : 2;
  }
  print_banner(argc, argv);
  const Result<> result = action();
  if (result.ok()) return 0;
  error(result.error().text());
  return exit_code(result.error().code);
}

}  // namespace
}  // namespace graupel::hailo

int main(int argc, char** argv) { return graupel::hailo::run(argc, argv); }
