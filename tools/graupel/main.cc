// graupel: the command line. Each verb is one file; this one parses arguments and turns errors into exit codes.
#include <cstdio>

#include "graupel/command.h"

namespace graupel::cli {

CLI::App* add_verb(CLI::App& app, Common& common, const std::string& name, const std::string& description) {
  CLI::App* verb = app.add_subcommand(name, description);
  verb->add_flag("--json", common.json, "Print the result as JSON on stdout");
  verb->add_option("--threads", common.threads, "Threads to use (default: all CPUs); results never depend on it")
      ->check(CLI::Range(1, 1024));
  return verb;
}

void add_input_options(CLI::App& verb, InputOptions& options) {
  verb.add_option("--input", options.input, "Picture, .npy, .npz, or a folder of them")->required();
  verb.add_option("--limit", options.limit, "Use at most this many frames")->check(CLI::PositiveNumber);
}

Result<Dataset> open_dataset(const InputOptions& options, std::vector<InputSpec> inputs) {
  GRAUPEL_TRY(Dataset dataset, Dataset::open(options.input, std::move(inputs)));
  if (options.limit > 0) dataset.limit(options.limit);
  return dataset;
}

const std::vector<std::string>& stage_names() {
  static const std::vector<std::string> kNames{"native", "optimized", "quantized", "compiled"};
  return kNames;
}

namespace {

int exit_code(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalid:
    case ErrorCode::kUnsupported: return kRefused;
    case ErrorCode::kCorrupt:
    case ErrorCode::kMismatch: return kDamaged;
    case ErrorCode::kNotFound:
    case ErrorCode::kIo: return kMissing;
  }
  return kRefused;
}

constexpr const char* kFooter =
    "Exit codes: 0 done; 1 compare or verify found a difference; 2 the command line is wrong;\n"
    "3 the input is invalid or not supported; 4 a file is damaged or does not fit another;\n"
    "5 something was not found or the system refused.\n"
    "GRAUPEL_ISA=ref|avx2|avx512 limits the instruction set; results never depend on it.";

int run(int argc, char** argv) {
  CLI::App app("Graupel: from a trained ONNX model to a compiled program that runs on a CPU");
  app.name("graupel");
  app.footer(kFooter);
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string("graupel " GRAUPEL_VERSION));
  Common common;
  Action action;
  for (const auto add :
       {add_parse, add_optimize, add_compile, add_run, add_compare, add_verify, add_inspect, add_recipe, add_bench})
    add(app, common, action);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& fault) {
    return app.exit(fault) == 0 ? kOk : kUsage;
  }
  const Result<int> result = action();
  if (result.ok()) return *result;
  std::fprintf(stderr, "graupel: %s\n", result.error().text().c_str());
  return exit_code(result.error().code);
}

}  // namespace
}  // namespace graupel::cli

int main(int argc, char** argv) { return graupel::cli::run(argc, argv); }
