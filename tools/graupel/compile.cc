// graupel compile: quantized HAR → HEF.
#include "base/file.h"
#include "compiler/verbs.h"
#include "graupel/command.h"
#include "graupel/print.h"

namespace graupel::cli {
namespace {

struct Options {
  std::vector<std::string> models;
  std::string output, name;
  CompileOptions compile;
};

Result<ModelFile> load_quantized(const std::string& path) {
  GRAUPEL_TRY(ModelFile model, load_model(path));
  if (model.kind != ModelKind::kHar)
    return invalid("'", path, "' is ", to_string(model.kind), ", not a HAR; parse and optimize the model first");
  return model;
}

Result<int> compile_several(const Options& options, const Common& common) {
  if (options.output.empty()) return invalid("several HARs become one HEF: give its path with -o");
  std::vector<ModelFile> models;
  for (const std::string& path : options.models) {
    GRAUPEL_TRY(ModelFile model, load_quantized(path));
    models.push_back(std::move(model));
  }
  std::string name = options.name;
  std::vector<HarFile> hars;
  for (const ModelFile& model : models) {
    hars.push_back({&*model.har, model.hash});
    if (options.name.empty()) name += cat(name.empty() ? "" : "_", model.har->name);
  }
  GRAUPEL_TRY(const CompiledGroup compiled, compile_group(name, hars, options.compile));
  GRAUPEL_DO(write_file(options.output, compiled.hef));
  Json networks = Json::array();
  for (std::size_t i = 0; i < models.size(); ++i) {
    const Program& program = compiled.programs[i];
    networks.push_back({{"name", program.name}, {"har_hash", models[i].hash}, {"instructions", program.instrs.size()}});
    if (!common.json)
      print_line(cat(options.output, ": network ", name, "/", program.name, ", ", program.instrs.size(),
                     " instructions, arena ", number(program.arena_size / 1048576.0), " MiB"));
  }
  if (common.json) print_json({{"hef", options.output}, {"group", name}, {"networks", networks}});
  return kOk;
}

Result<int> compile(const Options& options, const Common& common) {
  if (options.models.size() > 1) return compile_several(options, common);
  if (!options.name.empty()) return invalid("--name names the group of several HARs; one HAR's network has its name");
  GRAUPEL_TRY(const ModelFile model, load_quantized(options.models[0]));
  GRAUPEL_TRY(const Compiled compiled, compile_har(*model.har, model.hash, options.compile));
  const std::string path = options.output.empty() ? with_extension(options.models[0], ".hef") : options.output;
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
  CLI::App* verb = add_verb(app, common, "compile", "Compile quantized HARs into a HEF");
  auto options = std::make_shared<Options>();
  verb->add_option("har", options->models, "The HAR; several become networks of one HEF, which run side by side")
      ->required();
  verb->add_option("-o,--output", options->output, "The HEF to write (default: beside the HAR)");
  verb->add_option("--name", options->name, "Of the network group of several HARs (default: their names, joined)");
  verb->add_flag("--vendor-inspectable", options->compile.vendor_inspectable,
                 "Let the vendor's tools open the file: leave out the extension at which their runtimes refuse it");
  verb->callback([options, &common, &action] { action = [options, &common] { return compile(*options, common); }; });
}

}  // namespace graupel::cli
