// graupel compile: quantized HAR → HEF.
#include "base/file.h"
#include "compiler/verbs.h"
#include "graupel/command.h"
#include "graupel/print.h"

namespace graupel::cli {
namespace {

struct Options {
  std::string model, output;
  CompileOptions compile;
};

Result<int> compile(const Options& options, const Common& common) {
  GRAUPEL_TRY(const ModelFile model, load_model(options.model));
  if (model.kind != ModelKind::kHar)
    return invalid("'", options.model, "' is ", to_string(model.kind),
                   ", not a HAR; parse and optimize the model first");
  GRAUPEL_TRY(const Compiled compiled, compile_har(*model.har, model.hash, options.compile));
  const std::string path = options.output.empty() ? with_extension(options.model, ".hef") : options.output;
  GRAUPEL_DO(write_file(path, compiled.hef));
  const Program& program = compiled.program;
  int64_t total_macs = 0;
  for (const Instr& instr : program.instrs) total_macs += macs(instr);
  if (common.json) {
    print_json({{"hef", path},
                {"har_hash", model.hash},
                {"instructions", program.instrs.size()},
                {"arena_bytes", program.arena_size},
                {"constant_bytes", program.constants.size()},
                {"macs", total_macs}});
  } else {
    print_line(cat(path, ": ", program.instrs.size(), " instructions, arena ", number(program.arena_size / 1048576.0),
                   " MiB, constants ", number(static_cast<double>(program.constants.size()) / 1048576.0), " MiB, ",
                   number(static_cast<double>(total_macs) / 1e6), " M multiply-accumulates"));
  }
  return kOk;
}

}  // namespace

void add_compile(CLI::App& app, Common& common, Action& action) {
  CLI::App* verb = add_verb(app, common, "compile", "Compile a quantized HAR into a HEF");
  auto options = std::make_shared<Options>();
  verb->add_option("har", options->model, "The HAR")->required();
  verb->add_option("-o,--output", options->output, "The HEF to write (default: beside the HAR)");
  verb->add_flag("--vendor-inspectable", options->compile.vendor_inspectable,
                 "Let the vendor's tools open the file: leave out the extension at which their runtimes refuse it");
  verb->callback([options, &common, &action] { action = [options, &common] { return compile(*options, common); }; });
}

}  // namespace graupel::cli
