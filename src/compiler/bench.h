// How fast a compiled program runs, and where its time goes.
#pragma once

#include <string>
#include <vector>

#include "program/program.h"
#include "runtime/session.h"

namespace graupel {

struct BenchOptions {
  SessionOptions session;
  int batch = 1;
  double seconds = 2;  ///< measuring time, after a warm-up
};

struct LayerTime {
  std::string layer;
  std::vector<std::string> kernels;
  double us = 0;     ///< per frame
  double share = 0;  ///< of all layers
  int64_t macs = 0;
};

struct BenchReport {
  Isa isa = Isa::kRef;
  int threads = 0, batch = 0, runs = 0;
  double open_ms = 0;                            ///< creating the session
  double min_ms = 0, median_ms = 0, p90_ms = 0;  ///< per run of one batch
  double frames_per_second = 0;                  ///< over the whole measuring time
  int64_t macs = 0;                              ///< of one frame
  double giga_macs_per_second = 0;               ///< at the median
  double fraction_of_peak = 0;                   ///< of the multiplier of all threads; 0 where that is not measured
  std::vector<LayerTime> layers;                 ///< slowest first, from one profiled pass of one frame
};

/// Inputs are codes of a fixed pseudo-random sequence: integer kernels take the same time on any data.
Result<BenchReport> bench_program(const Program& program, const BenchOptions& options);

}  // namespace graupel
