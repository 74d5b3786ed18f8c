// hailo parser onnx|tf: ONNX → HAR.
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <filesystem>

#include "compiler/parse_file.h"
#include "hailo/command.h"
#include "hailo/log.h"

namespace graupel::hailo {
namespace {

struct Options {
  std::string model, har, arch = "hailo8", report;
  std::vector<std::string> shapes;
  ParseOptions parse;
  bool yes = false, no_metadata = false, compare = false;
  std::string augmented;
};

/// "[1,3,320,320]" for the only input, or "name=[1,3,320,320]".
Result<std::pair<std::string, Shape>> parse_shape(const std::string& text) {
  const std::size_t at = text.rfind('=');
  std::pair<std::string, Shape> result{at == std::string::npos ? "" : text.substr(0, at), {}};
  std::string digits = at == std::string::npos ? text : text.substr(at + 1);
  std::erase_if(digits, [](char c) { return c == '[' || c == ']' || c == ' '; });
  const char *next = digits.data(), *end = next + digits.size();
  while (next < end) {
    int64_t extent = 0;
    const auto [stop, status] = std::from_chars(next, end, extent);
    if (status != std::errc() || (stop != end && *stop != ',')) break;
    result.second.push_back(extent);
    next = stop == end ? end : stop + 1;
  }
  if (next != end || result.second.empty())
    return invalid("--tensor-shapes '", text, "' (accepted: [1,3,320,320] or name=[1,3,320,320])");
  return result;
}

/// The words as they were given: the command line's parser takes "[1,3,320,320]" apart.
std::vector<std::string> rejoined(const std::vector<std::string>& words) {
  std::vector<std::string> shapes;
  bool open = false;
  for (const std::string& word : words) {
    const bool extent = !word.empty() && word.find_first_not_of("0123456789") == std::string::npos;
    if (extent && open)
      shapes.back() += "," + word;
    else
      shapes.push_back(word);
    open = extent;
  }
  return shapes;
}

Result<> read_shapes(Options& options) {
  for (const std::string& text : rejoined(options.shapes)) {
    GRAUPEL_TRY(auto shape, parse_shape(text));
    if (shape.first.empty()) {
      GRAUPEL_TRY(const onnx::Model model, onnx::read_model(options.model));
      if (model.inputs.size() != 1)
        return invalid("--tensor-shapes '", text, "': the model has ", model.inputs.size(), " inputs; give name=[…]");
      shape.first = model.inputs[0].name;
    }
    options.parse.input_shapes.insert(std::move(shape));
  }
  return {};
}

/// -y follows recommendations; on a terminal the user is asked, and elsewhere they are only told.
Advice advice(const Options& options) {
  if (options.yes) return Advice::kFollow;
  if (!options.parse.end_nodes.empty() || isatty(STDIN_FILENO) != 1) return Advice::kMention;
  const Result<onnx::Model> model = onnx::read_model(options.model);
  if (!model.ok() || !recommend_end_nodes(*model, options.parse)) return Advice::kMention;
  std::printf("%s ", std::string(kRetryPrompt).c_str());
  std::fflush(stdout);
  const int answer = std::getchar();
  return answer == 'y' || answer == 'Y' ? Advice::kFollow : Advice::kMention;
}

Result<> parse(Options& options) {
  warn_unused("--augmented-path", !options.augmented.empty());
  warn_unused("--parsing-report-path", !options.report.empty());
  warn_unused("--disable-rt-metadata-extraction", options.no_metadata);
  warn_unused("--compare", options.compare);
  const Stopwatch time;
  if (options.parse.name.empty()) options.parse.name = std::filesystem::path(options.model).stem().string();
  info(cat("Translation started on ONNX model ", options.parse.name));
  GRAUPEL_DO(read_shapes(options));
  GRAUPEL_TRY(ParsedFile file, parse_file(options.model, options.parse, {}, advice(options)));
  for (const std::string& message : file.messages) info(message);
  info(cat("Translation completed on ONNX model ", options.parse.name, " (completion time: ", time.text(), ")"));
  Har& har = file.har;
  har.hw_arch = options.arch;
  return write_har(har, options.har.empty() ? har.name + ".har" : options.har);
}

}  // namespace

void add_parser(CLI::App& app, Action& action) {
  CLI::App* verb = app.add_subcommand("parser", "Translate a network to a HAR");
  verb->require_subcommand(1);
  for (const std::string framework : {"onnx", "tf"}) {
    CLI::App* one =
        verb->add_subcommand(framework, framework == "tf" ? "Not available: convert to ONNX first" : "An ONNX file");
    auto options = std::make_shared<Options>();
    one->add_option("model_path", options->model, "The model")->required();
    add_hw_arch(*one, options->arch);
    one->add_option("--net-name", options->parse.name, "The network's name (default: the file's stem)");
    one->add_option("--har-path", options->har, "The HAR to write (default: <net>.har)");
    one->add_option("--start-node-names", options->parse.start_nodes, "Where the network begins");
    one->add_option("--end-node-names", options->parse.end_nodes, "Where it ends; outputs come in this order");
    one->add_option("--tensor-shapes", options->shapes, "[1,3,320,320] or name=[1,3,320,320]")->delimiter('\0');
    one->add_flag("-y,--yes", options->yes, "Accept recommendations");
    one->add_option("--augmented-path", options->augmented, "Without an effect: there is no augmented model");
    one->add_option("--parsing-report-path", options->report, "Without an effect: what was found is printed");
    one->add_flag("--disable-rt-metadata-extraction", options->no_metadata, "Without an effect: nothing is extracted");
    one->add_flag("--compare", options->compare,
                  "Without an effect; `graupel compare` holds stages against each other");
    one->callback([options, framework, &action] {
      action = [options, framework]() -> Result<> {
        if (framework == "tf")
          return unsupported("'", options->model,
                             "': TensorFlow and TensorFlow Lite models are not read; convert the model to ONNX (for "
                             "example with tf2onnx) and run `hailo parser onnx`");
        return parse(*options);
      };
    });
  }
}

}  // namespace graupel::hailo
