// hailo compiler: quantized HAR → HEF and compiled HAR.
#include <algorithm>
#include <filesystem>

#include "base/file.h"
#include "compiler/connections.h"
#include "compiler/verbs.h"
#include "hailo/command.h"
#include "hailo/log.h"

namespace graupel::hailo {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string har, script, folder = ".", output, arch, auto_script;
};

/// Layers of the compiled graph, and which layer feeds which.
void print_layers(const Har& har) {
  std::vector<std::string> names;
  for (ValueId id : har.quantized->inputs) names.push_back((*har.quantized)[id].name);
  const std::vector<Connection> connections = layer_connections(*har.quantized, har.modifications);
  for (const Connection& one : connections)
    if (std::find(names.begin(), names.end(), one.to) == names.end()) names.push_back(one.to);
  std::string all;
  for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
  info(cat(har.quantized->name, "_context_0: ", all));
  info("Layer connections:");
  for (const Connection& one : connections)
    info(cat("  ", one.from, " -> ", one.to, one.folded ? cat(" (which computes ", one.from, " itself)") : ""));
}

Result<> compile(const Options& options) {
  warn_unused("--auto-model-script", !options.auto_script.empty());
  GRAUPEL_TRY(ModelFile model, open_har(options.har));
  Har& har = *model.har;
  if (!har.quantized)
    return invalid("'", options.har, "' is at stage ", to_string(har.stage()),
                   "; run `hailo optimize` with calibration data first");
  if (!options.arch.empty()) har.hw_arch = options.arch;
  if (!options.script.empty()) GRAUPEL_DO(load_script(har, options.script));
  info("Loading network parameters");
  info("Starting Hailo allocation and compilation flow");
  const Stopwatch time;
  GRAUPEL_TRY(const Compiled compiled, compile_har(har, model.hash));
  print_layers(har);
  info(cat("Successful Mapping (allocation time: ", time.text(), ")"));
  const fs::path hef = fs::path(options.folder) / (har.name + ".hef");
  GRAUPEL_DO(write_file(hef.string(), compiled.hef));
  info(cat("Building HEF: ", compiled.program.instrs.size(), " instructions, ", compiled.hef.size(), " bytes"));
  info(cat("Successful Compilation (compilation time: ", time.text(),
           "): ", fs::absolute(hef).lexically_normal().string()));
  har.hef = std::make_shared<Bytes>(compiled.hef);
  const fs::path output = fs::path(options.folder) / (har.name + "_compiled.har");
  return write_har(har, options.output.empty() ? output.string() : options.output);
}

}  // namespace

void add_compiler(CLI::App& app, Action& action) {
  CLI::App* verb = app.add_subcommand("compiler", "Compile a quantized HAR to a HEF");
  auto options = std::make_shared<Options>();
  verb->add_option("har_path", options->har, "The HAR")->required();
  verb->add_option("--model-script", options->script,
                   "A model script; what concerns the graph must have been given to optimize");
  verb->add_option("--output-dir", options->folder, "Where <net>.hef and <net>_compiled.har go (default: here)")
      ->check(CLI::ExistingDirectory);
  verb->add_option("--output-har-path", options->output, "The HAR to write");
  verb->add_option("--auto-model-script", options->auto_script, "Without an effect: there are no placements to repeat");
  add_hw_arch(*verb, options->arch);
  verb->callback([options, &action] { action = [options] { return compile(*options); }; });
}

}  // namespace graupel::hailo
