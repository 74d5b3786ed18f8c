// graupel bench: latency, throughput and where the time goes.
#include "compiler/bench.h"

#include "graupel/command.h"
#include "graupel/print.h"

namespace graupel::cli {
namespace {

struct Options {
  std::string hef;
  BenchOptions bench;
  int layers = 15;
};

Json json_of(const BenchReport& r) {
  Json layers = Json::array();
  for (const LayerTime& layer : r.layers)
    layers.push_back({{"layer", layer.layer},
                      {"us", layer.us},
                      {"share", layer.share},
                      {"macs", layer.macs},
                      {"kernels", layer.kernels}});
  return {{"isa", to_string(r.isa)},
          {"threads", r.threads},
          {"batch", r.batch},
          {"runs", r.runs},
          {"open_ms", r.open_ms},
          {"min_ms", r.min_ms},
          {"median_ms", r.median_ms},
          {"p90_ms", r.p90_ms},
          {"frames_per_second", r.frames_per_second},
          {"macs", r.macs},
          {"giga_macs_per_second", r.giga_macs_per_second},
          {"fraction_of_peak", r.fraction_of_peak},
          {"layers", layers}};
}

void print(const BenchReport& r, std::size_t limit) {
  print_line(cat(to_string(r.isa), ", ", r.threads, " threads, batch ", r.batch, ", ", r.runs,
                 " runs; session opens in ", number(r.open_ms), " ms"));
  print_line(cat("latency ms: min ", number(r.min_ms), ", median ", number(r.median_ms), ", p90 ", number(r.p90_ms),
                 "; ", number(r.frames_per_second), " frames/s, ", number(r.giga_macs_per_second), " GMAC/s, ",
                 percent(r.fraction_of_peak), " of this CPU's peak"));
  Table table({"layer", "us", "share", "GMAC/s", "kernel"});
  for (std::size_t i = 0; i < std::min(limit, r.layers.size()); ++i) {
    const LayerTime& layer = r.layers[i];
    table.add({layer.layer, number(layer.us), percent(layer.share),
               layer.us > 0 ? number(static_cast<double>(layer.macs) / layer.us / 1000) : "", layer.kernels[0]});
  }
  table.print();
}

Result<int> bench(Options& options, const Common& common) {
  GRAUPEL_TRY(const ModelFile model, load_model(options.hef));
  if (!model.hef) return invalid("'", options.hef, "' is not a HEF; compile a HAR first");
  GRAUPEL_TRY(const Program* const program, only_program(*model.hef, options.hef));
  options.bench.session.threads = common.threads;
  GRAUPEL_TRY(const BenchReport report, bench_program(*program, options.bench));
  common.json ? print_json(json_of(report)) : print(report, static_cast<std::size_t>(options.layers));
  return kOk;
}

}  // namespace

void add_bench(CLI::App& app, Common& common, Action& action) {
  CLI::App* verb = add_verb(app, common, "bench", "Measure a compiled program");
  auto options = std::make_shared<Options>();
  verb->add_option("hef", options->hef, "The HEF")->required();
  verb->add_option("--batch", options->bench.batch, "Frames per run (default: 1)")->check(CLI::Range(1, 4096));
  verb->add_option("--seconds", options->bench.seconds, "Measuring time (default: 2)")->check(CLI::Range(0.0, 3600.0));
  verb->add_option("--layers", options->layers, "Layers to print (default: the 15 slowest)")
      ->check(CLI::PositiveNumber);
  verb->callback([options, &common, &action] { action = [options, &common] { return bench(*options, common); }; });
}

}  // namespace graupel::cli
