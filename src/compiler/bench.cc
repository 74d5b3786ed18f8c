#include "compiler/bench.h"

#include <algorithm>
#include <chrono>
#include <numeric>
#include <random>

#include "kernels/conv/peak.h"

namespace graupel {
namespace {

using Clock = std::chrono::steady_clock;

double ms_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

struct Frames {
  std::vector<std::vector<uint8_t>> in, out;
  std::vector<const uint8_t*> in_pointers;
  std::vector<uint8_t*> out_pointers;

  Frames(const Program& program, int batch) {
    std::mt19937 random(1);
    for (const Port& port : program.inputs) {
      auto& codes = in.emplace_back(port.type.bytes() * static_cast<std::size_t>(batch));
      std::generate(codes.begin(), codes.end(), [&] { return static_cast<uint8_t>(random()); });
    }
    for (const Port& port : program.outputs) out.emplace_back(port.type.bytes() * static_cast<std::size_t>(batch));
    for (const auto& codes : in) in_pointers.push_back(codes.data());
    for (auto& codes : out) out_pointers.push_back(codes.data());
  }
};

/// The least time of each instruction over a few profiled frames, by layer, slowest first.
Result<std::vector<LayerTime>> profile(Session& session, const Program& program) {
  Frames frames(program, 1);
  session.set_profiling(true);
  std::vector<int64_t> best;
  for (int i = 0; i < 5; ++i) {
    GRAUPEL_DO(session.run(frames.in_pointers, frames.out_pointers, 1));
    const auto ns = session.instr_ns();
    if (best.empty()) best.assign(ns.begin(), ns.end());
    for (std::size_t k = 0; k < ns.size(); ++k) best[k] = std::min(best[k], ns[k]);
  }
  session.set_profiling(false);
  const std::vector<std::string_view> kernels = session.kernel_names();
  std::vector<LayerTime> layers(program.layer_names.size());
  const double total = static_cast<double>(std::accumulate(best.begin(), best.end(), int64_t{0}));
  for (std::size_t i = 0; i < layers.size(); ++i) layers[i].layer = program.layer_names[i];
  for (std::size_t k = 0; k < program.instrs.size(); ++k) {
    LayerTime& layer = layers[program.instrs[k].layer];
    layer.us += static_cast<double>(best[k]) / 1000;
    layer.share += total > 0 ? static_cast<double>(best[k]) / total : 0;
    layer.macs += macs(program.instrs[k]);
    layer.kernels.emplace_back(kernels[k]);
  }
  std::erase_if(layers, [](const LayerTime& layer) { return layer.kernels.empty(); });
  std::stable_sort(layers.begin(), layers.end(), [](const auto& a, const auto& b) { return a.us > b.us; });
  return layers;
}

}  // namespace

Result<BenchReport> bench_program(const Program& program, const BenchOptions& options) {
  if (options.batch < 1) return invalid("batch ", options.batch, " (accepted: 1 or more)");
  BenchReport report;
  const auto opening = Clock::now();
  GRAUPEL_TRY(Session session, Session::create(program, options.session));
  report.open_ms = ms_since(opening);
  report.isa = session.isa();
  report.threads = session.threads();
  report.batch = options.batch;
  Frames frames(program, options.batch);
  GRAUPEL_DO(session.run(frames.in_pointers, frames.out_pointers, options.batch));
  std::vector<double> times;
  const auto begin = Clock::now();
  do {
    const auto start = Clock::now();
    GRAUPEL_DO(session.run(frames.in_pointers, frames.out_pointers, options.batch));
    times.push_back(ms_since(start));
  } while (ms_since(begin) < options.seconds * 1000 || times.size() < 3);
  const double total_ms = ms_since(begin);
  std::sort(times.begin(), times.end());
  report.runs = static_cast<int>(times.size());
  report.min_ms = times.front();
  report.median_ms = times[times.size() / 2];
  report.p90_ms = times[times.size() * 9 / 10];
  report.frames_per_second = static_cast<double>(options.batch) * static_cast<double>(times.size()) / (total_ms / 1000);
  for (const Instr& instr : program.instrs) report.macs += macs(instr);
  report.giga_macs_per_second = static_cast<double>(report.macs) * options.batch / (report.median_ms * 1e6);
  const double peak = peak_macs_per_second(report.isa) * report.threads;
  if (peak > 0) report.fraction_of_peak = report.giga_macs_per_second * 1e9 / peak;
  GRAUPEL_TRY(report.layers, profile(session, program));
  return report;
}

}  // namespace graupel
