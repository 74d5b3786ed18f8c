// hailo compiler: quantized HAR → HEF and compiled HAR.
#include <algorithm>
#include <filesystem>

#include "base/file.h"
#include "compiler/verbs.h"
#include "hailo/command.h"
#include "hailo/log.h"

namespace graupel::hailo {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string har, script, folder = ".", output, arch, auto_script;
};

/// Layers that a model script put behind input `port` and that were folded into what follows, in order of the data.
std::vector<std::string> folded_layers(const Har& har, const std::string& port) {
  std::vector<std::string> names;
  for (const Modification& modification : har.modifications) {
    if (!modification.of_input || modification.port != port) continue;
    for (const std::string& name : modification.layers) {
      const auto& layers = har.quantized->layers;
      if (std::none_of(layers.begin(), layers.end(), [&](const Layer& layer) { return layer.name == name; }))
        names.insert(names.begin(), name);
    }
  }
  return names;
}

/// Layers of the compiled graph, and which layer feeds which.
void print_layers(const Har& har) {
  const Graph& graph = *har.quantized;
  const Uses uses(graph);
  std::string names;
  std::vector<std::string> connections;
  const auto connect = [&](const std::string& from, ValueId id) {
    for (const LayerId reader : uses.readers[static_cast<uint32_t>(id)])
      connections.push_back(cat("  ", from, " -> ", graph[reader].name));
  };
  for (std::size_t i = 0; i < graph.inputs.size(); ++i) {
    std::string last = cat("input_layer", i + 1);
    names += cat(i == 0 ? "" : ", ", last);
    for (const std::string& folded : folded_layers(har, last)) {
      names += cat(", ", folded);
      connections.push_back(cat("  ", last, " -> ", folded, " (computed by the layer after it)"));
      last = folded;
    }
    connect(last, graph.inputs[i]);
  }
  for (const Layer& layer : graph.layers) {
    names += ", " + layer.name;
    connect(layer.name, layer.out[0]);
  }
  for (std::size_t i = 0; i < graph.outputs.size(); ++i)
    connections.push_back(cat("  ", graph[graph.outputs[i]].name, " -> output_layer", i + 1));
  info(cat(graph.name, "_context_0: ", names));
  info("Layer connections:");
  for (const std::string& connection : connections) info(connection);
}

Result<> compile(const Options& options) {
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
  verb->add_option("--auto-model-script", options->auto_script,
                   "Accepted without effect: there are no placements to repeat");
  add_hw_arch(*verb, options->arch);
  verb->callback([options, &action] { action = [options] { return compile(*options); }; });
}

}  // namespace graupel::hailo
