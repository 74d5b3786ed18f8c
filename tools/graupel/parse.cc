// graupel parse: ONNX → HAR.
#include <charconv>

#include "base/file.h"
#include "graupel/command.h"
#include "graupel/print.h"

namespace graupel::cli {
namespace {

struct Options {
  std::string model, output, preprocess;
  std::vector<std::string> input_shapes;
  bool follow = false;
  ParseOptions parse;
};

/// "name=1x3x224x224" or "name=1,3,224,224".
Result<std::pair<std::string, Shape>> parse_input_shape(const std::string& text) {
  const std::size_t at = text.rfind('=');
  const Error error = invalid("--input-shape '", text, "' (accepted: NAME=1x3x224x224)");
  if (at == std::string::npos || at == 0) return error;
  Shape shape;
  const char *next = text.data() + at + 1, *end = text.data() + text.size();
  while (true) {
    int64_t extent = 0;
    const auto [stop, status] = std::from_chars(next, end, extent);
    if (status != std::errc() || extent < 1) return error;
    shape.push_back(extent);
    if (stop == end) return std::pair{text.substr(0, at), shape};
    if (*stop != 'x' && *stop != ',') return error;
    next = stop + 1;
  }
}

Result<int> parse(Options& options, const Common& common) {
  for (const std::string& text : options.input_shapes) {
    GRAUPEL_TRY(auto shape, parse_input_shape(text));
    options.parse.input_shapes.insert(std::move(shape));
  }
  const Advice advice = options.follow ? Advice::kFollow : Advice::kMention;
  GRAUPEL_TRY(const ParsedFile file, parse_file(options.model, options.parse, options.preprocess, advice));
  const Har& har = file.har;
  GRAUPEL_TRY(const Bytes bytes, save_har(har));
  const std::string path = options.output.empty() ? with_extension(options.model, ".har") : options.output;
  GRAUPEL_DO(write_file(path, bytes));
  const Graph& graph = har.latest();
  if (common.json) {
    print_json({{"har", path},
                {"name", har.name},
                {"stage", to_string(graph.stage)},
                {"layers", graph.layers.size()},
                {"inputs", ports_json(graph, true)},
                {"outputs", ports_json(graph, false)},
                {"messages", file.messages}});
  } else {
    for (const std::string& line : file.messages) print_line(line);
    print_line(cat(path, ": ", graph.layers.size(), " layers"));
    print_ports(graph);
  }
  return kOk;
}

}  // namespace

void add_parse(CLI::App& app, Common& common, Action& action) {
  CLI::App* verb = add_verb(app, common, "parse", "Read an ONNX model and write it as a HAR");
  auto options = std::make_shared<Options>();
  verb->add_option("model", options->model, "The ONNX file")->required();
  verb->add_option("-o,--output", options->output, "The HAR to write (default: beside the model)");
  verb->add_option("--name", options->parse.name, "The network's name (default: the file's)");
  verb->add_option("--start-nodes", options->parse.start_nodes, "Nodes or tensors to begin at")->delimiter(',');
  verb->add_option("--end-nodes", options->parse.end_nodes, "Nodes or tensors to end with")->delimiter(',');
  verb->add_flag("-y", options->follow,
                 "End at the nodes that are recommended for a detector, or before what is not supported");
  verb->add_option("--input-shape", options->input_shapes, "NAME=1x3x224x224 for what the file leaves open");
  verb->add_option("--preprocess", options->preprocess,
                   "YAML that says how pictures are prepared (default: <model>.yaml)");
  verb->callback([options, &common, &action] { action = [options, &common] { return parse(*options, common); }; });
}

}  // namespace graupel::cli
