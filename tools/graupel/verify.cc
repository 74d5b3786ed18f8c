// graupel verify: are the program's bytes the emulation's bytes?
#include "compiler/verify_program.h"
#include "graupel/command.h"
#include "graupel/print.h"

namespace graupel::cli {
namespace {

struct Options {
  std::string hef, har;
  InputOptions input;
  std::vector<std::string> isas;
  VerifyOptions verify;
};

Json json_of(const VerifyReport& report) {
  Json json = {{"equal", !report.difference},
               {"frames", report.frames},
               {"combinations", report.combinations},
               {"runs", report.runs},
               {"bytes_compared", report.bytes_compared},
               {"difference", nullptr}};
  if (const auto& d = report.difference)
    json["difference"] = {{"isa", to_string(d->isa)},
                          {"threads", d->threads},
                          {"batch", d->batch},
                          {"frame", d->frame},
                          {d->in_output_only ? "output" : "layer", d->layer},
                          {"origins", d->origins},
                          {"index", d->index},
                          {"expected", d->expected},
                          {"actual", d->actual}};
  return json;
}

std::string text_of(const VerifyReport& report) {
  if (!report.difference)
    return cat("equal: ", report.bytes_compared, " bytes in ", report.runs, " runs of ", report.frames, " frames, ",
               report.combinations, " combinations of ISA, threads and batch");
  const Difference& d = *report.difference;
  return cat("DIFFERENT at ISA ", to_string(d.isa), ", ", d.threads, " threads, batch ", d.batch, ", frame ", d.frame,
             ": ", d.in_output_only ? "output '" : "first differing layer '", d.layer, "' (", joined(d.origins),
             ") element ", d.index, ": emulation ", d.expected, ", program ", d.actual);
}

Result<int> verify(Options& options, const Common& common) {
  GRAUPEL_TRY(const ModelFile hef, load_model(options.hef));
  GRAUPEL_TRY(const ModelFile har, load_model(options.har));
  if (!hef.hef) return invalid("'", options.hef, "' is not a HEF");
  GRAUPEL_TRY(const Program* const program, only_program(*hef.hef, options.hef));
  if (!har.har || !har.har->quantized) return invalid("'", options.har, "' is not a quantized HAR");
  if (const std::string& hash = hef.hef->info.networks[0].har_hash; !hash.empty() && hash != har.hash)
    return mismatch("'", options.hef, "' was compiled from a HAR with hash ", hash, " but '", options.har, "' has ",
                    har.hash, "; compile it again");
  for (const std::string& name : options.isas) {
    GRAUPEL_TRY(const Isa isa, parse_isa(name));
    options.verify.isas.push_back(isa);
  }
  if (common.threads > 0) options.verify.threads = {common.threads};
  GRAUPEL_TRY(Dataset frames, open_dataset(options.input, input_specs(*har.har->quantized)));
  Progress progress("verifying");
  options.verify.progress = std::ref(progress);
  GRAUPEL_TRY(const VerifyReport report, verify_program(*har.har->quantized, *program, frames, options.verify));
  common.json ? print_json(json_of(report)) : print_line(text_of(report));
  return report.difference ? kDifference : kOk;
}

}  // namespace

void add_verify(CLI::App& app, Common& common, Action& action) {
  CLI::App* verb =
      add_verb(app, common, "verify", "Check that a HEF computes the bytes of its HAR's quantized emulation");
  auto options = std::make_shared<Options>();
  verb->add_option("hef", options->hef, "The HEF")->required();
  verb->add_option("--har", options->har, "The HAR it was compiled from")->required();
  add_input_options(*verb, options->input);
  verb->add_option("--isa", options->isas, "Levels to run (default: all this CPU has)")
      ->delimiter(',')
      ->check(CLI::IsMember({"ref", "avx2", "avx512"}));
  verb->add_option("--thread-counts", options->verify.threads, "Default: 1,2,3")
      ->delimiter(',')
      ->check(CLI::Range(1, 1024));
  verb->add_option("--batches", options->verify.batches, "Default: 1,2,5")->delimiter(',')->check(CLI::Range(1, 4096));
  verb->add_option("--repeats", options->verify.repeats, "Runs of each combination")->check(CLI::PositiveNumber);
  verb->callback([options, &common, &action] { action = [options, &common] { return verify(*options, common); }; });
}

}  // namespace graupel::cli
