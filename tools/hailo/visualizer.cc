// hailo visualizer: the network of a HAR as a picture, drawn by Graphviz.
#include <spawn.h>
#include <sys/wait.h>

#include <cstring>

#include "base/file.h"
#include "hailo/command.h"
#include "hailo/log.h"
#include "ir/layer_kind.h"

extern char** environ;

namespace graupel::hailo {
namespace {

struct Options {
  std::string har, output;
  bool no_browser = false;
};

/// A label's text, safe inside double quotes.
std::string quoted(const std::string& text) {
  std::string result;
  for (char c : text) result += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  return '"' + result + '"';
}

std::string dot_of(const Graph& graph) {
  std::string dot =
      cat("digraph ", quoted(graph.name), " {\n node [shape=box, style=filled, fillcolor=white, fontname=sans];\n");
  const auto node = [&](const std::string& id, const std::string& label, const char* color) {
    dot += cat(" ", quoted(id), " [label=", quoted(label), ", fillcolor=", color, "];\n");
  };
  const auto edge = [&](const std::string& from, const std::string& to, const Shape& shape) {
    dot += cat(" ", quoted(from), " -> ", quoted(to), " [label=", quoted(to_string(shape)), ", fontsize=9];\n");
  };
  std::vector<std::string> source(graph.values.size());
  for (std::size_t i = 0; i < graph.inputs.size(); ++i) {
    source[static_cast<uint32_t>(graph.inputs[i])] = cat("input_layer", i + 1);
    node(cat("input_layer", i + 1), cat("input_layer", i + 1), "lightblue");
  }
  for (const Layer& layer : graph.layers) {
    source[static_cast<uint32_t>(layer.out[0])] = layer.name;
    node(layer.name, cat(layer.name, " (", layer_kind(graph, layer), ")"), "white");
    for (ValueId id : layer.in)
      if (!graph[id].constant) edge(source[static_cast<uint32_t>(id)], layer.name, graph[id].type.shape);
  }
  for (std::size_t i = 0; i < graph.outputs.size(); ++i) {
    node(cat("output_layer", i + 1), cat("output_layer", i + 1), "lightgrey");
    edge(source[static_cast<uint32_t>(graph.outputs[i])], cat("output_layer", i + 1),
         graph[graph.outputs[i]].type.shape);
  }
  return dot + "}\n";
}

/// Runs `dot -Tsvg from -o to`. Errors: not_found (no dot), invalid (dot fails).
Result<> draw(const std::string& from, const std::string& to) {
  const char* arguments[] = {"dot", "-Tsvg", from.c_str(), "-o", to.c_str(), nullptr};
  pid_t child = 0;
  const int failed = posix_spawnp(&child, "dot", nullptr, nullptr, const_cast<char* const*>(arguments), environ);
  if (failed != 0)
    return not_found("Graphviz' `dot` cannot be started (", std::strerror(failed), "); install the package graphviz; '",
                     from, "' holds the drawing's text");
  int status = 0;
  waitpid(child, &status, 0);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return invalid("`dot` failed on '", from, "'");
  return {};
}

Result<> visualize(const Options& options) {
  GRAUPEL_TRY(const ModelFile model, open_har(options.har));
  const std::string svg = options.output.empty() ? model.har->name + ".svg" : options.output;
  const std::string dot = with_extension(svg, ".dot"), text = dot_of(model.har->latest());
  GRAUPEL_DO(write_file(dot, std::as_bytes(std::span(text))));
  GRAUPEL_DO(draw(dot, svg));
  info(cat("Saved the network's picture to: ", svg));
  return {};
}

}  // namespace

void add_visualizer(CLI::App& app, Action& action) {
  CLI::App* verb = app.add_subcommand("visualizer", "Draw the network of a HAR");
  auto options = std::make_shared<Options>();
  verb->add_option("har_path", options->har, "The HAR")->required();
  verb->add_option("--out-path", options->output, "The SVG to write (default: <net>.svg)");
  verb->add_flag("--no-browser", options->no_browser, "No browser is opened anyway");
  verb->callback([options, &action] { action = [options] { return visualize(*options); }; });
}

void add_refused(CLI::App& app, Action& action) {
  const std::pair<const char*, const char*> refusals[] = {
      {"tb", "there is no TensorBoard log; use `hailo visualizer`"},
      {"tutorial", "there are no notebooks; the README shows the flow"},
      {"runtime-profiler", "there is no device trace; use `hailo profiler`"},
      {"har-onnx-rt", "the cut-off part of a model is not combined with a HAR"},
      {"dfc-studio", "there is no graphical program"},
  };
  for (const auto& [name, reason] : refusals) {
    CLI::App* verb = app.add_subcommand(name, cat("Not available: ", reason));
    verb->allow_extras();
    verb->callback(
        [name, reason, &action] { action = [name, reason]() -> Result<> { return unsupported(name, ": ", reason); }; });
  }
}

}  // namespace graupel::hailo
